"""The Bicep compiler, where this machine has one: no package registry carries it.

`$BICEP` names it; else it is searched for on the PATH, and then in the folder of tools that some machines
have beside the checkout. Without one, the tests that need it are counted as skipped, and say so.
"""

import atexit
import functools
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AZURE = ROOT / "infra/azure"
WAYS = Path(__file__).with_name("ways")
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
BESIDE = ROOT.parent / "shared/tools/bicep"


def find():
    named = os.environ.get("BICEP")
    if named:
        return named
    return shutil.which("bicep") or (str(BESIDE) if BESIDE.is_file() else None)


BICEP = find()
needed = unittest.skipUnless(BICEP, "there is no Bicep compiler: set BICEP, or put bicep on the PATH")


class Compiler:
    """One process for all questions, by JSON-RPC: most of what one costs is the start of its runtime."""

    def __init__(self):
        environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        self.process = subprocess.Popen([BICEP, "jsonrpc", "--stdio"], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # Ends with its questions.
        atexit.register(self.process.communicate)

    def ask(self, method, **parameters):
        question = {"jsonrpc": "2.0", "id": 1, "method": f"bicep/{method}", "params": parameters}
        body = json.dumps(question).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()
        length = 0
        for header in iter(self.process.stdout.readline, b"\r\n"):
            name, _, value = header.partition(b":")
            if not header:
                raise AssertionError(f"{BICEP} has ended")
            if name.lower() == b"content-length":
                length = int(value)
        answer = json.loads(self.process.stdout.read(length))
        if "error" in answer:
            raise AssertionError(answer["error"]["message"])
        return answer["result"]


@functools.cache
def compiler():
    return Compiler()


def findings(path):
    """What the compiler and its linter say of a file, as (code, message)."""
    method = "compileParams" if path.suffix == ".bicepparam" else "compile"
    more = {"parameterOverrides": {}} if method == "compileParams" else {}
    answer = compiler().ask(method, path=str(path), **more)
    return [(it["code"], it["message"]) for it in answer["diagnostics"]]


def formatted(path):
    return compiler().ask("format", path=str(path))["contents"]


@functools.cache
def snapshot(way):
    """What a deployment of these parameters would create: resources by id, and outputs."""
    where = {"subscriptionId": SUBSCRIPTION, "resourceGroup": "rg", "location": "westeurope"}
    path = WAYS / f"{way}.bicepparam"
    return json.loads(compiler().ask("getSnapshot", path=str(path), metadata=where)["snapshot"])


def resources(way, kind=""):
    return [it for it in snapshot(way)["predictedResources"] if it["type"].startswith(kind)]
