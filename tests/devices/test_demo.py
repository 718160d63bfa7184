"""`dps-local demo`: what it shows is what the starter tables say, before and after the edit."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from local import ROOT, TARGET

PROGRAM = TARGET / "debug" / "dps-local"
WEST, EAST = "contoso-weu-1.azure-devices.net", "contoso-eus-1.azure-devices.net"


def demo(*arguments, program=PROGRAM):
    # Settings of a webhook that its user runs elsewhere do not get in.
    environment = os.environ | {"POLICY_DIR": "/none", "ALLOCATE_KEY_1": "x"}
    return subprocess.run([program, "demo", *arguments], capture_output=True, text=True, timeout=120, env=environment)


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = demo("--json")
        assert done.returncode == 0, done.stderr
        cls.shown = json.loads(done.stdout)
        cls.before, cls.after = ({it["registrationId"]: it for it in cls.shown[when]} for when in ("before", "after"))

    def check(self, device, **expected):
        found = self.before[device]
        self.assertEqual({name: found.get(name) for name in expected}, expected, device)

    def test_devices_are_where_the_tables_say_with_their_twins(self):
        toaster = {"state": "ready", "darknessSetting": "medium", "firmware": "12.0.2.5", "$version": 1}
        self.check("kitchen-tstrsd-1", assignedHub="contoso-toasters-hub-1098.azure-devices.net", tenant="contoso",
                   why="rule 100-toasters matches", desired=toaster, substatus="initialAssignment")
        self.check("office-hpsd-1", assignedHub="contoso-heatpumps-hub-1098.azure-devices.net", tenant="contoso",
                   shows="certificate", desired={"state": "ready", "temperatureSetting": 65, "$version": 1})
        self.check("pump-0043", assignedHub="contoso-sea-1.azure-devices.net", reason="latency", tenant="tenant-a",
                   why="the device's row `sg`: the nearest hub is 3 ms away; up to 18 ms count")
        self.check("tpm-gw-17", assignedHub=WEST, reason="latency", tenant="tenant-a", shows="TPM",
                   why="payload.region `eu-west`: the nearest hub is 9 ms away; up to 24 ms count",
                   desired={"telemetryIntervalSec": 30, "$version": 1})
        self.check("device-05", assignedHub=WEST, reason="weighted", shows="certificate",
                   desired={"telemetryIntervalSec": 30, "$version": 1})

    def test_who_is_refused_is_told_what_dps_tells_and_the_reader_why(self):
        failed = "400207: Custom allocation failed with status code: "
        self.check("pump-0044", error=failed + "423", reason="refusedByRule", assignedHub=None)
        self.check("device-99", error=failed + "403", reason="claimRefused", assignedHub=None)
        self.check("kitchen-tstrsd-9", error="401: Unauthorized access.", reason=None,
                   why="its key is wrong: the webhook is not asked")

    def test_the_edit_moves_a_share_of_one_hub_to_another_and_nobody_else(self):
        moved = {it["registrationId"] for it in self.shown["moved"]}
        of_west = {name for name, it in self.before.items() if it.get("assignedHub") == WEST}
        self.assertIn("canary-2", moved, "the rollout includes it whatever its share")
        self.assertTrue(moved < of_west, moved)
        self.assertIn(len(moved), range(4, 11), f"about half of {len(of_west)}")
        for name, device in self.after.items():
            hub, substatus = device.get("assignedHub"), device.get("substatus")
            if name in moved:
                self.assertEqual((hub, substatus), (EAST, "deviceDataMigrated"), device)
                self.assertEqual(device["why"], "rollout 2026-q4-spread: selects the device, at 50%")
            else:
                self.assertEqual(hub, self.before[name].get("assignedHub"))
            self.assertEqual(device.get("desired"), self.before[name].get("desired"), "twins move along")

    def test_the_readme_shows_what_it_prints(self):
        done = demo()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout + done.stderr, "colours are for terminals")
        self.assertIn("registering 38 devices", done.stderr)
        page = (ROOT / "README.md").read_text()
        [shown] = re.findall(r"dps-local demo\n```\n.*?```text\n(.*?)```", page, re.S)
        lines = iter(done.stdout.splitlines())
        for line in shown.splitlines():
            self.assertTrue(line in ("", "..") or line in lines, f"{line!r} is not printed here")

    def test_without_the_webhook_it_says_how_to_build_it(self):
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(shutil.copy2(PROGRAM, folder))
            done = demo(program=alone)
        self.assertEqual(done.returncode, 1)
        self.assertIn("build it with `cargo build -p dps-webhook`", done.stderr)


if __name__ == "__main__":
    unittest.main()
