// A device with the SDKs for Node.js: registers over HTTPS, MQTT or MQTT over WebSocket, connects to its hub, reads its twin, reports,
// sends a message.
const dns = require('dns');
const fs = require('fs');
const https = require('https');
const tls = require('tls');

const device = JSON.parse(process.argv[2]);

// What a line of /etc/hosts would do.
const lookUp = dns.lookup;
dns.lookup = (host, ...rest) => lookUp(host.endsWith('.net') ? device.address : host, ...rest);

// WebSockets insist on 443, which needs root.
const connect = tls.connect;
tls.connect = (options, ...rest) => connect(
  options.port === 443 || options.port === '443' ? { ...options, port: device.httpsPort } : options, ...rest);

const { ProvisioningDeviceClient } = require('azure-iot-provisioning-device');
const { SymmetricKeySecurityClient } = require('azure-iot-security-symmetric-key');
const { X509Security } = require('azure-iot-security-x509');
const { Client, Message } = require('azure-iot-device');
const { Mqtt, MqttWs } = require('azure-iot-device-mqtt');

const x509 = device.certificate && {
  cert: fs.readFileSync(device.certificate, 'utf8'), key: fs.readFileSync(device.certificateKey, 'utf8'),
};
const security = device.key
  ? new SymmetricKeySecurityClient(device.registrationId, device.key)
  : new X509Security(device.registrationId, x509);

function transport() {
  if (device.transport === 'mqtt') return new (require('azure-iot-provisioning-device-mqtt').Mqtt)();
  if (device.transport === 'mqtt-ws') return new (require('azure-iot-provisioning-device-mqtt').MqttWs)();
  // The port is 443 otherwise, which needs root.
  const http = new (require('azure-iot-http-base').Http)();
  http.setOptions({ http: { agent: new https.Agent({ port: device.httpsPort }) } });
  return new (require('azure-iot-provisioning-device-http').Http)(http);
}

async function run() {
  const host = 'global.azure-devices-provisioning.net';
  const client = ProvisioningDeviceClient.create(host, device.idScope, transport(), security);
  if (device.payload) client.setProvisioningPayload(device.payload);
  let state;
  try {
    state = await client.register();
  } catch (error) {
    return { refused: error.name };
  }
  const name = `HostName=${state.assignedHub};DeviceId=${state.deviceId};`;
  const hub = Client.fromConnectionString(name + (device.key ? `SharedAccessKey=${device.key}` : 'x509=true'),
    device.transport === 'mqtt-ws' ? MqttWs : Mqtt);
  if (x509) await hub.setOptions(x509);
  await hub.open();
  const twin = await hub.getTwin();
  await new Promise((done, failed) => twin.properties.reported.update(
    { firmware: '1.0' }, (error) => (error ? failed(error) : done())));
  await hub.sendEvent(new Message('hello'));
  const { update, ...desired } = twin.properties.desired;
  await hub.close();
  return { hub: state.assignedHub, substatus: state.substatus, payload: state.payload, desired };
}

run().then((result) => { console.log(JSON.stringify(result)); process.exit(0); },
  (error) => { console.error(error); process.exit(1); });
