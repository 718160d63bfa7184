// The function app on a Flex Consumption plan, with the webhook as its custom handler.

import { Tags } from '../types.bicep'

@description('Name of the function app; global.')
@minLength(2)
@maxLength(60)
param name string

@description('Region of plan and app.')
param location string

@description('Tags of plan and app.')
param tags Tags

@description('Version of the stack `custom`.')
param handlerVersion string

@description('Instances that always run.')
param alwaysReadyInstances int

@description('Maximum number of instances.')
param maximumInstances int

@description('Memory of an instance in MB.')
param instanceMemoryMB int

@description('Requests that one instance handles at once.')
param httpConcurrency int

@description('Name of the identity that the Functions host uses: for the package and its own blobs.')
param hostIdentityName string

@description('Name of the identity that the webhook uses: for the config tables.')
param tablesIdentityName string

@description('URL of the blobs, with a slash at the end.')
param blobServiceUri string

@description('Container of the deployment package.')
param deploymentContainer string

@description('URL of the config tables.')
param tableServiceUri string

@description('First part of the names of the config tables.')
param tablePrefix string

@description('Seconds between two polls of the config tables.')
param policyRefreshSeconds int

@description('Name of the Application Insights component.')
param insightsName string

@description('Key by which log and spans tell a hash of registration ids; empty: none.')
@secure()
param logIdKey string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource hostIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: hostIdentityName
}

resource tablesIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: tablesIdentityName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  // checkov:skip=CKV_AZURE_225: not every region of Flex Consumption has zones; DPS retries for seven minutes
  name: '${name}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    // Linux.
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  // checkov:skip=CKV_AZURE_222: DPS calls from the internet and not into a virtual network
  // checkov:skip=CKV_AZURE_17: DPS presents no client certificate; it has the function key in the URL
  // checkov:skip=CKV_AZURE_212: always-ready instances are those of functionAppConfig, where a plan of this kind has them
  // checkov:skip=CKV_AZURE_213: the plan has no health check of instances; the host probes the handler itself
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${hostIdentity.id}': {}
      '${tablesIdentity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // DPS calls from the internet; the function key decides who may call.
    publicNetworkAccess: 'Enabled'
    clientAffinityEnabled: false
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobServiceUri}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: hostIdentity.id
          }
        }
      }
      runtime: {
        name: 'custom'
        version: handlerVersion
      }
      scaleAndConcurrency: {
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReadyInstances
              }
            ]
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      remoteDebuggingEnabled: false
      appSettings: [
        {
          name: 'AzureWebJobsStorage__blobServiceUri'
          value: blobServiceUri
        }
        {
          name: 'AzureWebJobsStorage__credential'
          value: 'managedidentity'
        }
        {
          name: 'AzureWebJobsStorage__clientId'
          value: hostIdentity.properties.clientId
        }
        {
          name: 'PolicyTables__tableServiceUri'
          value: tableServiceUri
        }
        {
          name: 'PolicyTables__credential'
          value: 'managedidentity'
        }
        {
          name: 'PolicyTables__clientId'
          value: tablesIdentity.properties.clientId
        }
        {
          name: 'POLICY_TABLE_PREFIX'
          value: tablePrefix
        }
        {
          name: 'POLICY_REFRESH_SECONDS'
          value: string(policyRefreshSeconds)
        }
        {
          name: 'POLICY_CACHE_DIR'
          value: '/tmp/dps-policy'
        }
        {
          name: 'APPLICATIONINSIGHTS_CONNECTION_STRING'
          value: insights.properties.ConnectionString
        }
        {
          // Empty counts as not set.
          name: 'LOG_ID_KEY'
          value: logIdKey
        }
      ]
    }
  }
}

// Deployments sign in with Microsoft Entra, never with a publishing password.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

@description('Name of the function app.')
output name string = app.name

@description('Host name of the functions.')
output hostName string = app.properties.defaultHostName
