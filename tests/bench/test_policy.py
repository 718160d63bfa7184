"""What the benchmark relies on in the tables it writes: `python3 -m unittest` in this folder."""

import csv
import tempfile
import unittest
from pathlib import Path

import policy

LINKED = policy.BODY["linkedHubs"]


def written(write, count):
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), count)
        return {file.stem: list(csv.DictReader(file.read_text().splitlines())) for file in Path(folder).iterdir()}


class Fleet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tables = written(policy.write_tenants, 1000)

    def column(self, table, name):
        return [row[name] for row in self.tables[table]]

    def test_keys_are_unique(self):
        for name, rows in self.tables.items():
            keys = {(row["PartitionKey"], row["RowKey"]) for row in rows}
            self.assertEqual(len(keys), len(rows), name)

    def test_sizes(self):
        self.assertEqual(
            {name: len(rows) for name, rows in self.tables.items()},
            {
                "hubs": 50,
                "enrollments": 1000,
                "tenants": 1000,
                "rules": 2,
                "rollouts": 1,
                "latency": 60 * 50,
                "twins": 0,
                "devices": 0,
            },
        )

    def test_the_body_leads_to_one_tenant(self):
        group = policy.BODY["enrollmentGroup"]["enrollmentGroupId"]
        rows = [row for row in self.tables["enrollments"] if row["RowKey"] == group]
        self.assertEqual([row["tenants"] for row in rows], ["tenant-00001"])
        self.assertEqual(rows[0]["location"], policy.HOME)

    def test_no_expression_is_on_the_way(self):
        on_the_way = [
            row for row in self.tables["rules"] if row["PartitionKey"] in ("*", "tenant-00001")
        ]
        self.assertEqual([row["when"] for row in on_the_way], [""])

    def test_linked_hubs_are_known_and_hold_no_canary(self):
        pools = dict(zip(self.column("hubs", "RowKey"), self.column("hubs", "pools"), strict=True))
        self.assertEqual([pools[hub] for hub in LINKED], ["standard"] * 10)
        self.assertEqual(sorted(set(pools.values())), ["canary", "standard"])

    def test_several_hubs_are_near_enough(self):
        region = dict(
            zip(self.column("hubs", "RowKey"), self.column("hubs", "region"), strict=True)
        )
        trip = {
            row["RowKey"]: int(row["milliseconds"])
            for row in self.tables["latency"]
            if row["PartitionKey"] == policy.HOME
        }

        def near(hubs):
            best = min(trip[region[hub]] for hub in hubs)
            return [hub for hub in hubs if trip[region[hub]] <= best + policy.TOLERANCE_MS]

        self.assertIn(len(near(list(region))), range(5, 21))
        self.assertIn(len(near(LINKED)), range(5, 10))

    def test_every_tenant_named_exists(self):
        self.assertEqual(
            set(self.column("enrollments", "tenants")), set(self.column("tenants", "RowKey"))
        )


class Rows(unittest.TestCase):
    def test_exactly_as_many_as_asked_for(self):
        for count in (57, 100, 1001):
            self.assertEqual(sum(map(len, written(policy.write_rows, count).values())), count)

    def test_too_few_are_refused(self):
        self.assertRaises(ValueError, written, policy.write_rows, 56)


if __name__ == "__main__":
    unittest.main()
