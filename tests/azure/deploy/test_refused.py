"""What the scripts of a deployment refuse, before anything is changed."""

import shutil
import sys
import unittest
from pathlib import Path

from cloud import ROTATE, Cloud


class Refused(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.stop)

    def check(self, run, code, said):
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        self.assertIn(said, run.stdout + run.stderr)
        changed = {"group create", "deployment group create", "functionapp function keys set", "group delete"}
        self.assertFalse(changed & set(self.cloud.commands()))

    def test_dry_run(self):
        run = self.cloud.deploy("--dry-run", "--dps", "my-dps", "--enrollment-group", "my-devices")
        self.check(run, 0, "az deployment group create")
        self.assertIn("--webhook-url @", run.stdout)
        self.assertNotIn("code=", run.stdout)

    def test_dry_run_without_az(self):
        nowhere = {"PATH": f"{self.cloud.folder}/none:{Path(sys.executable).parent}:/usr/bin:/bin"}
        self.assertIsNone(shutil.which("az", path=nowhere["PATH"]))
        for script, *arguments in (
            ("azure/deploy", "--location", "westeurope", "--dps", "d", "--enrollment-group", "e"),
            ("azure/rotate-keys", "--app", "app", "--dps", "d"),
            ("azure/rotate-keys", "--app", "app", "--operator"),
            ("azure/teardown",),
        ):
            run = self.cloud.run(script, "--group", "g", "--dry-run", *arguments, settings=nowhere)
            self.check(run, 0, "--subscription SUBSCRIPTION")
            run = self.cloud.run(script, "--group", "g", *arguments, settings=nowhere)
            self.check(run, 2, "az is not on the PATH")

    def test_a_group_without_a_region(self):
        run = self.cloud.run("azure/deploy", "--group", "none", "--zip", str(self.cloud.folder / "state.json"))
        self.check(run, 2, "name its region with --location")

    def test_an_app_that_is_signed_in(self):
        self.cloud.change(userType="servicePrincipal")
        self.addCleanup(self.cloud.change, userType="user")
        self.cloud.change(groups={"g": {"tags": {}, "apps": {}}})
        self.addCleanup(self.cloud.change, groups={})
        self.check(self.cloud.deploy(), 2, "name its object id with --operator")

    def test_a_group_of_somebody_else(self):
        self.cloud.change(groups={"theirs": {"tags": {"made-by": "them"}, "apps": {}}})
        self.addCleanup(self.cloud.change, groups={})
        self.check(self.cloud.run("azure/teardown", "--group", "theirs", "--yes"), 1, "has no tag made-by")

    def test_the_extension_is_missing(self):
        self.cloud.change(extensions=[])
        self.addCleanup(self.cloud.change, extensions=["azure-iot"])
        self.check(self.cloud.run(*ROTATE, "--url", "http://127.0.0.1:1"), 2, "az extension add")
        self.check(self.cloud.deploy("--dps", "my-dps"), 2, "az extension add")

    def test_wrong_arguments(self):
        self.check(self.cloud.deploy("--enrollment-group", "x"), 2, "need --dps")
        self.check(self.cloud.run(*ROTATE, "--operator"), 2, "or --operator")
        self.check(self.cloud.run("azure/rotate-keys", "--group", "g", "--app", "app"), 2, "name --dps")
        self.check(self.cloud.run("doctor", "http://example.org"), 2, "write https://HOST")
        self.check(self.cloud.run("doctor", "https://example.org/?code=x"), 2, "without a key")
        run = self.cloud.run("doctor", "http://127.0.0.1:1", "infra/policy")
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("bad   reachable: ", run.stdout)


if __name__ == "__main__":
    unittest.main()
