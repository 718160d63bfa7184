"""The requests of infra/smoke: one for each enrollment of the starter tables."""

import csv
import fnmatch
import json
import sys
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

from cloud import ROOT

REQUESTS = ROOT / "infra/smoke-requests"


class SmokeRequests(unittest.TestCase):
    def test_each_enrollment_of_the_starter_tables_has_one(self):
        names = set()
        for path in REQUESTS.glob("*.json"):
            request = json.loads(path.read_text())
            context = request["deviceRuntimeContext"]
            group = request.get("enrollmentGroup", {})
            names.add(group.get("enrollmentGroupId", context["registrationId"]))
            self.assertNotIn("currentIotHubHostName", context, "a device that DPS has not seen")
        with open(ROOT / "infra/policy/enrollments.csv", newline="") as table:
            rows = list(csv.DictReader(line for line in table if not line.startswith("#")))
        self.assertGreater(len(rows), 3)
        for row in rows:
            self.assertTrue(fnmatch.filter(names, row["RowKey"]), row["RowKey"])


def smoke():
    """infra/smoke as a module; its name has no ending."""
    sys.path.insert(0, str(ROOT / "infra"))
    loader = SourceFileLoader("smoke", str(ROOT / "infra/smoke"))
    module = module_from_spec(spec_from_loader("smoke", loader))
    loader.exec_module(module)
    return module


class HubNames(unittest.TestCase):
    """A hub has two host names for devices."""

    def test_both_names_of_a_hub_are_one(self):
        hub_name = smoke().hub_name
        for cloud in ("net", "us", "cn"):
            for name in (f"Weu-1.azure-devices.{cloud}", f"weu-1.Device.azure-devices.{cloud}"):
                self.assertEqual(hub_name(name), f"weu-1.azure-devices.{cloud}")
        for name in ("hub.device.rig.example", "a.b.device.azure-devices.net",
                     "weu.service.azure-devices.net", "device.azure-devices.net"):
            self.assertEqual(hub_name(name), name)

    def test_an_answer_names_the_same_hub_in_the_spelling_of_linked_hubs(self):
        classic, device = "weu.azure-devices.net", "weu.device.azure-devices.net"

        def wrong(theirs, ours, linked):
            explanation = {"reason": "weighted", "response": {"iotHubHostName": ours}}
            answer = {"reason": "weighted", "status": 200, "body": {"iotHubHostName": theirs}}
            return list(smoke().differences("pump", explanation, answer, linked))

        self.assertEqual(wrong(classic, classic, [classic]), [])
        self.assertEqual(wrong(device, classic, [classic, device]), [])
        self.assertIn("spells otherwise", wrong(classic, device, [device])[0])
        self.assertIn("not `neu", wrong(device, "neu.azure-devices.net", [device])[0])
        self.assertIn("hub `None`", wrong(None, device, [device])[0])


if __name__ == "__main__":
    unittest.main()
