// The SDK's client of a TPM, at a software TPM that listens on a socket: the SDK knows those of Linux and Windows, and a
// simulator.
const net = require('net');
const { Tpm } = require('tss.js');
const { TpmSecurityClient } = require('azure-iot-security-tpm');

const HEADER = 10;

class Swtpm {
  constructor(path) { this.path = path; }

  connect(done) { this.socket = net.connect(this.path, () => done()); }

  dispatchCommand(command, done) {
    let answer = Buffer.alloc(0);
    const read = (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length < HEADER || answer.length < answer.readUInt32BE(2)) return;
      this.socket.removeListener('data', read);
      done(null, answer);
    };
    this.socket.on('data', read);
    this.socket.write(command);
  }

  close() { this.socket.destroy(); }
}

module.exports.securityClient = (path, registrationId) => {
  const tpm = new Tpm();
  tpm.device = new Swtpm(path);
  return new TpmSecurityClient(registrationId, tpm);
};
