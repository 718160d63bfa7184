"""What deploy, teardown and rotate-keys share: the stack, the secret with its keys, the check of what was deployed.

Keys go to other programs by stdin or the environment, never as arguments, and are never printed.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(HERE.parent))

from webhook import CouldNot, call  # noqa: E402

TEMPLATE = HERE / "template.yaml"
# Any registration will do to try a key: what counts is whether it is good.
REQUEST = ROOT / "infra/requests/contoso-factory-x509.json"
# How long the new function may take to have read its tables.
START_SECONDS = 60
# What callers may use: two at a time, so that a change of keys has no gap.
CALLERS = ("ALLOCATE", "OPERATOR")
SLOTS = [f"{caller}_KEY_{slot}" for caller in CALLERS for slot in (1, 2)]


# Stacks of infra/aws/deploy carry it; teardown deletes no others.
MADE_BY = ("made-by", "dps-allocator")


class Failure(Exception):
    """What went wrong, and what to do."""


def main(run):
    """Runs a script; a failure is one line on stderr."""
    name = f"infra/aws/{Path(sys.argv[0]).name}"
    try:
        run()
    except Failure as failure:
        sys.exit(f"{name}: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


def add_arguments(parser):
    parser.add_argument("--stack", default="dps-allocator", help="name of the stack (dps-allocator)")
    parser.add_argument("--region", help="region of AWS (that of the profile in use)")
    parser.add_argument("--dry-run", action="store_true", help="print the commands, run none")


def fresh_key():
    """43 characters of A-Z a-z 0-9 - _, of 256 random bits."""
    return secrets.token_urlsafe(32)


class Stack:
    """One stack and its secret, through the command line tools of AWS."""

    def __init__(self, asked):
        self.name = asked.stack
        self.secret = f"{asked.stack}/keys"
        self.dry_run = asked.dry_run
        self.region = ["--region", asked.region] if asked.region else []
        self.account = None
        if not self.dry_run:
            identity = self.identity()
            self.account = identity["Account"]
            where = f"region {asked.region}" if asked.region else "the region of the profile in use"
            say(f"account {self.account}, {where}, signed in as {identity['Arn']}")

    def identity(self):
        """Who is signed in at this moment."""
        return self.aws("sts", "get-caller-identity")

    def check_account(self):
        """Fails where the profile in use leads to another account than the one that was shown."""
        now = self.identity()["Account"]
        if now != self.account:
            raise Failure(f"the profile in use leads to account {now} now, and not to {self.account}, "
                          "which was shown: nothing more was changed; sign in again, and run it again")

    # The secret: a JSON object with SLOTS, and where a rotation stands.

    def keys(self):
        """Keys and the version of the secret; the version is None where there is no secret."""
        found = self.aws("secretsmanager", "get-secret-value", "--secret-id", self.secret,
                         unless="(ResourceNotFoundException)")
        return (json.loads(found["SecretString"]), found["VersionId"]) if found else ({}, None)

    def make_keys(self):
        """The version of the keys, which are made where there are none.

        Both slots are filled; nobody knows the second key until a rotation hands it out.
        """
        _, version = self.keys()
        if version:
            return version
        keys = {slot: fresh_key() for slot in SLOTS}
        asked = {"Name": self.secret, "SecretString": json.dumps(keys),
                 "Description": f"Keys of the callers of {self.name}"}
        return self.change("secretsmanager", "create-secret", stdin=asked)["VersionId"]

    def put_keys(self, keys):
        asked = {"SecretId": self.secret, "SecretString": json.dumps(keys)}
        return self.change("secretsmanager", "put-secret-value", stdin=asked)["VersionId"]

    # The stack.

    def deploy(self, parameters):
        """Uploads target/lambda and brings the stack to the template."""
        # In quotes, since sam takes no empty value without them.
        overrides = [f'{name}="{value}"' for name, value in parameters.items()]
        self.run(["sam", "deploy", "--template-file", str(TEMPLATE), "--stack-name", self.name,
                  "--resolve-s3", "--s3-prefix", self.name, "--capabilities", "CAPABILITY_IAM",
                  "--no-confirm-changeset", "--no-fail-on-empty-changeset", *self.region,
                  "--tags", "=".join(MADE_BY),
                  "--parameter-overrides", *overrides])

    def use_keys(self, version):
        """Deploys a version of the keys, and nothing else: the package stays as it is."""
        stack = self.described()
        if stack["StackStatus"].endswith("_IN_PROGRESS"):
            stack = self.updated()
        if parameter(stack, "KeysVersion") == version:
            return
        kept = [it["ParameterKey"] for it in stack["Parameters"]]
        asked = {
            "StackName": self.name, "UsePreviousTemplate": True,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [{"ParameterKey": "KeysVersion", "ParameterValue": version}]
            + [{"ParameterKey": it, "UsePreviousValue": True} for it in kept if it != "KeysVersion"],
        }
        say(f"updating the stack `{self.name}`")
        self.change("cloudformation", "update-stack", stdin=asked)
        self.updated()

    def updated(self):
        """The stack, once the update under way has come to a good end."""
        self.aws("cloudformation", "wait", "stack-update-complete", "--stack-name", self.name)
        return self.described()

    def keys_deployed(self):
        """The version of the secret that the function has."""
        return parameter(self.described(), "KeysVersion")

    def is_ours(self):
        """Whether infra/aws/deploy has made the stack; None where there is none."""
        stack = self.described(unless="does not exist")
        tags = {it["Key"]: it["Value"] for it in (stack or {}).get("Tags", [])}
        return stack and tags.get(MADE_BY[0]) == MADE_BY[1]

    def machine(self):
        """What the function runs on; x86_64 where there is none."""
        stack = self.described(unless="does not exist")
        return parameter(stack, "Architecture") if stack else "x86_64"

    def described(self, unless=None):
        answer = self.aws("cloudformation", "describe-stacks", "--stack-name", self.name,
                          unless=unless)
        return answer and answer["Stacks"][0]

    def webhook_url(self):
        """What DPS calls, without the code."""
        for output in self.described()["Outputs"]:
            if output["OutputKey"] == "WebhookUrl":
                return output["OutputValue"]
        raise Failure(f"the stack `{self.name}` has no output WebhookUrl; infra/aws/deploy it")

    def base_url(self):
        return self.webhook_url().removesuffix("/api/allocate")

    def examine(self, keys):
        """Compares the answers of the deployed webhook with those of dps-policy."""
        stack = self.described()
        settings = {"ALLOCATE_KEY": keys["ALLOCATE_KEY_1"], "OPERATOR_KEY": keys["OPERATOR_KEY_1"]}
        # By the tables that the function has; who runs this signs in to them by `az`.
        if tables := parameter(stack, "TableServiceUri"):
            settings["PolicyTables__tableServiceUri"] = tables
            settings["POLICY_TABLE_PREFIX"] = parameter(stack, "TablePrefix")
        self.run([str(ROOT / "infra/doctor"), "--wait", str(START_SECONDS), self.base_url()], settings)

    def try_keys(self, keys, slot):
        """Fails unless the function takes the keys of a slot; its decisions are not looked at."""
        url, until = self.base_url(), time.monotonic() + START_SECONDS
        for caller, route, body in (("ALLOCATE", "allocate", REQUEST.read_bytes()),
                                    ("OPERATOR", "policy", None)):
            name = f"{caller}_KEY_{slot}"
            try:
                status, _, answer = call(f"{url}/api/{route}", keys[name], body, until)
            except CouldNot as reason:
                raise Failure(str(reason)) from None
            # A refusal of the device is good: keys come first. It has a reason; others did not get there.
            if status == 401 or (status != 200 and "reason" not in answer):
                raise Failure(f"{url}/api/{route} answers {status} to {name}")

    # Programs.

    def change(self, *arguments, stdin):
        """Changes something in the account that was shown, and in no other."""
        self.check_account()
        return self.aws(*arguments, stdin=stdin)

    def aws(self, *arguments, stdin=None, unless=None):
        """What `aws` answers, or None where it fails with `unless` in what it says."""
        command = ["aws", *arguments, *self.region, "--output", "json"]
        if stdin is not None:
            # What may hold a key is not an argument, which others on this machine can read.
            command += ["--cli-input-json", "file:///dev/stdin"]
        ran = start(command, input=json.dumps(stdin) if stdin else None, capture_output=True)
        if ran.returncode == 0:
            return json.loads(ran.stdout or "{}")
        if unless and unless in ran.stderr:
            return None
        raise Failure(f"`{' '.join(command[:3])}` failed: {ran.stderr.strip()}")

    def run(self, command, environment=None):
        say(" ".join(command))
        if self.dry_run:
            return
        if command[0] in ("aws", "sam"):
            self.check_account()
        ran = start(command, env=os.environ | (environment or {}))
        if ran.returncode:
            raise Failure(f"`{' '.join(command[:2])}` ended with {ran.returncode}, see above")


def start(command, **options):
    try:
        return subprocess.run(command, cwd=ROOT, text=True, check=False, **options)
    except FileNotFoundError as missing:
        raise Failure(f"`{command[0]}` is not on the PATH; README.md in infra/aws says what to "
                      "install") from missing


def parameter(stack, name):
    values = {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}
    return values.get(name)


def wait(seconds, why):
    say(f"waiting {seconds} s: {why}")
    time.sleep(seconds)


def say(text):
    print(text, file=sys.stderr, flush=True)
