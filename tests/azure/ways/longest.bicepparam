// No always-ready instance, and every name as long as it may be.
using '../../../infra/azure/main.bicep'

param name = 'abcdefghijklmnopqrstuvwx'
param suffix = 'abcdefghijklm'
param tablePrefix = 'Abcdefghijklmnopqrstuvwxyzabcdefghijklmn'
param alwaysReadyInstances = 0
param provisioningService = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl'
