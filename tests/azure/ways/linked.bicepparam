// With a Device Provisioning Service and two hubs in another resource group.
using '../../../infra/azure/main.bicep'

param provisioningService = 'contoso-dps'
param linkedHubs = [
  {
    name: 'contoso-weu-1'
    resourceGroup: 'hubs'
    location: 'westeurope'
  }
  {
    name: 'contoso-eus-1'
    resourceGroup: 'hubs'
    location: 'eastus'
  }
]
