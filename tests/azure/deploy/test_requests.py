"""The requests in infra/requests: one for each enrollment of the starter tables."""

import csv
import fnmatch
import json
import unittest

from cloud import ROOT

REQUESTS = ROOT / "infra/requests"


class Requests(unittest.TestCase):
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


if __name__ == "__main__":
    unittest.main()
