// A device with the SDKs for Node.js: registers over HTTPS, MQTT, AMQP, or one of those over WebSocket; connects to its hub over
// MQTT, reads its twin, reports, sends a message.
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
const security = credential();

function credential() {
  if (device.tpm) return require('./tpm').securityClient(device.tpm, device.registrationId);
  if (device.key) return new SymmetricKeySecurityClient(device.registrationId, device.key);
  return new X509Security(device.registrationId, x509);
}

// The device at the hub that it was given.
function connection(state) {
  const transport = device.transport.endsWith('-ws') ? MqttWs : Mqtt;
  if (device.tpm) {
    const { TpmAuthenticationProvider } = require('azure-iot-security-tpm');
    const provider = TpmAuthenticationProvider.fromTpmSecurityClient(state.deviceId, state.assignedHub, security);
    return Client.fromAuthenticationProvider(provider, transport);
  }
  const name = `HostName=${state.assignedHub};DeviceId=${state.deviceId};`;
  return Client.fromConnectionString(name + (device.key ? `SharedAccessKey=${device.key}` : 'x509=true'), transport);
}

function transport() {
  if (device.transport === 'mqtt') return new (require('azure-iot-provisioning-device-mqtt').Mqtt)();
  if (device.transport === 'amqp') return new (require('azure-iot-provisioning-device-amqp').Amqp)();
  if (device.transport === 'amqp-ws') return new (require('azure-iot-provisioning-device-amqp').AmqpWs)();
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
    const result = await client.register();
    // With a TPM it is the whole answer.
    state = result.registrationState || result;
  } catch (error) {
    return { refused: error.name || error.condition };
  }
  const hub = connection(state);
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
