// A group of operators, and action groups that alerts tell.
using '../../../infra/azure/main.bicep'

param operatorId = '33333333-3333-3333-3333-333333333333'
param operatorType = 'Group'
param actionGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/night'
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/day'
]
