"""`dps-local snippet` and `dps-local certificate`: what they print and write works with the SDKs as it is."""

import contextlib
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from local import HERE, PROGRAM, TARGET, run, run_sdk, started

PYTHON = str(TARGET / "devices-python/bin/python")


class AtAService(unittest.TestCase):
    """That was started with nothing but the folder to keep its data in, and a signing certificate."""

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            cls.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            cls.made = cls.program("certificate", "pump-1", "--unit", "tenant-a").stdout
            cls.facts = started(stack, cls.folder, "--signing-certificate", "dps-local-certificates/signing_.pem")
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def program(cls, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=cls.folder, capture_output=True, text=True)

    def check(self, sdk, runtime, *said):
        snippet = self.folder / f"{sdk}.snippet"
        printed = self.program("snippet", sdk)
        self.assertEqual(printed.returncode, 0, printed.stderr)
        snippet.write_text(printed.stdout)
        done = run(runtime, snippet, ca=self.folder / "dps-local-data/ca.pem")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in said:
            self.assertRegex(done.stdout, words)

    def test_python(self):
        self.check("python", PYTHON, "my-device is assigned to contoso-.+-1.azure-devices.net", "its twin is {")

    def test_node_mqtt(self):
        self.check("node-mqtt", "node", "my-device is assigned to contoso-.+-1.azure-devices.net", "its twin is {")

    def test_node_https(self):
        self.check("node-https", "node", "my-device is assigned to contoso-.+-1.azure-devices.net")

    def test_operator(self):
        self.check("operator", "node", "devices is allocated by hashed", "certificates is allocated by hashed")

    def test_a_device_with_a_certificate(self):
        folder = self.folder / "dps-local-certificates"
        files = {name: str(folder / f"pump-1.{kind}")
                 for name, kind in (("certificate", "pem"), ("certificateKey", "key"))}
        got = run_sdk(self.folder, self.facts, PYTHON, str(HERE / "python/device.py"), registrationId="pump-1",
                      transport="mqtt", **files)
        self.assertEqual(got["substatus"], "initialAssignment")
        self.assertIn("Signing certificate  dps-local-certificates/signing_.pem", self.made)
        for path in [folder, *folder.iterdir(), self.folder / "dps-local-data/service.json"]:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    def test_what_cannot_be_done(self):
        long = "x" * 65
        for arguments, error in (
            (["certificate", "pump-1"], "`dps-local-certificates/pump-1.key`, which has to be a new file"),
            (["certificate", "../pump"], "`../pump` may have letters, digits"),
            (["certificate", long], "its common name has 64 characters at most"),
            (["snippet", "python", "--folder", "none"], "start the service first, without --ephemeral"),
            (["--ephemeral", "--signing-certificate", "none.pem"], "cannot read `none.pem`"),
        ):
            done = self.program(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(error, done.stderr)


if __name__ == "__main__":
    unittest.main()
