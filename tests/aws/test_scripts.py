"""infra/aws/deploy, rotate-keys and teardown, run as users run them, on a cloud that fits in a file."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAKES = Path(__file__).resolve().parent / "fakes"
VENV = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "aws/bin"
sys.path.append(str(FAKES))

from webhook_stand_in import Webhook  # noqa: E402

STACK, SECRET = "dps-allocator", "dps-allocator/keys"
KEY = re.compile(r"[A-Za-z0-9_-]{32,}")
# Stands for a program of this checkout that a script starts.
PROGRAM = """#!/usr/bin/env python3
import os, sys
sys.path.append({fakes!r})
from cloud import called, cloud
with cloud() as state:
    called(state, {name!r})
    if {name!r} == "doctor":
        keys = state["stacks"]["dps-allocator"]["keys"]
        assert os.environ["ALLOCATE_KEY"] == keys["ALLOCATE_KEY_1"]
        assert os.environ["OPERATOR_KEY"] == keys["OPERATOR_KEY_1"]
"""


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.file = self.root / "cloud.json"
        shutil.copytree(ROOT / "infra/aws", self.root / "infra/aws")
        shutil.copytree(ROOT / "infra/requests", self.root / "infra/requests")
        shutil.copy(ROOT / "infra/webhook.py", self.root / "infra")
        for name in ("package", "doctor"):
            program = self.root / "infra" / name
            program.write_text(PROGRAM.format(fakes=str(FAKES), name=name))
            program.chmod(0o755)
        self.webhook = self.enterContext(Webhook(self.file))
        self.output = ""

    # Whether arguments are held against the real programs, which takes seconds a call.
    checked = {}

    def run_script(self, name, *arguments):
        """The exit code of a script; what it says is kept."""
        environment = {
            "PATH": f"{FAKES}:{VENV}:{os.environ['PATH']}", "CLOUD": str(self.file),
            "WEBHOOK": self.webhook.url, "AWS_DEFAULT_REGION": "eu-west-1",
            "SAM_CLI_TELEMETRY": "0", "HOME": str(self.root),
        } | self.checked
        ran = subprocess.run([self.root / "infra/aws" / name, *arguments], env=environment,
                             capture_output=True, text=True, check=False)
        self.output += ran.stdout + ran.stderr
        return ran.returncode

    def succeeds(self, name, *arguments):
        self.assertEqual(self.run_script(name, *arguments), 0, self.output)

    @property
    def cloud(self):
        return json.loads(self.file.read_text())

    def keys(self):
        return self.cloud["stacks"][STACK]["keys"]

    def fail_at(self, number):
        """Lets the call of that number from now fail."""
        state = self.cloud
        state["fail_at"] = len(state["calls"]) + number
        self.file.write_text(json.dumps(state))

    def check_no_key_is_shown(self):
        """No key is printed, or an argument of a program."""
        shown = self.output + json.dumps(self.cloud["calls"])
        keys = {key for state in self.cloud["deployed"] for key in state["keys"].values()}
        self.assertGreaterEqual(len(keys), 4)
        for key in keys:
            self.assertNotIn(key, shown)

    def programs(self):
        return [call[:2] if call[0] in ("aws", "sam") else call[:1] for call in self.cloud["calls"]]


class RealArguments(Scripts):
    """Every command once, with arguments that the real `aws` and `sam` take."""

    checked = {"CHECKED": "1"}

    def test_from_the_first_deployment_to_the_last_day(self):
        self.succeeds("deploy", "LogLevel=info,decision=off", "TablePrefix=")
        self.succeeds("rotate-keys")
        self.succeeds("rotate-keys", "--finish")
        self.succeeds("teardown", "--yes", "--region", "eu-west-1")
        programs = {" ".join(call[:3]) if call[0] == "aws" else " ".join(call[:2])
                    for call in self.cloud["calls"]}
        self.assertGreaterEqual(programs, {
            "aws secretsmanager get-secret-value", "aws secretsmanager create-secret",
            "aws secretsmanager put-secret-value", "aws secretsmanager delete-secret",
            "aws cloudformation describe-stacks", "aws cloudformation update-stack",
            "aws cloudformation wait", "sam deploy", "sam delete"})

    def test_they_are_held_against_the_real_thing(self):
        self.checked = {}  # the test above has held this one against it
        self.succeeds("deploy")
        environment = os.environ | {"CLOUD": str(self.file), "CHECKED": "1", "AWS_DEFAULT_REGION": "eu-west-1",
                                    "PATH": f"{FAKES}:{VENV}:{os.environ['PATH']}"}
        for wrong in (["aws", "secretsmanager", "get-secret-value", "--secret", "x"],
                      ["aws", "cloudformation", "renew-stack", "--stack-name", "x"],
                      ["sam", "deploy", "--stack", "x"]):
            ran = subprocess.run(wrong, env=environment, capture_output=True, check=False)
            self.assertNotEqual(ran.returncode, 0, wrong)


class Deploy(Scripts):
    def test_a_first_deployment_makes_keys_and_tries_them(self):
        self.succeeds("deploy", "--machine", "arm64", "LogLevel=info,decision=off")
        keys = self.keys()
        self.assertEqual(len(set(keys.values())), 4)
        for key in keys.values():
            self.assertRegex(key, KEY)
        parameters = self.cloud["stacks"][STACK]["parameters"]
        self.assertEqual(parameters["Architecture"], "arm64")
        self.assertEqual(parameters["LogLevel"], "info,decision=off")
        self.assertIn(["package", "--lambda", "arm64"], self.cloud["calls"])
        self.assertEqual(self.programs()[-3:].count(["doctor"]), 1)
        self.assertIn(self.webhook.url, self.output)
        self.check_no_key_is_shown()

    def test_a_second_one_keeps_keys_and_parameters(self):
        self.succeeds("deploy", "--machine", "arm64", "MemorySize=512", "TablePrefix=Abc")
        keys = self.keys()
        self.succeeds("deploy", "TablePrefix=")
        self.assertEqual(self.keys(), keys)
        parameters = self.cloud["stacks"][STACK]["parameters"]
        packaged = [call[2] for call in self.cloud["calls"] if call[0] == "package"]
        self.assertEqual((parameters["Architecture"], packaged), ("arm64", ["arm64"] * 2))
        self.assertEqual((parameters["MemorySize"], parameters["TablePrefix"]), ("512", ""))

    def test_where_it_fails_it_says_so_and_goes_on(self):
        for number in range(1, 20):
            self.output = ""
            self.file.write_text(json.dumps(
                {"calls": [], "secrets": {}, "stacks": {}, "enrollments": {}, "deployed": [],
                 "fail_at": number}))
            if self.run_script("deploy") == 0:
                break
            self.assertIn("infra/aws/deploy: ", self.output)
            self.succeeds("deploy")
        self.assertGreater(number, 5)

    def test_a_dry_run_calls_nothing(self):
        self.succeeds("deploy", "--dry-run")
        self.succeeds("rotate-keys", "--dry-run")
        self.succeeds("teardown", "--dry-run")
        self.assertIn("sam deploy", self.output)
        self.assertFalse(self.file.exists())

    def test_what_is_no_parameter_is_refused(self):
        self.assertEqual(self.run_script("deploy", "arm64"), 2)
        self.assertEqual(self.run_script("deploy", "KeysVersion=1"), 2)
        self.assertEqual(self.run_script("deploy", "--set", "KeysVersion=1"), 2)
        self.assertEqual(self.run_script("deploy", "--set", "MemorySise=1"), 1)
        self.assertEqual(self.run_script("deploy", "MemorySise=1"), 1)
        self.assertIn("MemorySise", self.output)

    def test_a_missing_program_is_named(self):
        ran = subprocess.run(
            [sys.executable, self.root / "infra/aws/rotate-keys"], env={"PATH": "/nowhere"},
            capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("`aws` is not on the PATH", ran.stderr)

    def test_teardown_leaves_the_stacks_of_others_alone(self):
        self.succeeds("deploy")
        state = self.cloud
        state["stacks"][STACK]["tags"] = {"made-by": "them"}
        self.file.write_text(json.dumps(state))
        self.assertEqual(self.run_script("teardown", "--yes"), 1)
        self.assertIn("has no tag made-by=dps-allocator", self.output)
        self.assertEqual(self.run_script("teardown", "--yes", "--stack", "other"), 1)
        self.assertIn("there is no stack `other`", self.output)
        self.assertIn(STACK, self.cloud["stacks"])
        # A deployment makes it ours.
        self.succeeds("deploy")
        self.succeeds("teardown", "--yes")

    def test_nothing_is_changed_in_another_account_than_the_one_shown(self):
        self.succeeds("deploy")
        for script, *arguments in (("deploy",), ("rotate-keys",), ("teardown", "--yes")):
            before = self.cloud
            # From the second call on: the first one has been shown.
            before["other_account_at"] = len(before["calls"]) + 2
            self.file.write_text(json.dumps(before))
            self.assertEqual(self.run_script(script, *arguments), 1, script)
            self.assertIn("account 222222222222 now, and not to 111111111111", self.output)
            self.output = ""
            after = self.cloud
            self.assertEqual((after["stacks"], after["secrets"]), (before["stacks"], before["secrets"]))

    def test_teardown_leaves_nothing(self):
        self.succeeds("deploy")
        self.succeeds("teardown", "--yes")
        self.assertEqual((self.cloud["stacks"], self.cloud["secrets"]), ({}, {}))


class RotateKeys(Scripts):
    GROUP = "enrollment-group factory"
    SWITCH = ("--dps", "d", "--resource-group", "r", "--enrollment-group", "factory",
              "--enrollment", "pump", "--wait", "0")

    def setUp(self):
        super().setUp()
        self.succeeds("deploy")
        self.before = self.keys()
        state = self.cloud
        callers = (self.GROUP, "enrollment pump")
        state["enrollments"] = dict.fromkeys(callers, self.before["ALLOCATE_KEY_1"])
        self.file.write_text(json.dumps(state))

    def check_no_gap(self):
        """Each key that an enrollment had while something was deployed was good then."""
        for state in self.cloud["deployed"]:
            good = {state["keys"]["ALLOCATE_KEY_1"], state["keys"]["ALLOCATE_KEY_2"]}
            self.assertLessEqual(set(state["enrollments"].values()), good)

    def check_rotated(self):
        after = self.keys()
        enrollments = set(self.cloud["enrollments"].values())
        self.assertEqual(enrollments, {after["ALLOCATE_KEY_1"]})
        self.assertNotIn(self.before["ALLOCATE_KEY_1"], after.values())
        self.assertEqual(after["OPERATOR_KEY_1"], self.before["OPERATOR_KEY_1"])
        self.assertNotIn(after["ALLOCATE_KEY_2"], enrollments)
        self.check_no_gap()
        self.check_no_key_is_shown()

    def test_with_az_it_is_one_command(self):
        self.succeeds("rotate-keys", *self.SWITCH)
        self.check_rotated()
        self.assertEqual(len(self.cloud["deployed"]), 3)

    def test_without_az_it_says_what_to_do_and_finishes_later(self):
        self.succeeds("rotate-keys")
        both = self.keys()
        self.assertEqual(both["ALLOCATE_KEY_1"], self.before["ALLOCATE_KEY_1"])
        self.assertNotEqual(both["ALLOCATE_KEY_2"], self.before["ALLOCATE_KEY_2"])
        self.assertIn("az iot dps enrollment-group update", self.output)
        # Again: the same key, and nothing new deployed.
        self.succeeds("rotate-keys")
        self.assertEqual(self.keys(), both)
        state = self.cloud
        state["enrollments"] = dict.fromkeys(state["enrollments"], both["ALLOCATE_KEY_2"])
        self.file.write_text(json.dumps(state))
        self.succeeds("rotate-keys", "--finish")
        self.check_rotated()
        self.assertEqual(self.run_script("rotate-keys", "--finish"), 1)
        self.assertIn("no change of keys is under way", self.output)

    def test_after_any_failure_the_same_command_goes_on(self):
        done = False
        number = 0
        while not done:
            number += 1
            with self.subTest(number):
                self.before = self.keys()
                self.fail_at(number)
                done = self.run_script("rotate-keys", *self.SWITCH) == 0
                if not done:
                    self.succeeds("rotate-keys", *self.SWITCH)
                self.check_rotated()
        self.assertGreater(number, 8)

    def test_the_operators_key_changes_alone(self):
        self.succeeds("rotate-keys", "--operator")
        self.assertEqual(self.run_script("rotate-keys", "--finish"), 1)
        self.assertIn("OPERATOR_KEY", self.output)
        self.succeeds("rotate-keys", "--operator", "--finish")
        after = self.keys()
        self.assertNotIn(self.before["OPERATOR_KEY_1"], after.values())
        self.assertEqual(after["ALLOCATE_KEY_1"], self.before["ALLOCATE_KEY_1"])
        self.check_no_key_is_shown()

    def test_nothing_is_switched_to_a_key_that_is_not_good(self):
        enrollments = self.cloud["enrollments"]
        handler = self.webhook.server.RequestHandlerClass

        def refuse(request):
            request.send_error(401)

        handler.do_GET = handler.do_POST = refuse
        self.assertEqual(self.run_script("rotate-keys", *self.SWITCH), 1)
        self.assertIn("answers 401 to ALLOCATE_KEY_2", self.output)
        self.assertEqual(self.cloud["enrollments"], enrollments)


if __name__ == "__main__":
    unittest.main()
