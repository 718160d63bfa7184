// The webhook in Azure: a Flex Consumption function app with a custom handler, its config tables,
// who may read and write them, and how it is watched. infra/azure/deploy runs it.
targetScope = 'resourceGroup'

import { ActionGroupIds, LinkedHub, OperatorType, Tags } from 'types.bicep'

@description('First part of the names of the resources; the function app is named NAME-SUFFIX.')
@minLength(3)
@maxLength(24)
param name string = 'dps-allocator'

@description('Makes names unique in all of Azure: letters and digits in lower case.')
@minLength(3)
@maxLength(13)
param suffix string = uniqueString(resourceGroup().id)

@description('Region of all resources; Flex Consumption must be offered there.')
param location string = resourceGroup().location

@description('Tags of all resources.')
param tags Tags = {}

@description('Version of the stack `custom`; az functionapp list-flexconsumption-runtimes --runtime custom lists them.')
param handlerVersion string = '1.0'

@description('Instances that always run, so that a registration never waits for a cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 1

@description('Maximum number of instances.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Memory of an instance in MB; the webhook itself needs less than 50.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 512

@description('Requests that one instance handles at once before another instance starts.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 200

@description('Redundancy of the storage account; not every region has zones.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('First part of the names of the config tables: letters and digits.')
@minLength(1)
@maxLength(40)
param tablePrefix string = 'Dps'

@description('Seconds between two polls of the config tables: each poll is eight transactions for each instance.')
@minValue(1)
@maxValue(86400)
param policyRefreshSeconds int = 15

@description('Object id of the user, group or pipeline that may edit the config tables. Empty: no role is assigned.')
param operatorId string = ''

@description('Type of the operator.')
param operatorType OperatorType = 'User'

@description('Resource ids of the action groups that alerts notify. Without one, alerts are only listed.')
param actionGroupIds ActionGroupIds = []

@description('Days for which logs and metrics are stored.')
@minValue(30)
@maxValue(730)
param retentionDays int = 30

@description('Name of a Device Provisioning Service to create. Empty: use one that exists.')
param provisioningService string = ''

@description('IoT hubs to link to the service that is created.')
param linkedHubs LinkedHub[] = []

@description('Shared access policy of the hubs that links use, with RegistryWrite and ServiceConnect. Empty: the service signs in with its identity, which needs a preview version of its API.')
@maxLength(64)
param linkPolicy string = ''

@description('Key of 32 characters or more by which log and spans tell a hash of registration ids. Empty: they tell the ids.')
@secure()
param logIdKey string = ''

// Known before the deployment, so that `what-if` predicts what is named after them.
var hostIdentityName = '${name}-host'
var tablesIdentityName = '${name}-tables'
var workspaceName = '${name}-logs'
var insightsName = '${name}-insights'

// Two, so that the one that the webhook uses cannot replace the webhook's own package.
resource hostIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: hostIdentityName
  location: location
  tags: tags
}

resource tablesIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: tablesIdentityName
  location: location
  tags: tags
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    accountName: 'dpsalloc${suffix}'
    location: location
    tags: tags
    sku: storageSku
    tablePrefix: tablePrefix
    hostIdentityName: hostIdentityName
    tablesIdentityName: tablesIdentityName
    workspaceName: workspaceName
    operatorId: operatorId
    operatorType: operatorType
  }
  dependsOn: [
    hostIdentity
    tablesIdentity
    monitoring
  ]
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: name
    workspaceName: workspaceName
    insightsName: insightsName
    location: location
    tags: tags
    retentionDays: retentionDays
    actionGroupIds: actionGroupIds
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    name: '${name}-${suffix}'
    location: location
    tags: tags
    handlerVersion: handlerVersion
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemoryMB: instanceMemoryMB
    httpConcurrency: httpConcurrency
    hostIdentityName: hostIdentityName
    tablesIdentityName: tablesIdentityName
    blobServiceUri: storage.outputs.blobServiceUri
    deploymentContainer: storage.outputs.deploymentContainer
    tableServiceUri: storage.outputs.tableServiceUri
    tablePrefix: tablePrefix
    policyRefreshSeconds: policyRefreshSeconds
    insightsName: insightsName
    logIdKey: logIdKey
  }
  dependsOn: [
    hostIdentity
    tablesIdentity
    monitoring
  ]
}

module provisioning 'modules/provisioning.bicep' = if (!empty(provisioningService)) {
  name: 'provisioning'
  params: {
    name: provisioningService
    location: location
    tags: tags
    linkedHubs: linkedHubs
    linkPolicy: linkPolicy
  }
}

@description('Name of the function app.')
output functionApp string = app.outputs.name

@description('URL of the functions, without a key.')
output url string = 'https://${app.outputs.hostName}'

@description('Value of PolicyTables__tableServiceUri for operators.')
output tableServiceUri string = storage.outputs.tableServiceUri

@description('Value of POLICY_TABLE_PREFIX for operators.')
output tablePrefix string = tablePrefix
