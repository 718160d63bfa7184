// An operator who lists enrollment groups. It needs: npm install azure-iot-provisioning-service
const fs = require('fs');
const https = require('https');

// Names of Azure do not lead to this machine.
https.globalAgent = new https.Agent({ host: '{{address}}', port: {{httpsPort}}, ca: fs.readFileSync('{{authority}}') });
const { ProvisioningServiceClient } = require('azure-iot-provisioning-service');

const client = ProvisioningServiceClient.fromConnectionString('{{connectionString}}');
client.createEnrollmentGroupQuery({ query: 'SELECT * FROM enrollmentGroups' }, 10).next().then(({ responseBody }) =>
  responseBody.forEach((group) => console.log(group.enrollmentGroupId, 'is allocated by', group.allocationPolicy)));
