"""The Bicep files: they parse, name what is declared, and say what the resources' schemas allow."""

import functools
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import pycep

import resource_schema
from bicep_text import Source, lint

ROOT = Path(__file__).resolve().parents[2]
AZURE = ROOT / "infra/azure"
FILES = sorted([AZURE / "main.bicep", *AZURE.glob("modules/*.bicep")])


@functools.cache
def parsed(path):
    return pycep.BicepParser().parse(file_path=path)


def expressions(text):
    """Whether a value of the parser is computed: the parser drops the quotes of strings."""
    source = Source.of(text)
    names = set(source.declared) | set(re.findall(r"\[for +\(?(\w+)", source.code))

    def is_expression(value):
        if isinstance(value, dict):
            computed = {"operator", "function", "loop_type", "condition", "config"}
            return bool(value) and set(value) <= computed
        return isinstance(value, str) and (value in names or "${" in value)

    return is_expression


def loops_and_conditions(config):
    """The body of a resource, whether it stands in a loop, behind a condition, or neither."""
    while "config" in config and set(config) <= {"loop_type", "condition", "config"}:
        config = config["config"]
    return config


def schema_problems(text, resources):
    found, is_expression = [], expressions(text)
    for name, resource in resources.items():
        if resource["existing"]:
            continue
        body = loops_and_conditions(resource["config"])
        kind, version = resource["type"], resource["api_version"]
        found += [f"{name}: {it}" for it in resource_schema.problems(kind, version, body, is_expression)]
        for path in re.findall(rf"\b{name}\.(properties\.[\w.]+)", Source.of(text).code):
            if not resource_schema.answers(kind, path):
                found.append(f"{name}: Azure answers no `{path}`")
    return found


def of_text(text):
    return schema_problems(text, pycep.BicepParser().parse(text=text)["resources"])


class Templates(unittest.TestCase):
    def test_resources_are_as_their_schemas_say(self):
        for path in FILES:
            found = schema_problems(path.read_text(), parsed(path)["resources"])
            self.assertEqual(found, [], path.name)

    def test_alert_rules_are_as_their_schema_says(self):
        for rule in json.loads((AZURE / "alerts.json").read_text())["resources"]:
            found = resource_schema.problems(
                rule["type"], rule["apiVersion"], rule,
                lambda value: isinstance(value, str) and value.startswith("["))
            self.assertEqual(found, [])

    def test_names_are_declared_used_and_described(self):
        for path in FILES:
            self.assertEqual(lint(path.read_text(), path.name), [])

    def test_modules_are_given_what_they_ask_for(self):
        for path in FILES:
            for name, module in parsed(path).get("modules", {}).items():
                given = set(loops_and_conditions(module["config"])["params"])
                needed, known = parameters(path.parent / module["detail"]["path"])
                self.assertLessEqual(given, known, name)
                self.assertLessEqual(needed, given, name)

    def test_outputs_that_are_read_exist(self):
        for path in FILES:
            for name, module in parsed(path).get("modules", {}).items():
                known = parsed(path.parent / module["detail"]["path"]).get("outputs", {}) \
                    if module["detail"]["path"].endswith(".bicep") else {}
                for output in re.findall(rf"\b{name}\.outputs\.(\w+)", path.read_text()):
                    self.assertIn(output, known, name)

    def test_the_parameters_file_sets_what_there_is(self):
        text = (AZURE / "main.bicepparam").read_text()
        self.assertIn("using 'main.bicep'", text)
        _, known = parameters(AZURE / "main.bicep")
        self.assertLessEqual(set(re.findall(r"^param (\w+) = ", text, re.M)), known)

    def test_the_readme_says_what_each_parameter_is(self):
        _, known = parameters(AZURE / "main.bicep")
        _, _, readme = (AZURE / "README.md").read_text().partition("## Parameters\n")
        rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", readme.partition("\n## ")[0], re.M)
        documented = {name for row in rows for name in re.findall(r"\w+", row)}
        self.assertEqual(documented | {"location", "tags"}, known)

    def test_policies(self):
        checkov = Path(sys.executable).with_name("checkov")
        command = [checkov, "--framework", "bicep", "-d", AZURE, "--skip-download", "-o", "json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False,
                             env={**os.environ, "LOG_LEVEL": "ERROR"})
        report = json.loads(run.stdout)
        failed = [(it["check_id"], it["resource"]) for it in report["results"]["failed_checks"]]
        self.assertEqual(failed, [])
        self.assertGreater(report["summary"]["passed"], 10)
        for skipped in report["results"]["skipped_checks"]:
            reason = skipped["check_result"]["suppress_comment"]
            self.assertGreater(len(reason.split()), 5, skipped["check_id"])


class Webhook(unittest.TestCase):
    """What the templates say about the program and its tables."""

    def test_settings_are_those_that_the_webhook_and_the_host_read(self):
        sources = ROOT / "functions/dps-webhook/src"
        help_text = "".join((sources / name).read_text() for name in ("main.rs", "program.rs"))
        site = parsed(AZURE / "modules/app.bicep")["resources"]["app"]["config"]
        names = {item["name"] for item in site["properties"]["siteConfig"]["appSettings"]}
        for name in names:
            if not name.startswith("AzureWebJobsStorage__"):
                member = name.removeprefix("PolicyTables")
                self.assertIn(member, help_text, name)
        self.assertGreater(len(names), 8)
        # The platform knows them from functionAppConfig, and refuses them as settings.
        self.assertFalse(names & {"FUNCTIONS_WORKER_RUNTIME", "WEBSITE_RUN_FROM_PACKAGE"})

    def test_tables_are_those_of_the_store(self):
        names = (ROOT / "shared/dps-policy-store/src/azure/names.rs").read_text()
        expected = re.search(r'"(DpsHubs [\w\s\\]+)"', names)[1].replace("\\", " ").split()
        variables = parsed(AZURE / "modules/storage.bicep")["variables"]
        tables = [*variables["configTables"]["value"], variables["revisionsTable"]["value"]]
        self.assertEqual([f"Dps{table}" for table in tables], expected)

    def test_the_webhook_writes_revisions_and_nothing_else(self):
        resources = parsed(AZURE / "modules/storage.bicep")["resources"]
        writers = set()
        for name, resource in resources.items():
            if resource["type"] == "Microsoft.Authorization/roleAssignments":
                body = loops_and_conditions(resource["config"])
                role = json.dumps(body["properties"]["roleDefinitionId"])
                if "tableDataContributor" in role:
                    writers.add((name, body["scope"], body["properties"]["principalId"]))
        self.assertEqual(writers, {
            ("webhookKeeps", "revisions", "webhookPrincipalId"),
            ("operatorEdits", "account", "operatorId"),
        })


class BadInput(unittest.TestCase):
    """Each check finds what it is there for."""

    def check_schema(self, resource, said):
        text = f"param p string\nresource it {resource}\n"
        self.assertIn(said, "\n".join(of_text(text)))

    def test_schema(self):
        site = "'Microsoft.Web/sites@2024-11-01' = { name: 'x', location: p, properties: { %s } }".replace(", ", "\n")
        cases = [
            (site % "siteConfig: {\n appSettings: [for x in p: {\n nam: x\n }]\n }", "`nam` is not a property"),
            (site % "tags: p == '' ? {} : {\n a: 1\n }", "`tags` is not a property"),
            (site % "functionAppConfig: {\n scaleAndConcurrency: {\n alwaysReady: p == '' ? [] : [\n {\n"
             " nme: 'http'\n }\n ]\n }\n }", "`nme` is not a property"),
            ("'Microsoft.Web/site@2024-11-01' = {\n name: 'x'\n}", "no schema"),
            ("'Microsoft.Web/sites@2022-01-01' = {\n name: 'x'\n location: p\n}", "another API version"),
            ("'Microsoft.Web/sites@2024-11-01' = {\n name: 'x'\n}", "the required `location` is missing"),
            (site % "httpOnly: true", "`httpOnly` is not a property"),
            (site % "httpsOnly: 'yes'", "`yes` is no bool"),
            (site % "state: 'Running'", "only Azure sets it"),
            (site % "siteConfig: {\n ftpsState: 'Off'\n }", "`Off` is none of"),
            (site % "siteConfig: {\n appSettings: {\n a: 'b'\n }\n }", "is not an array"),
            (site % "siteConfig: {\n appSettings: [\n {\n nam: 'b'\n }\n ]\n }", "`nam` is not a property"),
        ]
        for resource, said in cases:
            with self.subTest(said):
                self.check_schema(resource, said)

    def test_schema_of_what_azure_answers(self):
        text = ("resource it 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {\n"
                " name: 'x'\n location: 'y'\n}\noutput a string = it.properties.%s\n")
        self.assertEqual(of_text(text % "clientId"), [])
        self.assertIn("Azure answers no", str(of_text(text % "clientID")))

    def test_lint(self):
        good = "@description('What it is.')\nparam a string\n\n@description('It.')\noutput b string = a\n"
        self.assertEqual(lint(good), [])
        cases = [
            (good.replace("= a", "= c"), "`c` is not declared"),
            (good.replace("= a", "= '${c}'"), "`c` is not declared"),
            (good.replace("= a", "= 'a'"), "param `a` is never used"),
            (good + "var d = 1\n", "var `d` is never used"),
            (good.replace("= a", "= upper(a)"), "`upper` is not a function"),
            (good.replace("@description('What it is.')\n", ""), "`a` has no @description"),
            (good.replace("= a", "= listKeys(a, '2024').key"), "may hold a secret"),
            (good.replace("output b", "output connectionString"), "may hold a secret"),
            ("@min(1)\n" + good, "`@min` is not a decorator"),
        ]
        for text, said in cases:
            with self.subTest(said):
                self.assertIn(said, "\n".join(lint(text)))

    def test_parser(self):
        with self.assertRaises(Exception):
            of_text("resource it 'Microsoft.Web/sites@2024-11-01' = {\n name 'x'\n}\n")


def parameters(path):
    """The parameters without a default, and all of them."""
    if path.suffix == ".json":
        declared = json.loads(path.read_text())["parameters"]
        return {name for name, it in declared.items() if "defaultValue" not in it}, set(declared)
    declared = re.findall(r"^param (\w+) \w+( =)?", path.read_text(), re.M)
    return {name for name, default in declared if not default}, {name for name, _ in declared}


if __name__ == "__main__":
    unittest.main()
