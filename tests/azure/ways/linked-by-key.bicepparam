// As linked, for those who may not use previews: links by a key of a policy of the hubs.
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
param linkPolicy = 'provisioning'
