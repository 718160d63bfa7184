"""The Bicep compiler, where this machine has one: no package registry carries it.

`$BICEP` names it; else it is searched for on the PATH, and then in the folder of tools that some machines
have beside the checkout. Without one, the tests that need it are counted as skipped, and say so.
"""

import functools
import json
import os
import shutil
import subprocess
import tempfile
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


def run(*arguments):
    """Runs the compiler; what it says of the files is on standard error."""
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    return subprocess.run([BICEP, *map(str, arguments)], capture_output=True, text=True, check=False,
                          env=environment)


@functools.cache
def snapshot(way):
    """What a deployment of these parameters would create: resources by id, and outputs."""
    with tempfile.TemporaryDirectory(dir=WAYS) as folder:
        # The compiler writes beside the parameters.
        parameters = Path(folder) / f"{way}.bicepparam"
        text = (WAYS / parameters.name).read_text()
        parameters.write_text(text.replace("using '../", "using '../../"))
        ran = run("snapshot", parameters, "--subscription-id", SUBSCRIPTION, "--resource-group", "rg",
                  "--location", "westeurope", "--mode", "Overwrite")
        if ran.returncode:
            raise AssertionError(ran.stderr)
        return json.loads(parameters.with_suffix(".snapshot.json").read_text())


def resources(way, kind=""):
    return [it for it in snapshot(way)["predictedResources"] if it["type"].startswith(kind)]
