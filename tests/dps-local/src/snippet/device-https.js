// A device that registers over HTTPS. It needs:
//   npm install azure-iot-provisioning-device azure-iot-provisioning-device-http azure-iot-security-symmetric-key
const fs = require('fs');
const https = require('https');
const { Http: Base } = require('azure-iot-http-base');
const { ProvisioningDeviceClient } = require('azure-iot-provisioning-device');
const { Http } = require('azure-iot-provisioning-device-http');
const { SymmetricKeySecurityClient } = require('azure-iot-security-symmetric-key');

// Names of Azure do not lead to this machine.
const base = new Base();
base.setOptions({ http: { agent: new https.Agent({ host: '{{address}}', port: {{httpsPort}}, ca: fs.readFileSync('{{authority}}') }) } });

const security = new SymmetricKeySecurityClient('{{registrationId}}', '{{deviceKey}}');
const host = 'global.azure-devices-provisioning.net';
ProvisioningDeviceClient.create(host, '{{idScope}}', new Http(base), security).register().then(
  (state) => console.log(state.deviceId, 'is assigned to', state.assignedHub));
