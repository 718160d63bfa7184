"""A cloud of real parts for the scripts of infra: Azurite, the stand-in of the Functions host with the
webhook behind it, and a stand-in of the Azure CLI that keeps the rest."""

import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
AZURITE = TARGET / "azurite/node_modules/azurite/dist/src/table/main.js"
HOST = TARGET / "debug/functions-host"
STAGED = TARGET / "funcapp"
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
ROTATE = ("azure/rotate-keys", "--group", "g", "--app", "app", "--dps", "my-dps",
          "--settle", "1", "--grace", "1")
# Far more than anything here takes on a loaded machine.
LIMIT = 300
SHIM = '#!/bin/sh\nexec {python} {fake} "$@"\n'


class Cloud:
    """Starts empty: no group, no app, tables that are not there, a signed-in user."""

    def __init__(self, services=("my-dps",)):
        for part, install in ((AZURITE, "tests/run installs Azurite"),
                              (HOST, "cargo build -p functions-host"),
                              (STAGED / "dps-webhook", "infra/package")):
            if not part.exists():
                raise AssertionError(f"{part} is missing: {install}")
        self.folder = Path(tempfile.mkdtemp(prefix="dps-cloud-", dir=TARGET))
        self.authority = certificate(self.folder)
        self.azurite, port = azurite(self.folder)
        self.prefix = f"T{secrets.token_hex(6)}"
        tables = f"https://127.0.0.1:{port}/{ACCOUNT}"
        commands = self.folder / "bin"
        commands.mkdir()
        shim = commands / "az"
        shim.write_text(SHIM.format(python=sys.executable, fake=HERE / "fake_az.py"))
        shim.chmod(0o755)
        self.write({
            "commands": [], "groups": {}, "extensions": ["azure-iot"], "host": str(HOST),
            "services": {name: {} for name in services}, "prefix": self.prefix,
            "url": f"http://127.0.0.1:{free_port()}", "tables": tables,
            # The account's key takes the place of the identity that Azure would give the app.
            "settings": {
                "PolicyTables": f"AccountName={ACCOUNT};AccountKey={KEY};TableEndpoint={tables}",
                "POLICY_TABLE_PREFIX": self.prefix, "POLICY_REFRESH_SECONDS": "1",
                "FUNCTIONS_WORKER_RUNTIME": "custom", "SSL_CERT_FILE": str(self.authority)},
        })
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PolicyTables")},
            "PATH": f"{commands}:{os.environ['PATH']}", "FAKE_AZ": str(self.folder),
            "SSL_CERT_FILE": str(self.authority), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
        }

    def run(self, script, *arguments, **options):
        """Runs a script of infra, and checks that it shows no key."""
        run = subprocess.run([ROOT / "infra" / script, *arguments], cwd=ROOT, text=True, check=False,
                             capture_output=True, timeout=LIMIT,
                             env={**self.environment, **options.pop("settings", {})}, **options)
        for key in self.known_keys():
            if key in run.stdout + run.stderr:
                raise AssertionError(f"{script} shows a key")
        return run

    def deploy(self, *arguments):
        return self.run("azure/deploy", "--group", "g", "--location", "westeurope",
                        "--zip", str(package(self.folder)), *arguments)

    def known_keys(self):
        file = self.folder / "keys.json"
        functions = json.loads(file.read_text())["functions"] if file.exists() else {}
        return [key for keys in functions.values() for key in keys.values()]

    def keys(self, function="allocate"):
        return json.loads((self.folder / "keys.json").read_text())["functions"][function]

    def state(self):
        return json.loads((self.folder / "state.json").read_text())

    def write(self, state):
        fresh = self.folder / "state.test"
        fresh.write_text(json.dumps(state))
        fresh.rename(self.folder / "state.json")

    def change(self, **members):
        self.write({**self.state(), **members})

    def commands(self):
        return [it[0] for it in self.state()["commands"]]

    def webhook(self, group="my-devices", service="my-dps"):
        """What an enrollment group calls at this moment."""
        enrollment = self.state()["services"][service]["enrollment-group"][group]
        return enrollment["customAllocationDefinition"]["webhookUrl"]

    def stop(self):
        for group in self.state()["groups"].values():
            for app in group["apps"].values():
                if "pid" in app:
                    os.kill(app["pid"], signal.SIGTERM)
        self.azurite.stdin.close()
        self.azurite.wait(LIMIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port():
    """Below 32,768, where the kernel's ports for connections begin: none of those takes it meanwhile."""
    for port in random.sample(range(12_000, 32_000), 1_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise AssertionError("no port is free")


def certificate(folder):
    """A certificate of 127.0.0.1, and the authority that it is signed by; answers the latter."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
           "-nodes", "-days", "2"]
    authority, key = folder / "authority.pem", folder / "authority.key"
    leaf = ["-CA", authority, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "extendedKeyUsage=serverAuth"]
    for command in ([*new, "-subj", "/CN=authority of a test", "-keyout", key, "-out", authority],
                    [*new, "-subj", "/CN=127.0.0.1", *leaf, "-keyout", folder / "leaf.key",
                     "-out", folder / "leaf.pem"]):
        subprocess.run(command, check=True, capture_output=True)
    return authority


def azurite(folder):
    """Azurite with TLS and tokens; it ends when its stdin does."""
    until_parent = '--import=data:text/javascript,process.stdin.resume().on("end",()=>process.exit())'
    port = free_port()
    node = subprocess.Popen(
        ["node", until_parent, AZURITE, "--tableHost", "127.0.0.1", "--tablePort", str(port),
         "--inMemoryPersistence", "--disableTelemetry", "--silent", "--loose", "--skipApiVersionCheck",
         "--oauth", "basic", "--cert", folder / "leaf.pem", "--key", folder / "leaf.key"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit and node.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return node, port
        time.sleep(0.1)
    raise AssertionError("Azurite does not start")


def package(folder):
    """The zip that infra/package --release would make, of the staged debug build."""
    path = folder / "funcapp.zip"
    if not path.exists():
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(STAGED.rglob("*")):
                if file.is_file() and file.name != "local.settings.json":
                    archive.write(file, file.relative_to(STAGED))
    return path
