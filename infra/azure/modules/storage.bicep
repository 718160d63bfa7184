// The storage account: the app's package and keys as blobs, the config tables, who may use them, and
// where changes of the tables are recorded.

import { Tags, OperatorType } from '../types.bicep'

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param accountName string

@description('Region of the account.')
param location string

@description('Tags of the account.')
param tags Tags

@description('Redundancy of the account.')
param sku string

@description('First part of the names of the config tables.')
param tablePrefix string

@description('Name of the identity that the Functions host uses: for the package and its own blobs.')
param hostIdentityName string

@description('Name of the identity that the webhook uses: for the config tables.')
param tablesIdentityName string

@description('Name of the workspace that stores the record of changes of the tables.')
param workspaceName string

@description('Object id of the operator, who may edit the config tables. Empty: no role is assigned.')
param operatorId string

@description('Type of the operator.')
param operatorType OperatorType

// As dps-policy-store names them behind the prefix.
var configTables = ['Hubs', 'Enrollments', 'Tenants', 'Rules', 'Rollouts', 'Latency', 'Twins', 'Devices']
var revisionsTable = 'Revisions'

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var tableDataReader = '76199698-9eea-4c19-bc75-cec21354c6b6'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  // checkov:skip=CKV_AZURE_35: an app outside of a virtual network, and operators, come from public addresses
  // checkov:skip=CKV_AZURE_59: the same; reading takes a role, no blob is public, no key is accepted
  // checkov:skip=CKV_AZURE_206: the deployment chooses; what is in it can be made again by a push and a deployment
  // checkov:skip=CKV_AZURE_43: the name is made of a prefix and uniqueString, both lower-case letters and digits
  name: accountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'packages'
  properties: {
    publicAccess: 'None'
  }
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource config 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for table in configTables: {
    parent: tableService
    name: '${tablePrefix}${table}'
  }
]

resource revisions 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = {
  parent: tableService
  name: '${tablePrefix}${revisionsTable}'
}

// Who wrote and deleted which row, and when. Everybody who may write to the revisions table can edit the
// history there, but not this record.
resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

// The version that Azure Monitor documents; the only one that is not a preview is of 2016.
#disable-next-line use-recent-api-versions
resource tableAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: tableService
  name: 'table-changes'
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

resource hostIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: hostIdentityName
}

resource tablesIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: tablesIdentityName
}

// The names of assignments come from resource ids, which are known before the deployment, so that
// `what-if` predicts them. The host keeps function keys and its own state in containers that it creates itself.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, hostIdentity.id, blobDataOwner)
  properties: {
    principalId: hostIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
  }
}

resource webhookReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (table, index) in configTables: {
    scope: config[index]
    name: guid(config[index].id, tablesIdentity.id, tableDataReader)
    properties: {
      principalId: tablesIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataReader)
    }
  }
]

// The webhook stores each policy that it installs: it inserts rows there and never replaces one.
resource webhookKeeps 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: revisions
  name: guid(revisions.id, tablesIdentity.id, tableDataContributor)
  properties: {
    principalId: tablesIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
  }
}

resource operatorEdits 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (table, index) in configTables: if (!empty(operatorId)) {
    scope: config[index]
    name: guid(config[index].id, operatorId, tableDataContributor)
    properties: {
      principalId: operatorId
      principalType: operatorType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
    }
  }
]

resource operatorKeeps 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  scope: revisions
  name: guid(revisions.id, operatorId, tableDataContributor)
  properties: {
    principalId: operatorId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
  }
}

@description('URL of the blobs, with a slash at the end.')
output blobServiceUri string = account.properties.primaryEndpoints.blob

@description('Container of the deployment package.')
output deploymentContainer string = packages.name

@description('URL of the tables, without a slash at the end.')
output tableServiceUri string = 'https://${account.name}.table.${environment().suffixes.storage}'
