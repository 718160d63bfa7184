// What a Device Provisioning Service may do on a linked hub: write devices and their twins.

@description('Name of the hub, which is in the resource group of this deployment.')
@minLength(3)
@maxLength(50)
param hubName string

@description('Name of the identity of the Device Provisioning Service.')
param identityName string

@description('Resource group of the identity.')
param identityResourceGroup string

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/internet-of-things
var roles = {
  // IoT Hub Registry Contributor: devices.
  registry: '4ea46cd5-c1b2-4a8e-910b-273211f9ce47'
  // IoT Hub Twin Contributor: twins.
  twins: '494bdba2-168f-4f31-a0a1-191d2f7c028c'
}

resource hub 'Microsoft.Devices/IotHubs@2023-06-30' existing = {
  name: hubName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
  scope: resourceGroup(identityResourceGroup)
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    scope: hub
    name: guid(hub.id, identity.id, role.value)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]
