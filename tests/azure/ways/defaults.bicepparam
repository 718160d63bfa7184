// As infra/azure/deploy without any parameter of its own.
using '../../../infra/azure/main.bicep'

param operatorId = '11111111-1111-1111-1111-111111111111'
