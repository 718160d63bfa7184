// An operator who enrolls a device by the keys of its TPM, with the service SDK for Node.js.
const dns = require('dns');
const https = require('https');
const { promisify } = require('util');

const operator = JSON.parse(process.argv[2]);

// What a line of /etc/hosts would do.
const lookUp = dns.lookup;
dns.lookup = (host, ...rest) => lookUp(host.endsWith('.net') ? operator.address : host, ...rest);
// The port is 443 otherwise, which needs root.
https.globalAgent = new https.Agent({ port: operator.httpsPort });

const { ProvisioningServiceClient } = require('azure-iot-provisioning-service');
const { securityClient } = require('./tpm');

async function run() {
  const tpm = securityClient(operator.tpm);
  const key = async (which) => (await promisify(tpm[which].bind(tpm))()).toString('base64');
  const keys = { endorsementKey: await key('getEndorsementKey') };
  if (operator.withStorageRootKey) keys.storageRootKey = await key('getStorageRootKey');
  const { registrationId, enrollment } = operator;
  const client = ProvisioningServiceClient.fromConnectionString(operator.connectionString);
  const put = await client.createOrUpdateIndividualEnrollment({
    registrationId, attestation: { type: 'tpm', tpm: keys }, ...enrollment,
  });
  return put.responseBody.attestation;
}

run().then((result) => { console.log(JSON.stringify(result)); process.exit(0); },
  (error) => { console.error(error); process.exit(1); });
