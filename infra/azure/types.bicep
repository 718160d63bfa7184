// Types that parameters share: a misspelt member is found before anything is deployed.

@export()
@description('Tags of resources, by name.')
type Tags = {
  *: string
}

@export()
@description('An IoT hub of this subscription that the Device Provisioning Service may answer with.')
@sealed()
type LinkedHub = {
  @description('Name of the hub, without a domain.')
  @minLength(3)
  @maxLength(50)
  name: string

  @description('Resource group of the hub.')
  @minLength(1)
  @maxLength(90)
  resourceGroup: string

  @description('Region of the hub.')
  location: string
}

@export()
@description('The operator, who edits the config tables.')
type OperatorType = 'User' | 'Group' | 'ServicePrincipal'

@export()
@description('Resource ids of action groups.')
type ActionGroupIds = string[]
