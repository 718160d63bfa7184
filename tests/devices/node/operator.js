// An operator with the service SDK for Node.js: creates an individual enrollment, reads it, lists, and deletes it.
const dns = require('dns');
const https = require('https');

const operator = JSON.parse(process.argv[2]);

// What a line of /etc/hosts would do.
const lookUp = dns.lookup;
dns.lookup = (host, ...rest) => lookUp(host.endsWith('.net') ? operator.address : host, ...rest);
// The port is 443 otherwise, which needs root.
https.globalAgent = new https.Agent({ port: operator.httpsPort });

const { ProvisioningServiceClient } = require('azure-iot-provisioning-service');

async function run() {
  const client = ProvisioningServiceClient.fromConnectionString(operator.connectionString);
  const put = await client.createOrUpdateIndividualEnrollment({
    registrationId: 'from-node', attestation: { type: 'symmetricKey' }, initialTwin: { tags: { made: 'by Node' } },
  });
  const got = await client.getIndividualEnrollment('from-node');
  const keys = await client.getIndividualEnrollmentAttestationMechanism('from-node');
  const query = client.createIndividualEnrollmentQuery({ query: 'SELECT * FROM enrollments' }, 10);
  const listed = await query.next();
  const groups = await client.createEnrollmentGroupQuery({ query: 'SELECT * FROM enrollmentGroups' }, 1);
  const first = await groups.next();
  await client.deleteIndividualEnrollment('from-node', put.responseBody.etag);
  return {
    tags: got.responseBody.initialTwin.tags, etag: put.responseBody.etag === got.responseBody.etag,
    keyLength: keys.responseBody.symmetricKey.primaryKey.length,
    listed: listed.responseBody.map((it) => it.registrationId), groups: first.responseBody.length,
    more: groups.hasMoreResults,
  };
}

run().then((result) => { console.log(JSON.stringify(result)); process.exit(0); },
  (error) => { console.error(error); process.exit(1); });
