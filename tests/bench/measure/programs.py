"""The servers that are compared: how each is built or installed, and started."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import Failure

HERE = Path(__file__).resolve().parent.parent
SUBJECT = "dps-webhook"
# Subject first, then what it is compared with; tables keep this order.
NAMES = [SUBJECT, "axum_lean", "axum_bare", "node", "fastify", "fastapi"]
NATIVE = NAMES[:3]
LABELS = {"node": "Node http", "fastify": "Fastify", "fastapi": "FastAPI (uvicorn)"}


class Programs:
    """Commands of the chosen servers, by name, and the folder for everything made on the way."""

    def __init__(self, names):
        metadata = json.loads(cargo("metadata", "--no-deps", "--format-version=1"))
        self.target = Path(metadata["target_directory"])
        self.scratch = self.target / "bench"
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.workspace = {package["name"] for package in metadata["packages"]}
        self.commands = {name: self.prepare(name) for name in NAMES if name in names}

    def prepare(self, name):
        if name == SUBJECT and (binary := os.environ.get("DPS_WEBHOOK_BIN")):
            if not os.access(binary, os.X_OK):
                raise Failure(f"`DPS_WEBHOOK_BIN` names `{binary}`, which is not an executable file")
            return [str(Path(binary).resolve())]
        if name == SUBJECT and SUBJECT not in self.workspace:
            raise Failure(f"`{SUBJECT}` is not a package of this workspace: set `DPS_WEBHOOK_BIN`")
        if name in NATIVE:
            package = SUBJECT if name == SUBJECT else "dps-bench"
            cargo("build", "--release", "--package", package, "--bin", name)
            return [str(self.target / "release" / name)]
        if name == "node":
            return [tool("node"), str(HERE / "alternatives" / "node-http.mjs")]
        return self.fastify() if name == "fastify" else self.fastapi()

    def fastify(self):
        folder = self.scratch / "node"
        shutil.copytree(HERE / "alternatives", folder, dirs_exist_ok=True)
        install = [tool("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund"]
        once(folder, "package.json", lambda: run([*install, "--prefix", str(folder)]))
        return [tool("node"), str(folder / "fastify.mjs")]

    def fastapi(self):
        folder = self.scratch / "python"
        python = str(folder / "bin" / "python")
        requirements = str(HERE / "alternatives" / "requirements.txt")
        if not Path(python).exists():
            shutil.rmtree(folder, ignore_errors=True)
            run([sys.executable, "-m", "venv", str(folder)])
        shutil.copy(requirements, folder)
        once(
            folder,
            "requirements.txt",
            lambda: run([python, "-m", "pip", "install", "-qr", requirements]),
        )
        return [python, str(HERE / "alternatives" / "fastapi_app.py")]


def label(name):
    return LABELS.get(name, f"`{name}`")


def tool(name, package=None):
    """The path of an installed program; root gets it from apt where `package` names one."""
    if not shutil.which(name) and package and os.geteuid() == 0 and shutil.which("apt-get"):
        run(["apt-get", "install", "-y", "-qq", package])
    if path := shutil.which(name):
        return path
    raise Failure(f"`{name}` is not on PATH" + (f": apt-get install {package}" if package else ""))


def once(folder, manifest, install):
    """Installs again only when the manifest has changed since it last succeeded."""
    wanted, installed = folder / manifest, folder / f"{manifest}.installed"
    if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
        install()
        shutil.copy(wanted, installed)


def cargo(*arguments):
    return run([tool("cargo"), *arguments], cwd=HERE)


def run(command, **options):
    print("bench:", *command, file=sys.stderr)
    ran = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=3600, check=False, **options
    )
    if ran.returncode != 0:
        raise Failure(f"`{' '.join(command)}` ended with {ran.returncode}")
    return ran.stdout
