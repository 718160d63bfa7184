"""The staged function app under the Functions host stand-in, asked by dps-local, with SDKs of both example tenants.

Devices land on the hub that the starter tables name, and read from it the twin that these describe.
"""

import contextlib
import csv
import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import GROUP_KEY, HERE, PROGRAM, TARGET, derived, run_sdk, started

PYTHON = [str(TARGET / "devices-python/bin/python"), str(HERE / "python/device.py")]
NODE = ["node", str(HERE / "node/device.js")]
CODE = "kept-between-the-host-and-dps-0123456789"
WEST, EAST, SINGAPORE, TOASTERS, HEATPUMPS = HUBS = [f"contoso-{it}.azure-devices.net" for it in (
    "weu-1", "eus-1", "sea-1", "toasters-hub-1098", "heatpumps-hub-1098")]
# `pump-0101` is in the first half by its bucket, `pump-0102` is not.
PUMPS = ["pump-0043", "pump-0101", "pump-0102", "pump-0103"]
PATIENCE = 60


class App:
    """A copy of the staged app under the host, whose tables can be edited."""

    def __init__(self, stack, folder):
        self.root = folder / "app"
        shutil.copytree(TARGET / "funcapp", self.root)
        keys = folder / "keys.json"
        keys.write_text(json.dumps({"masterKey": CODE, "functionKeys": {"default": CODE}}))
        host = subprocess.Popen(
            [TARGET / "debug/functions-host", "--script-root", self.root, "--port", "0", "--auth-keys", keys,
             "--setting", "POLICY_REFRESH_SECONDS=1"], stdout=subprocess.PIPE, text=True)
        stack.callback(host.stdout.close)
        stack.callback(host.wait)
        stack.callback(host.terminate)
        found = {}
        for line in host.stdout:
            if endpoint := re.match(r"\t(\w+): \[.*\] (http://\S+)", line):
                found[endpoint[1]] = endpoint[2].replace("localhost", "127.0.0.1")
            elif found and not line.strip():
                break
        threading.Thread(target=lambda: list(host.stdout), daemon=True).start()
        self.allocate = f"{found['allocate']}?code={CODE}"
        self.policy = f"{found['policy']}?code={CODE}"
        self.installed_after(None)

    def revision(self):
        """None while no policy is loaded."""
        try:
            with urllib.request.urlopen(self.policy, timeout=5) as answer:
                return json.load(answer)["revision"]
        except OSError:
            return None

    def installed_after(self, revision):
        end = time.monotonic() + PATIENCE
        while self.revision() in (None, revision):
            assert time.monotonic() < end, "no policy was installed"
            time.sleep(0.1)

    def edit(self, table, row, **cells):
        """As an operator would in a spreadsheet; done when the app decides by it."""
        before, path = self.revision(), self.root / f"infra/policy/{table}.csv"
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        rows = list(csv.DictReader(lines))
        [edited] = [it for it in rows if it["RowKey"] == row]
        assert cells.keys() <= edited.keys(), "a column that there is not"
        edited.update(cells)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, edited.keys())
            writer.writeheader()
            writer.writerows(rows)
        self.installed_after(before)


def seed(url, signing):
    custom = {"allocationPolicy": "custom",
              "customAllocationDefinition": {"webhookUrl": url, "apiVersion": "2021-10-01"}}

    def by_key(key):
        return {"type": "symmetricKey", "symmetricKey": {"primaryKey": key, "secondaryKey": key}}
    certificates = {"type": "x509", "x509": {"signingCertificates": {"primary": {"certificate": signing}}}}
    return {
        "linkedHubs": [{"name": hub} for hub in HUBS],
        "enrollmentGroups": [
            {"enrollmentGroupId": "contoso-custom-allocated-devices", "attestation": by_key(GROUP_KEY)} | custom,
            {"enrollmentGroupId": "contoso-factory-x509", "attestation": certificates} | custom,
        ],
        # With keys that are easy to compute.
        "enrollments": [{"registrationId": it, "attestation": by_key(derived(it))} | custom for it in PUMPS],
    }


class FunctionApp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            # Beside the staged app, where programs may be run.
            cls.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=TARGET)))
            cls.app = App(stack, cls.folder)
            for device, unit in (("device-05", "tenant-a"), ("office-tstrsd-1", "contoso"), ("device-99", "tenant-b")):
                subprocess.run([PROGRAM, "certificate", device, "--unit", unit, "--folder", cls.folder / "certificates"],
                               check=True, stdout=subprocess.DEVNULL)
            file = cls.folder / "seed.json"
            signing = (cls.folder / "certificates/signing_.pem").read_text()
            file.write_text(json.dumps(seed(cls.app.allocate, signing)))
            cls.facts = started(stack, cls.folder, "--ephemeral", "--mqtt-port", "8883", "--seed", file)
            cls.addClassCleanup(stack.pop_all().close)

    def device(self, sdk, name, transport="mqtt", **more):
        """What a device finds that registers, with its certificate if it has one."""
        pem, key = (self.folder / f"certificates/{name}.{kind}" for kind in ("pem", "key"))
        files = {"certificate": str(pem), "certificateKey": str(key)}
        credential = files if pem.exists() else {"key": derived(name)}
        got = run_sdk(self.folder, self.facts, *sdk, registrationId=name, transport=transport, **credential, **more)
        got.get("desired", {}).pop("$version", None)
        return got

    def check(self, *devices):
        """Each registers, all at once; `expected` is what it finds."""
        with ThreadPoolExecutor() as pool:
            found = [(pool.submit(self.device, *named, **how), expected) for *named, how, expected in devices]
            for got, expected in found:
                got = got.result()
                self.assertEqual({name: got.get(name) for name in expected}, expected, got)

    def test_devices_of_both_tenants_and_an_edit(self):
        toaster = {"state": "ready", "darknessSetting": "medium"}
        west = {"payload": {"region": "eu-west"}}
        welcome = {"tenant": "tenant-a", "greeting": "welcome pump-0101"}
        self.check(
            (PYTHON, "kitchen-tstrsd-1", {"payload": {"MyDeviceFirmwareVersion": "12.0.2.5"}},
             {"hub": TOASTERS, "desired": toaster | {"firmware": "12.0.2.5"}, "substatus": "initialAssignment"}),
            (NODE, "cellar-hpsd-1", "http", {},
             {"hub": HEATPUMPS, "desired": {"state": "ready", "temperatureSetting": 65}}),
            (NODE, "office-tstrsd-1", {}, {"hub": TOASTERS, "desired": toaster}),
            (PYTHON, "device-05", {}, {"hub": WEST, "desired": {"telemetryIntervalSec": 30}}),
            (PYTHON, "pump-0043", "mqtt-ws", {}, {"hub": SINGAPORE, "desired": {"telemetryIntervalSec": 30}}),
            (NODE, "pump-0101", west, {"hub": WEST, "desired": {"telemetryIntervalSec": 30}, "payload": welcome}),
            (NODE, "pump-0102", "mqtt-ws", west, {"hub": WEST}),
        )
        # The enrollment allows the tenants `tenant-a` and `contoso`; the rule is one of every tenant.
        refused = {"refused": "ProvisioningRegistrationFailedError"}
        self.check((NODE, "device-99", {}, refused),
                   (NODE, "pump-0103", {"payload": {"quarantine": True}}, refused))

        # A rollout takes half of the devices of a hub at once, and those that do not move keep their twins.
        self.app.edit("rollouts", "2026-q4-spread", steps="2026-01-01=50%")
        self.app.edit("twins", "default", desired='{"telemetryIntervalSec": 60}')
        moved = {"hub": EAST, "substatus": "deviceDataMigrated", "desired": {"telemetryIntervalSec": 30}}
        stayed = {"hub": WEST, "desired": {"telemetryIntervalSec": 30}}
        self.check((NODE, "pump-0101", west, moved), (PYTHON, "pump-0102", west, stayed),
                   (PYTHON, "pump-0103", west, {"hub": WEST, "desired": {"telemetryIntervalSec": 60}}))

        # A rule leads toasters elsewhere; one that has a hub which the rule excludes has to move.
        self.app.edit("rules", "100-toasters", pools="heatpumps")
        self.check((PYTHON, "kitchen-tstrsd-1", {}, {"hub": HEATPUMPS, "substatus": "deviceDataMigrated"}))


if __name__ == "__main__":
    unittest.main()
