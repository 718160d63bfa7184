"""Both clouds, beside the same in Node: what is uploaded, from exec to the first 200, and memory.

A runtime is in no zip of Node's: both clouds bring it.
"""

import io
import os
import time
import zipfile
from pathlib import Path

from . import NotMeasured
from .client import check_allocation
from .figures import pick, ratios, spread, table
from .memory import SETTLE_SECONDS
from .noise import shuffled
from .programs import HERE, SUBJECT, cargo, label, tool
from .runtime_api import Function
from .server import Server

ROUNDS = 20
# After so many requests memory has its size.
REQUESTS = 200
LAMBDA, NODE_LAMBDA = f"{SUBJECT}-lambda", "node-lambda"
PAIRS = [(SUBJECT, "node"), (LAMBDA, NODE_LAMBDA)]
TITLES = {
    SUBJECT: "custom handler: `dps-webhook`", "node": "custom handler: Node `http`",
    LAMBDA: "Lambda: `dps-webhook-lambda`", NODE_LAMBDA: "Lambda: Node, a loop on the runtime API",
}
ALTERNATIVES = HERE / "alternatives"
ROOT = HERE.parents[1]


def measure(programs, policies, rounds):
    if missing := {SUBJECT, "node"} - set(programs.commands):
        raise NotMeasured(f"targets: {label(missing.pop())} is needed, and not among --only")
    commands = programs.commands | {
        LAMBDA: [handler(programs)],
        NODE_LAMBDA: [tool("node"), str(ALTERNATIVES / "node-lambda.mjs")],
    }
    sizes = {name: zipped(files(name, commands[name])) for name in TITLES}
    samples = []
    for number in range(rounds):
        for name in shuffled(list(TITLES), number):
            measured = on_lambda if name in PAIRS[1] else on_azure
            sample = measured(programs, name, commands[name], policies.small)
            samples.append({"round": number, "server": name, "zip_mb": sizes[name]} | sample)
    return samples


def on_azure(programs, name, _, policy):
    with Server(programs, name, policy) as server:
        _, allocating = server.wait_ready()
        for _ in range(REQUESTS):
            server.wait_ready()
        return {"allocating_ms": allocating * 1e3, "rss_mb": settled(server)}


def on_lambda(programs, name, command, policy):
    with Function(programs, name, command, policy) as function:
        allocating, body = function.ask()
        check_allocation(function, body)
        for _ in range(REQUESTS):
            function.ask()
        return {"allocating_ms": allocating * 1e3, "rss_mb": settled(function)}


def settled(server):
    time.sleep(SETTLE_SECONDS)
    return server.memory("VmRSS")


def handler(programs):
    if binary := os.environ.get("DPS_WEBHOOK_LAMBDA_BIN"):
        return str(Path(binary).resolve())
    cargo("build", "--release", "--package", SUBJECT, "--bin", LAMBDA)
    return str(programs.target / "release" / LAMBDA)


def files(name, command):
    """What is deployed, by name."""
    if name in ("node", NODE_LAMBDA):
        return [Path(command[-1]), ALTERNATIVES / "sample.mjs"]
    return [Path(command[-1]), *ROOT.glob("infra/policy/*.csv")]


def zipped(paths):
    """Megabytes of a zip, as infra/package packs it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in paths:
            packed.write(path, path.name)
    return len(archive.getvalue()) / 1e6


def report(samples):
    columns = [("zip, MB", "zip_mb", 3), ("exec to first allocation, ms", "allocating_ms", 1),
               (f"RSS after {REQUESTS} requests, MB", "rss_mb", 1)]

    def row(name):
        def cell(key, digits):
            values = pick(samples, key, server=name)
            return spread(values[:1] if key == "zip_mb" else values, digits)

        return [TITLES[name], *(cell(key, digits) for _, key, digits in columns)]

    def over(ours, theirs):
        return [TITLES[theirs], *(spread(ratios(samples, key, ours, theirs), 3)
                                  for _, key, _ in columns[1:])]

    heads = [head for head, *_ in columns]
    absolute = table(["target", *heads], [row(name) for name in TITLES])
    return absolute + "\n" + table(["ours /", *heads[1:]], [over(*pair) for pair in PAIRS])
