// A Device Provisioning Service and the hubs linked to it. Enrollments are not resources of Azure
// Resource Manager: infra/azure/deploy writes them.

@description('Name of the service; global.')
@minLength(3)
@maxLength(64)
param name string

@description('Region of the service.')
param location string

@description('Tags of the service.')
param tags object

@description('IoT hubs of this subscription: [{ name, resourceGroup, location }].')
param linkedHubs array

// DPS signs in to the hubs with this policy of theirs; the keys go from hub to DPS and nowhere else.
var hubPolicy = 'iothubowner'
var hubVersion = '2023-06-30'

resource service 'Microsoft.Devices/provisioningServices@2021-10-15' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'S1'
    capacity: 1
  }
  properties: {
    // What enrollments without a policy of their own do.
    allocationPolicy: 'Hashed'
    iotHubs: [for hub in linkedHubs: {
      location: hub.location
      // Of this policy by its name; a symbol would answer the keys of all, in no said order.
      #disable-next-line use-resource-symbol-reference
      connectionString: 'HostName=${hub.name}.azure-devices.net;SharedAccessKeyName=${hubPolicy};SharedAccessKey=${listKeys(resourceId(hub.resourceGroup, 'Microsoft.Devices/IotHubs/IotHubKeys', hub.name, hubPolicy), hubVersion).primaryKey}'
    }]
  }
}

@description('What devices name the service by.')
output idScope string = service.properties.idScope
