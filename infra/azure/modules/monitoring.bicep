// Application Insights with its workspace, the dashboard, and the alert rules of alerts.json.

import { ActionGroupIds, Tags } from '../types.bicep'

@description('First part of the names.')
param name string

@description('Name of the workspace for logs.')
@minLength(4)
@maxLength(63)
param workspaceName string

@description('Name of the Application Insights component.')
@maxLength(260)
param insightsName string

@description('Region of all resources.')
param location string

@description('Tags of all resources.')
param tags Tags

@description('Days for which logs and metrics are stored.')
param retentionDays int

@description('Resource ids of the action groups that alerts notify.')
param actionGroupIds ActionGroupIds

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    retentionInDays: retentionDays
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // The webhook sends with the instrumentation key, which allows writing but not reading.
    DisableLocalAuth: false
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, name, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: name
    serializedData: loadTextContent('../workbook.json')
    sourceId: insights.id
    version: '1.0'
  }
}

module alerts '../alerts.json' = {
  name: 'alerts'
  params: {
    applicationInsightsId: insights.id
    actionGroupIds: actionGroupIds
    location: location
  }
}
