"""Runs the Azure CLI for the scripts of this folder: says what it does, and never a key."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
# What enrollments name; https://learn.microsoft.com/azure/iot-dps/concepts-custom-allocation.
DPS_API_VERSION = "2021-10-01"
# Keys of the function allocate that these scripts make: dps-1, then dps-2 after a rotation.
KEY_PREFIX = "dps-"
# Groups that infra/azure/deploy has made carry it; teardown deletes no others.
MADE_BY = "made-by=dps-allocator"

# The exit code of az for what is not there, and what its commands and extensions say of it.
MISSING = 3
NOT_THERE = re.compile(r"NotFound|not found|could not be found|is not installed|\b404\d{0,3}\b")


class Failed(Exception):
    """A step has failed; the message says what to do."""


# The account of a dry run without az.
UNKNOWN = {"id": "SUBSCRIPTION", "name": "SUBSCRIPTION", "user": {"type": "user", "name": "USER"}}


class Az:
    """The Azure CLI in one subscription; a dry run prints commands that change something, and does not run them.

    The subscription is read once, shown, and passed to every command: who chooses another one in
    another terminal changes nothing here.
    """

    def __init__(self, dry_run=False, subscription=None):
        self.dry_run = dry_run
        self.installed = shutil.which("az") is not None
        if not (self.installed or dry_run):
            raise Failed("az is not on the PATH: https://learn.microsoft.com/cli/azure/install-azure-cli")
        self.subscription = ["--subscription", subscription] if subscription else []
        self.account = self.ask("account", "show") or UNKNOWN
        self.subscription = ["--subscription", self.account["id"]]
        say(f"subscription {self.account['name']} ({self.account['id']}), "
            f"signed in as {self.account['user']['name']}")

    def ask(self, *arguments, missing_is=...):
        """Runs a command that changes nothing, and answers its JSON; None without az, in a dry run."""
        if not self.installed:
            return None
        return self._run(arguments, missing_is)

    def change(self, *arguments):
        """Runs a command that changes something; in a dry run, prints it."""
        if self.dry_run:
            print(f"az {shlex.join([*arguments, *self.subscription])}", flush=True)
            return None
        return self._run(arguments, ...)

    def _run(self, arguments, missing_is):
        command = ["az", *arguments, *self.subscription, "--only-show-errors", "--output", "json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return json.loads(run.stdout) if run.stdout.strip() else None
        said = run.stderr.strip()
        if missing_is is not ... and (run.returncode == MISSING or NOT_THERE.search(said)):
            return missing_is
        name = " ".join(it for it in arguments if not it.startswith("-"))
        raise Failed(f"az {name}: {said.splitlines()[-1] if said else run.returncode}")


def say(text):
    print(f"== {text}", flush=True)


def run_main(main):
    """Runs a script: what has failed is one line, and exit code 2."""
    try:
        sys.exit(main())
    except Failed as reason:
        print(f"{sys.argv[0]}: {reason}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f"\n{sys.argv[0]}: interrupted; the same command goes on", file=sys.stderr)
        sys.exit(130)


def tool(name, *arguments, **environment):
    """Runs a program of this checkout, whose output is shown; answers its exit code."""
    command = [str(ROOT / name), *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def add_arguments(parser):
    """What every script of this folder takes."""
    parser.add_argument("--subscription", metavar="NAME_OR_ID",
                        help="subscription of everything named here [default: the one of `az account show`]")
    parser.add_argument("--dry-run", action="store_true",
                        help="print the commands that change something; works without az, too")


def make_key(az, group, app, name, function="allocate"):
    """Makes a key of a function, whose value Azure chooses."""
    az.change("functionapp", "function", "keys", "set", "--resource-group", group, "--name", app,
              "--function-name", function, "--key-name", name)


def function_keys(az, group, app, function, seconds=0):
    """The keys of a function by name; tries again while the host does not know the function yet."""
    limit = time.monotonic() + seconds
    while True:
        try:
            return az.ask("functionapp", "function", "keys", "list", "--resource-group", group,
                          "--name", app, "--function-name", function) or {}
        except Failed:
            if time.monotonic() >= limit:
                raise
        time.sleep(2)


def key_value(az, group, app, name, seconds, function="allocate"):
    """A key of a function; what was just made is listed a little later."""
    limit = time.monotonic() + seconds
    while True:
        keys = function_keys(az, group, app, function, seconds)
        if name in keys:
            return keys[name]
        if time.monotonic() >= limit:
            raise Failed(f"the function {function} has no key {name}; the same command goes on")
        time.sleep(2)


def host_name(az, group, app):
    """Where the app answers; for Flex Consumption az shows the resource as it is."""
    shown = az.ask("functionapp", "show", "--resource-group", group, "--name", app)
    if shown is None:
        return "APP.azurewebsites.net"
    return shown.get("defaultHostName") or shown["properties"]["defaultHostName"]


def made_keys(keys):
    """Names of the keys that these scripts have made, the oldest first."""
    numbers = [name.removeprefix(KEY_PREFIX) for name in keys if name.startswith(KEY_PREFIX)]
    return [f"{KEY_PREFIX}{it}" for it in sorted(int(it) for it in numbers if it.isdecimal())]


def webhook_url(url, key):
    """What an enrollment calls: DPS has no other place for the key."""
    return f"{url}/api/allocate?code={quote(key, safe='')}"


@contextmanager
def secret_file(text):
    """`@FILE`, which az reads: what stands on a command line, every process can see."""
    with tempfile.NamedTemporaryFile("w", prefix="dps-", suffix=".secret") as file:
        file.write(text)
        file.flush()
        yield f"@{file.name}"


class Enrollments:
    """The enrollments of a Device Provisioning Service, through the extension azure-iot."""

    KINDS = {"enrollment-group": "enrollmentGroupId", "enrollment": "registrationId"}

    def __init__(self, az, service):
        self.az, self.service = az, service
        if az.installed and not az.ask("extension", "show", "--name", "azure-iot", missing_is=None):
            raise Failed("the extension azure-iot is missing: az extension add --name azure-iot")

    def calling(self, host):
        """(kind, id) of those that call the app of this host name."""
        for kind, member in self.KINDS.items():
            for enrollment in self.az.ask("iot", "dps", kind, "list", "--dps-name", self.service) or []:
                webhook = (enrollment.get("customAllocationDefinition") or {}).get("webhookUrl")
                if webhook and urlsplit(webhook.lower()).netloc == host.lower():
                    yield kind, enrollment[member]

    def wire(self, kind, name, url, key):
        """Makes an enrollment call the app; a group that is not there is made, with new keys."""
        known = self.az.ask("iot", "dps", kind, "show", "--dps-name", self.service,
                            "--enrollment-id", name, missing_is=None)
        if known is None and kind == "enrollment":
            raise Failed(f"`{self.service}` has no individual enrollment `{name}`: make it first, "
                         "it needs the device's credentials")
        verb = "update" if known else "create"
        with secret_file(webhook_url(url, key)) as webhook:
            self.az.change("iot", "dps", kind, verb, "--dps-name", self.service,
                           "--enrollment-id", name, "--allocation-policy", "custom",
                           "--webhook-url", webhook, "--api-version", DPS_API_VERSION)
        return verb
