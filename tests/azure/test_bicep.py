"""The templates of Azure, as their own compiler reads them and as a deployment would carry them out."""

import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import bicep
from bicep import AZURE, ROOT, SUBSCRIPTION, WAYS

FILES = sorted([*AZURE.glob("*.bicep"), *AZURE.glob("modules/*.bicep"), AZURE / "main.bicepparam",
                *WAYS.glob("*.bicepparam")])
ALL_WAYS = sorted(it.stem for it in WAYS.glob("*.bicepparam"))
TABLES = ["Hubs", "Enrollments", "Tenants", "Rules", "Rollouts", "Latency", "Twins", "Devices"]

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "76199698-9eea-4c19-bc75-cec21354c6b6": "Storage Table Data Reader",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "4ea46cd5-c1b2-4a8e-910b-273211f9ce47": "IoT Hub Registry Contributor",
    "494bdba2-168f-4f31-a0a1-191d2f7c028c": "IoT Hub Twin Contributor",
}

# Rules of checkov that these resources break on purpose.
ACCEPTED = {
    "CKV_AZURE_35": "an app outside of a virtual network, and operators, come from public addresses",
    "CKV_AZURE_59": "the same; reading takes a role, no blob is public, no key is accepted",
    "CKV_AZURE_206": "the deployment chooses; what is in the account can be written again by a push",
    "CKV_AZURE_225": "not every region of Flex Consumption has zones; DPS asks again for seven minutes",
    "CKV_AZURE_222": "DPS calls from the internet and not into a virtual network",
    "CKV_AZURE_17": "DPS presents no client certificate; the function key in the URL is what it has",
    "CKV_AZURE_212": "a plan of this kind has its always-ready instances in functionAppConfig",
    "CKV_AZURE_213": "the plan has no health check of instances; the host probes the handler itself",
}


def role_assignments(way):
    """(scope, role, principal) of each, shortened to what differs."""
    return {assignment(it) for it in bicep.resources(way, "Microsoft.Authorization/roleAssignments")}


def assignment(resource):
    scope = resource["id"].partition("/providers/Microsoft.Authorization/")[0]
    principal = resource["properties"]["principalId"]
    identity = re.search(r"userAssignedIdentities/([\w-]+)'", principal)
    role = resource["properties"]["roleDefinitionId"].rpartition("/")[2]
    last_two = scope.split("/")[-2:]
    return "/".join(last_two), ROLES[role], identity[1] if identity else principal


def account(way):
    return bicep.resources(way, "Microsoft.Storage/storageAccounts")[0]["name"]


@bicep.needed
class Compiler(unittest.TestCase):
    def test_it_has_nothing_to_say(self):
        for path in FILES:
            with self.subTest(path.name):
                self.assertEqual(bicep.findings(path), [])

    def test_format_changes_nothing(self):
        for path in FILES:
            with self.subTest(path.name):
                self.assertEqual(bicep.formatted(path), path.read_text())

    def test_what_is_wrong_is_found(self):
        main = (AZURE / "main.bicep").read_text()
        app = (AZURE / "modules/app.bicep").read_text()
        linked = (WAYS / "linked.bicepparam").read_text().replace("../../../infra/azure/", "")
        cases = [
            ("main.bicep", main + "output key string = listKeys(hostIdentity.id, '2024').key\n", "outputs-should-not-contain-secrets"),
            ("main.bicep", main.replace("param tags Tags = {}", "param tags object = {}"), "use-user-defined-types"),
            ("main.bicep", main.replace("hostIdentityName: hostIdentityName", "hostIdentityName: hostIdentity.properties.clientId", 1), "what-if-short-circuiting"),
            ("modules/app.bicep", app.replace("serverfarms@2025-03-01", "serverfarms@2023-01-01"), "use-recent-api-versions"),
            ("modules/app.bicep", app.replace("httpsOnly: true", "httpOnly: true"), "BCP089"),
            ("modules/app.bicep", app.replace("httpsOnly: true", "httpsOnly: 'yes'"), "BCP036"),
            ("modules/app.bicep", app.replace("location: location", "location: 'westeurope'", 1), "no-hardcoded-location"),
            ("linked.bicepparam", linked.replace("resourceGroup", "resourceGruop", 1), "resourceGruop"),
        ]
        for name, text, said in cases:
            # Of its own for each: the compiler may remember files.
            with self.subTest(said), tempfile.TemporaryDirectory() as folder:
                for path in AZURE.rglob("*"):
                    if path.suffix in (".bicep", ".json", ".bicepparam"):
                        target = Path(folder) / path.relative_to(AZURE)
                        target.parent.mkdir(exist_ok=True)
                        target.write_text(path.read_text())
                changed = Path(folder) / name
                changed.write_text(text)
                self.assertIn(said, str(bicep.findings(changed)))


@bicep.needed
class Deployment(unittest.TestCase):
    def test_nothing_is_left_to_guess(self):
        for way in ALL_WAYS:
            self.assertEqual(bicep.snapshot(way)["diagnostics"], [], way)

    def test_role_assignments_are_these_and_no_others(self):
        expected = role_assignments("defaults")
        store, operator = account("defaults"), "11111111-1111-1111-1111-111111111111"
        tables = [f"tables/Dps{table}" for table in TABLES]
        contributor = "Storage Table Data Contributor"
        self.assertEqual(expected, {
            (f"storageAccounts/{store}", "Storage Blob Data Owner", "dps-allocator-host"),
            ("tables/DpsRevisions", contributor, "dps-allocator-tables"),
            ("tables/DpsRevisions", contributor, operator),
            *((table, "Storage Table Data Reader", "dps-allocator-tables") for table in tables),
            *((table, contributor, operator) for table in tables),
        })
        group = {(scope, role, "33333333-3333-3333-3333-333333333333" if who == operator else who)
                 for scope, role, who in expected}
        self.assertEqual(role_assignments("group"), group)
        nobody = {it for it in expected if it[2] != operator}
        self.assertEqual(role_assignments("linked-by-key"), nobody)
        hubs = {(f"IotHubs/{hub}", role, "contoso-dps-identity")
                for hub in ("contoso-weu-1", "contoso-eus-1")
                for role in ("IoT Hub Registry Contributor", "IoT Hub Twin Contributor")}
        self.assertEqual(role_assignments("linked"), nobody | hubs)

    def test_what_if_can_predict_each_assignment(self):
        for way in ALL_WAYS:
            for it in bicep.resources(way, "Microsoft.Authorization/roleAssignments"):
                self.assertRegex(it["name"], r"^[0-9a-f-]{36}$")

    def test_settings_are_those_that_the_webhook_and_the_host_read(self):
        read = settings_of_the_webhook()
        for way in ALL_WAYS:
            (site,) = [it for it in bicep.resources(way, "Microsoft.Web/sites") if it["type"] == "Microsoft.Web/sites"]
            names = {it["name"] for it in site["properties"]["siteConfig"]["appSettings"]}
            ours = {it for it in names if not it.startswith("AzureWebJobsStorage__")}
            self.assertLessEqual(ours, read)
            self.assertEqual(ours, {
                "PolicyTables__tableServiceUri", "PolicyTables__credential", "PolicyTables__clientId",
                "POLICY_TABLE_PREFIX", "POLICY_REFRESH_SECONDS", "POLICY_CACHE_DIR",
                "APPLICATIONINSIGHTS_CONNECTION_STRING", "LOG_ID_KEY"})
            # The platform knows them from functionAppConfig, and refuses them as settings.
            self.assertFalse(names & {"FUNCTIONS_WORKER_RUNTIME", "WEBSITE_RUN_FROM_PACKAGE"})

    def test_package_and_tables_have_identities_of_their_own(self):
        (site,) = [it for it in bicep.resources("defaults", "Microsoft.Web/sites") if it["type"] == "Microsoft.Web/sites"]
        package = site["properties"]["functionAppConfig"]["deployment"]["storage"]["authentication"]
        self.assertTrue(package["userAssignedIdentityResourceId"].endswith("/dps-allocator-host"))
        settings = {it["name"]: it["value"] for it in site["properties"]["siteConfig"]["appSettings"]}
        self.assertIn("dps-allocator-host'", settings["AzureWebJobsStorage__clientId"])
        self.assertIn("dps-allocator-tables'", settings["PolicyTables__clientId"])

    def test_the_key_of_hashed_ids_is_a_secret_of_the_deployment(self):
        for way in ALL_WAYS:
            (site,) = [it for it in bicep.resources(way, "Microsoft.Web/sites") if it["type"] == "Microsoft.Web/sites"]
            settings = {it["name"]: it["value"] for it in site["properties"]["siteConfig"]["appSettings"]}
            # The compiler predicts no value of a secure parameter; Azure keeps none with the deployment.
            self.assertEqual(settings["LOG_ID_KEY"], "[parameters('logIdKey')]")
            self.assertEqual(json.dumps(bicep.snapshot(way)).count("logIdKey"), 1)

    def test_no_secret_is_answered(self):
        for way in ALL_WAYS:
            outputs = json.dumps(bicep.snapshot(way)["outputs"])
            self.assertNotRegex(outputs, re.compile(r"listkeys|sharedaccesskey|accountkey|connectionstring", re.I))

    def test_hubs_are_linked_by_identity_unless_a_policy_is_named(self):
        (service,) = bicep.resources("linked", "Microsoft.Devices/provisioningServices")
        for hub in service["properties"]["iotHubs"]:
            self.assertEqual(hub["authenticationType"], "UserAssigned")
            self.assertNotIn("connectionString", hub)
        (by_key,) = bicep.resources("linked-by-key", "Microsoft.Devices/provisioningServices")
        self.assertEqual(by_key["apiVersion"], "2022-12-12")
        text = json.dumps(by_key)
        self.assertIn("'provisioning'", text)
        self.assertNotIn("iothubowner", text)
        for way in ALL_WAYS:
            self.assertEqual("listkeys" in json.dumps(bicep.resources(way)).lower(), way == "linked-by-key", way)

    def test_changes_of_the_tables_are_recorded_outside_of_them(self):
        for way in ALL_WAYS:
            (audit,) = bicep.resources(way, "Microsoft.Insights/diagnosticSettings")
            self.assertIn("/tableServices/default/", audit["id"])
            self.assertEqual({it["category"] for it in audit["properties"]["logs"] if it["enabled"]},
                             {"StorageWrite", "StorageDelete"})

    def test_each_alert_has_its_query_its_scope_and_whom_to_tell(self):
        for way, told in (("defaults", 0), ("group", 2)):
            rules = bicep.resources(way, "Microsoft.Insights/scheduledQueryRules")
            self.assertGreaterEqual(len(rules), 4)
            for rule in rules:
                properties = rule["properties"]
                query = AZURE / "queries" / f"{rule['name'].removeprefix('dps-allocator-')}.kql"
                self.assertEqual(properties["criteria"]["allOf"][0]["query"], query.read_text())
                self.assertEqual([it.rpartition("/")[2] for it in properties["scopes"]], ["dps-allocator-insights"])
                self.assertEqual(len(properties["actions"]["actionGroups"]), told)

    def test_always_ready_instances_can_be_none(self):
        for way, count in (("defaults", 1), ("longest", 0)):
            (site,) = [it for it in bicep.resources(way, "Microsoft.Web/sites") if it["type"] == "Microsoft.Web/sites"]
            scale = site["properties"]["functionAppConfig"]["scaleAndConcurrency"]
            self.assertEqual(sum(it["instanceCount"] for it in scale["alwaysReady"]), count)

    def test_the_longest_names_are_within_the_limits(self):
        # https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
        limits = {
            "Microsoft.ManagedIdentity/userAssignedIdentities": r"[\w-]{3,128}",
            "Microsoft.OperationalInsights/workspaces": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
            "Microsoft.Insights/components": r"[\w.()-]{1,260}",
            "Microsoft.Storage/storageAccounts": r"[a-z0-9]{3,24}",
            "Microsoft.Storage/storageAccounts/tableServices/tables": r"[A-Za-z][A-Za-z0-9]{2,62}",
            "Microsoft.Web/serverfarms": r"[A-Za-z0-9-]{1,60}",
            "Microsoft.Web/sites": r"[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]",
            "Microsoft.Devices/provisioningServices": r"[A-Za-z0-9][A-Za-z0-9-]{1,62}[A-Za-z0-9]",
        }
        seen = set()
        for resource in bicep.resources("longest"):
            if resource["type"] in limits:
                seen.add(resource["type"])
                self.assertRegex(resource["name"].rpartition("/")[2], rf"\A{limits[resource['type']]}\Z")
        self.assertEqual(seen, set(limits))

    def test_tables_are_those_of_the_store(self):
        names = (ROOT / "shared/dps-policy-store/src/azure/model/names.rs").read_text()
        expected = re.search(r'"(DpsHubs [\w\s\\]+)"', names)[1].replace("\\", " ").split()
        tables = bicep.resources("defaults", "Microsoft.Storage/storageAccounts/tableServices/tables")
        self.assertEqual([it["name"].rpartition("/")[2] for it in tables], expected)

    def test_policies(self):
        for way in ("defaults", "linked"):
            failed = {(it["check_id"], it["resource"]) for it in checked("failed", way)
                      if it["check_id"] not in ACCEPTED}
            self.assertEqual(failed, set())
            self.assertGreater(len(checked("passed", way)), 10)

    def test_policies_find_what_is_wrong(self):
        self.assertIn("CKV_AZURE_3", {it["check_id"] for it in checked("failed", "wrong")})


def checked(how, name):
    """The checks of one template that ended so."""
    return [it for it in checkov()[f"{how}_checks"] if Path(it["file_path"]).stem == name]


@functools.cache
def checkov():
    """What checkov says of resources, as templates with nothing left to compute; most of what it costs is its start."""
    (store, *_) = bicep.resources("defaults", "Microsoft.Storage/storageAccounts")
    wrong = {**store, "properties": {**store["properties"], "supportsHttpsTrafficOnly": False}}
    templates = {"defaults": bicep.resources("defaults"), "linked": bicep.resources("linked"), "wrong": [wrong]}
    with tempfile.TemporaryDirectory() as folder:
        for name, resources in templates.items():
            template = {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
                        "contentVersion": "1.0.0.0", "parameters": {},
                        "resources": [{**it, "location": it.get("location", "westeurope")} for it in resources]}
            Path(folder, f"{name}.json").write_text(json.dumps(template))
        command = [Path(sys.executable).with_name("checkov"), "--framework", "arm", "-d", folder,
                   "--skip-download", "-o", "json"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False,
                             env={**os.environ, "LOG_LEVEL": "ERROR"})
        return json.loads(ran.stdout)["results"]


def settings_of_the_webhook():
    """The names in the page that is generated from the code."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", (ROOT / "functions/SETTINGS.md").read_text(), re.M)
    return {name for row in rows for name in re.findall(r"\w+", row)}


class Readme(unittest.TestCase):
    def test_it_says_what_each_parameter_is(self):
        known = set(re.findall(r"^param (\w+) ", (AZURE / "main.bicep").read_text(), re.M))
        _, _, readme = (AZURE / "README.md").read_text().partition("## Parameters\n")
        rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", readme.partition("\n## ")[0], re.M)
        documented = {name for row in rows for name in re.findall(r"\w+", row)}
        self.assertEqual(documented | {"location", "tags"}, known)


if __name__ == "__main__":
    unittest.main()
