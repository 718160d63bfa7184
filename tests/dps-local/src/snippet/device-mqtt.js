// A device that registers and connects to its hub over MQTT. It needs:
//   npm install azure-iot-provisioning-device azure-iot-provisioning-device-mqtt azure-iot-security-symmetric-key azure-iot-device azure-iot-device-mqtt
// Run it with the certificate to trust, which Node.js reads when it starts:
//   NODE_EXTRA_CA_CERTS='{{authority}}' node device.js
const { ProvisioningDeviceClient } = require('azure-iot-provisioning-device');
const { Mqtt: Provisioning } = require('azure-iot-provisioning-device-mqtt');
const { SymmetricKeySecurityClient } = require('azure-iot-security-symmetric-key');
const { Client, Message } = require('azure-iot-device');
const { Mqtt } = require('azure-iot-device-mqtt');

const key = '{{deviceKey}}';
// Names of Azure do not lead to this machine.
const local = '{{mqtt}}';

async function run() {
  const security = new SymmetricKeySecurityClient('{{registrationId}}', key);
  const client = ProvisioningDeviceClient.create(local, '{{idScope}}', new Provisioning(), security);
  const state = await client.register();
  console.log(state.deviceId, 'is assigned to', state.assignedHub);

  const hub = Client.fromConnectionString(`HostName=${state.assignedHub};DeviceId=${state.deviceId};SharedAccessKey=${key};GatewayHostName=${local}`, Mqtt);
  await hub.open();
  const twin = await hub.getTwin();
  console.log('its twin is', JSON.stringify(twin.properties.desired));
  await hub.sendEvent(new Message('hello'));
  await hub.close();
}

run();
