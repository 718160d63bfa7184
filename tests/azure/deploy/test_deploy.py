"""infra/azure/deploy, rotate-keys, teardown and infra/doctor, from the first deployment to the end."""

import json
import shutil
import threading
import time
import unittest
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from cloud import ROOT, ROTATE, Cloud

REQUEST = (ROOT / "infra/requests/pump.json").read_bytes()
open_url = build_opener(ProxyHandler({})).open


def post(url, headers=None):
    try:
        with open_url(Request(url, REQUEST, headers or {}), timeout=60) as answer:
            return answer.status, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


class Deployed(unittest.TestCase):
    """One deployment, which the tests go through in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.stop)

    def good(self, run):
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def rotate(self, *arguments):
        return self.cloud.run(*ROTATE, "--url", self.cloud.state()["url"], *arguments)

    def doctor(self, *arguments, **settings):
        state = self.cloud.state()
        settings = {"PolicyTables__tableServiceUri": state["tables"],
                    "PolicyTables__credential": "azurecli", "POLICY_TABLE_PREFIX": state["prefix"],
                    "ALLOCATE_KEY": next(iter(self.cloud.keys().values())), **settings}
        return self.cloud.run("doctor", state["url"], *arguments, settings=settings)

    def test_1_deploy(self):
        said = self.good(self.cloud.deploy("--dps", "my-dps", "--enrollment-group", "my-devices"))
        self.assertIn("the tables hold revision", said)
        self.assertIn("5 requests, all the same", said)
        self.assertIn("my-devices of my-dps: created", said)
        self.assertEqual(sorted(self.cloud.keys()), ["default", "dps-1"])
        status, body = post(self.cloud.webhook())
        self.assertEqual((status, json.loads(body)["iotHubHostName"]), (200, "contoso-weu-1.azure-devices.net"))
        parameters = self.cloud.state()["groups"]["g"]["parameters"]
        self.assertIn("operatorId=11111111-1111-1111-1111-111111111111", parameters)

    def test_2_deploy_again_leaves_tables_and_keys(self):
        before = self.cloud.keys()
        said = self.good(self.cloud.deploy("--dps", "my-dps", "--enrollment-group", "my-devices"))
        self.assertIn("they hold a policy, which stays", said)
        self.assertIn("my-devices of my-dps: updated", said)
        self.assertEqual(self.cloud.keys(), before)
        self.assertEqual(self.cloud.commands().count("group create"), 1)

    def test_3_who_has_no_key_gets_nothing(self):
        url = f"{self.cloud.state()['url']}/api/allocate"
        policy = self.cloud.keys("policy")["default"]
        for case in ("", "?code=", "?code=stolen", f"?code={policy}"):
            self.assertEqual(post(url + case), (401, b""), case)
        self.assertEqual(post(url, {"x-functions-key": "stolen"}), (401, b""))

    def test_4_doctor_tells_what_differs(self):
        self.good(self.doctor("tables"))
        run = self.doctor("tables", ALLOCATE_KEY="stolen")
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("ALLOCATE_KEY is not a key of `allocate`", run.stdout)
        folder = self.cloud.folder / "other"
        shutil.copytree(ROOT / "infra/policy", folder)
        hubs = (folder / "hubs.csv").read_text()
        closed = hubs.replace("westeurope,EU,factory,2,,open", "westeurope,EU,factory,2,,closed")
        (folder / "hubs.csv").write_text(closed)
        policy = self.cloud.keys("policy")["default"]
        run = self.doctor(str(folder), OPERATOR_KEY=policy)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("policy: the webhook decides by revision", run.stdout)
        self.assertIn(f"the webhook reads Azure Tables `{self.cloud.state()['tables']}`", run.stdout)
        self.assertIn("`pump-*`: hub `contoso-weu-1.azure-devices.net`, here `contoso-eus-1", run.stdout)
        (folder / "hubs.csv").write_text(hubs)
        twins = (folder / "twins.csv").read_text()
        (folder / "twins.csv").write_text(twins.replace('""telemetryIntervalSec"": 30', '""telemetryIntervalSec"": 31'))
        run = self.doctor(str(folder))
        self.assertIn("`pump-*`: another `initialTwin`", run.stdout)
        self.assertNotIn("telemetryIntervalSec", run.stdout + run.stderr, "what twins say stays unsaid")
        run = self.doctor("tables", "--requests", str(folder))
        self.assertEqual(run.returncode, 2)

    def test_5_rotation_loses_no_request_under_load(self):
        old = self.cloud.webhook()
        load = Load(self.cloud.webhook)
        said = self.good(self.rotate())
        statuses = load.stop()
        self.assertIn("rotated: 1 enrollments call with dps-2", said)
        self.assertEqual(set(statuses), {200}, statuses)
        self.assertGreater(len(load.urls), 1, "the load saw both keys")
        self.assertEqual(sorted(self.cloud.keys()), ["default", "dps-2"])
        self.assertEqual(post(old), (401, b""))
        self.assertEqual(post(self.cloud.webhook())[0], 200)

    def test_6_rotation_goes_on_where_it_stopped(self):
        self.cloud.change(failAt="my-devices")
        old = self.cloud.webhook()
        run = self.rotate()
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("the connection was reset", run.stderr)
        self.assertEqual(sorted(self.cloud.keys()), ["default", "dps-2", "dps-3"])
        self.assertEqual(post(old)[0], 200, "the old key still opens")
        said = self.good(self.rotate("--retire", "default"))
        self.assertIn("go on with dps-3", said)
        self.assertEqual(sorted(self.cloud.keys()), ["dps-3"])
        self.assertEqual(post(old), (401, b""))

    def test_7_rotation_deletes_nothing_where_no_enrollment_calls(self):
        services = self.cloud.state()["services"]
        self.cloud.change(services={**services, "other-dps": {}})
        run = self.rotate("--dps", "other-dps", "--dry-run")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("az functionapp function keys set", run.stdout)
        self.assertIn("keys delete", run.stdout)
        self.assertEqual(sorted(self.cloud.keys()), ["dps-3"], "a dry run changes nothing")
        run = self.cloud.run("azure/rotate-keys", "--group", "g", "--app", "app", "--dps", "other-dps",
                             "--settle", "0", "--grace", "0", "--url", self.cloud.state()["url"])
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("no enrollment of other-dps calls", run.stderr)
        self.assertEqual(sorted(self.cloud.keys()), ["dps-3", "dps-4"])

    def test_8_the_keys_of_operators_are_replaced_too(self):
        before = {it: self.cloud.keys(it)["default"] for it in ("explain", "policy")}
        allocate = self.cloud.keys()
        run = self.cloud.run("azure/rotate-keys", "--group", "g", "--app", "app", "--operator", "--settle", "0",
                             "--retire", "default", "--url", self.cloud.state()["url"])
        self.good(run)
        for function, old in before.items():
            self.assertEqual(sorted(self.cloud.keys(function)), ["dps-1"])
            self.assertNotIn(old, self.cloud.keys(function).values())
        self.assertEqual(self.cloud.keys(), allocate)

    def test_9_teardown(self):
        teardown = ("azure/teardown", "--group", "g")
        run = self.cloud.run(*teardown, "--app", "app", "--dps", "my-dps", "--yes")
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("my-devices still call the app", run.stderr)
        run = self.cloud.run(*teardown, input="no\n")
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("Microsoft.Web/sites app", run.stdout)
        self.assertIn("az group delete", self.good(self.cloud.run(*teardown, "--dry-run")))
        self.assertIn("g", self.cloud.state()["groups"])
        self.good(self.cloud.run(*teardown, input="g\n"))
        self.assertNotIn("g", self.cloud.state()["groups"])
        self.assertIn("there is no resource group", self.good(self.cloud.run(*teardown)))


class Load:
    """Calls what the enrollment names, again and again, as DPS does."""

    def __init__(self, url_now, threads=4):
        self.url_now, self.going = url_now, True
        self.statuses, self.urls = [], set()
        self.threads = [threading.Thread(target=self.loop) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def loop(self):
        while self.going:
            url = self.url_now()
            self.urls.add(url)
            self.statuses.append(post(url)[0])
            time.sleep(0.01)

    def stop(self):
        time.sleep(1)
        self.going = False
        for thread in self.threads:
            thread.join()
        return self.statuses


if __name__ == "__main__":
    unittest.main()
