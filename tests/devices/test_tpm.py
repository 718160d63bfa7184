"""Devices with a TPM: the SDK for Node.js, as it is, at the software TPM of Debian."""

import contextlib
import subprocess
import tempfile
import time
from pathlib import Path

from local import HERE, HUBS, Local

NODE = ["node", str(HERE / "node/device.js")]
ENROLL = ["node", str(HERE / "node/enroll_tpm.js")]


@contextlib.contextmanager
def software_tpm():
    """The socket of a TPM that nobody has used."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "socket"
        tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}", "--server",
                                f"type=unixio,path={socket}", "--flags", "not-need-init,startup-clear",
                                "--log", f"file={folder}/log"])
        try:
            while not socket.exists():
                assert tpm.poll() is None, "swtpm ends"
                time.sleep(0.01)
            yield str(socket)
        finally:
            tpm.kill()
            tpm.wait()


class Tpm(Local):
    def enroll(self, registration_id, tpm, **more):
        """An individual enrollment with the keys of a TPM; they are printed as the service shows them."""
        return self.run_sdk(*ENROLL, registrationId=registration_id, tpm=tpm, enrollment=self.custom, **more)

    def check(self, registration_id, transport, **more):
        """A device registers, and again for the other hub; each time it signs in at the hub with the key in its TPM."""
        with software_tpm() as tpm:
            self.enroll(registration_id, tpm, **more)
            for hub, substatus in ((1, "initialAssignment"), (0, "deviceDataMigrated")):
                got = self.run_sdk(*NODE, registrationId=registration_id, tpm=tpm, transport=transport,
                                   payload={"hub": hub})
                self.assertEqual(got["hub"], HUBS[hub], got)
                self.assertEqual(got["substatus"], substatus)
                self.assertEqual(got["desired"]["placedOn"], HUBS[1], "the twin is migrated")

    def test_http(self):
        self.check("tpm-http", "http")

    def test_http_with_a_stated_storage_root_key(self):
        self.check("tpm-http-srk", "http", withStorageRootKey=True)

    def test_amqp(self):
        self.check("tpm-amqp", "amqp")

    def test_amqp_websocket(self):
        self.check("tpm-amqp-ws", "amqp-ws")

    def test_another_tpm_is_refused(self):
        with software_tpm() as enrolled, software_tpm() as other:
            self.enroll("tpm-other", enrolled)
            got = self.run_sdk(*NODE, registrationId="tpm-other", tpm=other, transport="http")
            self.assertIn("refused", got)
            got = self.run_sdk(*NODE, registrationId="tpm-other", tpm=enrolled, transport="http")
            self.assertEqual(got["hub"], HUBS[0])
