// Defaults for a first deployment; infra/azure/deploy --parameters names another file.
using 'main.bicep'

param name = 'dps-allocator'
param alwaysReadyInstances = 1
param maximumInstances = 40
param instanceMemoryMB = 512
param tags = {
  app: 'dps-allocator'
}
