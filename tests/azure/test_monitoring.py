"""Workbook and alert rules: whole, with the queries of infra/azure/queries, which a real parser reads."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AZURE = ROOT / "infra/azure"
QUERIES = {path.stem: path.read_text() for path in sorted((AZURE / "queries").glob("*.kql"))}
KUSTO = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "kusto"

# What the webhook sends: names of its own, and constants of the crate of semantic conventions.
FIELDS = (ROOT / "shared/dps-telemetry/src/fields.rs").read_text()
NAMES = set(re.findall(r'"(dps\.[a-z_.]+)"', FIELDS))
CONSTANTS = set(re.findall(r"\b[A-Z_]+\b", "".join(re.findall(r"semantic_conventions::[^;]*", FIELDS))))
# Members of a line of the decision log.
LINE = {"outcome", "reason", "tenant", "hub", "registrationId", "revision"}


def parsed(queries):
    """Errors of each query, by the parser that Azure's own editors use."""
    run = subprocess.run(
        ["node", str(ROOT / "tests/azure/parse.js"), str(KUSTO)],
        input=json.dumps(queries), capture_output=True, text=True, check=False,
    )
    if run.returncode:
        raise AssertionError(f"{run.stderr}\nthe parser is missing? tests/tools kusto")
    return json.loads(run.stdout)


def is_sent(name):
    return name in NAMES or name.replace(".", "_").upper() in CONSTANTS


def workbook():
    return json.loads((AZURE / "workbook.json").read_text())


def rules():
    return json.loads((AZURE / "alerts.json").read_text())["resources"]


class Queries(unittest.TestCase):
    def test_they_parse(self):
        self.assertGreater(len(QUERIES), 10)
        self.assertEqual({name: errors for name, errors in parsed(QUERIES).items() if errors}, {})

    def test_the_parser_finds_what_is_wrong(self):
        wrong = {
            "syntax": "requests | where",
            "table": "request | count",
            "column": "requests | where durations > 1",
            "function": "requests | summarize average(duration)",
        }
        for name, errors in parsed(wrong).items():
            self.assertTrue(errors, name)

    def test_they_name_what_is_sent(self):
        for name, query in QUERIES.items():
            for dimension in re.findall(r'customDimensions\["([^"]+)"\]', query):
                self.assertTrue(is_sent(dimension), f"{name}: {dimension}")
            for member in re.findall(r"\bline\.(\w+)", query):
                self.assertIn(member, LINE, name)
            for named in re.findall(r'"((?:dps|db)\.[a-z_.]+)"', query):
                self.assertTrue(is_sent(named), f"{name}: {named}")

    def test_each_says_what_it_shows_and_is_used(self):
        shown = [item["name"] for item in workbook()["items"]]
        shown += [rule["name"].removeprefix("dps-allocator-") for rule in rules()]
        for name, query in QUERIES.items():
            self.assertRegex(query, r"\A// [A-Z].*\.\n", name)
            self.assertIn(name, shown, "a query that nobody shows")


class Workbook(unittest.TestCase):
    def test_its_queries_are_those_of_the_files(self):
        items = [item for item in workbook()["items"] if item["type"] == 3]
        self.assertGreater(len(items), 10)
        for item in items:
            self.assertEqual(item["content"]["query"], QUERIES[item["name"]], item["name"])
            self.assertEqual(item["content"]["timeContextFromParameter"], "TimeRange")

    def test_each_item_has_a_name_of_its_own(self):
        names = [item["name"] for item in workbook()["items"]]
        self.assertEqual(len(names), len(set(names)))


class Alerts(unittest.TestCase):
    def test_their_queries_are_those_of_the_files(self):
        names = set()
        for rule in rules():
            name = rule["name"].removeprefix("dps-allocator-")
            names.add(name)
            self.assertEqual(rule["type"], "Microsoft.Insights/scheduledQueryRules")
            (criterion,) = rule["properties"]["criteria"]["allOf"]
            self.assertEqual(criterion["query"], QUERIES[name], name)
            # The queries answer a row where there is something to tell.
            self.assertEqual(
                (criterion["timeAggregation"], criterion["operator"], criterion["threshold"]),
                ("Count", "GreaterThan", 0),
            )
        expected = {"alert-refusals", "alert-unavailable", "alert-unauthorized", "alert-policy-rejected",
                    "alert-policy-stale"}
        self.assertEqual(names, expected)

    def test_a_key_that_is_refused_is_told_whoever_answers_401(self):
        query = QUERIES["alert-unauthorized"]
        self.assertIn('resultCode == "401"', query)
        self.assertIn('name == "dps.unauthorized"', query)
        for query in (query, QUERIES["unauthorized"]):
            self.assertIn("union host, webhook", query)

    def test_every_parameter_is_declared_and_used(self):
        text = (AZURE / "alerts.json").read_text()
        declared = set(json.loads(text)["parameters"])
        self.assertEqual(declared, set(re.findall(r"parameters\('(\w+)'\)", text)))


if __name__ == "__main__":
    unittest.main()
