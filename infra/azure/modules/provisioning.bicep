// A Device Provisioning Service and the hubs linked to it. Enrollments are not resources of Azure
// Resource Manager: infra/azure/deploy writes them.

import { LinkedHub, Tags } from '../types.bicep'

@description('Name of the service; global.')
@minLength(3)
@maxLength(64)
param name string

@description('Region of the service.')
param location string

@description('Tags of the service.')
param tags Tags

@description('IoT hubs of this subscription that the service may answer with.')
param linkedHubs LinkedHub[]

@description('Shared access policy of the hubs that links use. Empty: the service signs in with its identity.')
@maxLength(64)
param linkPolicy string

var linksByKey = !empty(linkPolicy)

// The policy of enrollments that set none.
var allocationPolicy = 'Hashed'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (!linksByKey) {
  name: '${name}-identity'
  location: location
  tags: tags
}

module access 'hub-access.bicep' = [
  for hub in linkedHubs: if (!linksByKey) {
    name: 'access-${hub.name}'
    scope: resourceGroup(hub.resourceGroup)
    params: {
      hubName: hub.name
      identityName: '${name}-identity'
      identityResourceGroup: resourceGroup().name
    }
    dependsOn: [
      identity
    ]
  }
]

// Links by identity are in preview versions only.
resource service 'Microsoft.Devices/provisioningServices@2026-03-01-preview' = if (!linksByKey) {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'S1'
    capacity: 1
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    allocationPolicy: allocationPolicy
    iotHubs: [
      for hub in linkedHubs: {
        location: hub.location
        hostName: '${hub.name}.azure-devices.net'
        authenticationType: 'UserAssigned'
        selectedUserAssignedIdentityResourceId: identity.id
      }
    ]
  }
  dependsOn: [
    access
  ]
}

resource hubs 'Microsoft.Devices/IotHubs@2023-06-30' existing = [
  for hub in linkedHubs: {
    name: hub.name
    scope: resourceGroup(hub.resourceGroup)
  }
]

// For subscriptions that do not allow previews. The keys go from the hub to the service and nowhere else.
resource serviceByKey 'Microsoft.Devices/provisioningServices@2022-12-12' = if (linksByKey) {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'S1'
    capacity: 1
  }
  properties: {
    allocationPolicy: allocationPolicy
    iotHubs: [
      for (hub, index) in linkedHubs: {
        location: hub.location
        connectionString: 'HostName=${hub.name}.azure-devices.net;SharedAccessKeyName=${linkPolicy};SharedAccessKey=${filter(hubs[index].listkeys().value, key => key.keyName == linkPolicy)[0].primaryKey}'
      }
    ]
  }
}

@description('The id by which devices name the service.')
output idScope string = linksByKey ? serviceByKey!.properties.idScope : service!.properties.idScope
