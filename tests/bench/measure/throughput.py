"""Closed loop with wrk: requests a second, CPU a request and tail.

Server and wrk have a CPU each, so a rate is what one CPU can serve.
"""

import json
import os
import subprocess
from contextlib import ExitStack

from . import Failure
from .client import BODY_FILE
from .figures import against_others, by_server
from .noise import Noise, quiet, shuffled
from .programs import HERE, tool
from .server import Server

ROUNDS = 10
CONNECTIONS = (16, 64, 256)
SECONDS = 2
# Long enough for V8 to have compiled what is hot.
WARM_UP_SECONDS = 1


def measure(programs, policies, rounds):
    """Fresh processes in each round; all servers run, one at a time is loaded."""
    tool("wrk", package="wrk")
    names, samples = list(programs.commands), []
    for number in range(rounds):
        with ExitStack() as running:
            servers = {}
            for name in names:
                server = running.enter_context(Server(programs, name, policies.fleet))
                servers[name] = server
                server.wait_ready()
                load(server, 64, WARM_UP_SECONDS)
            for connections in CONNECTIONS:
                for name in shuffled(names, number):
                    sample = load(servers[name], connections, SECONDS)
                    samples.append(
                        {"round": number, "server": name, "connections": connections} | sample
                    )
    return samples


def load(server, connections, seconds):
    """One run of wrk; an answer other than 2xx or a broken connection fails the whole run."""
    command = [tool("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(HERE / "post.lua"), server.url]
    environment = os.environ | {"BENCH_BODY": str(BODY_FILE)}
    noise, cpu = Noise(server), server.cpu_seconds()
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    server.check_alive()
    cpu = server.cpu_seconds() - cpu
    if ran.returncode != 0:
        raise Failure(f"wrk ended with {ran.returncode}: {ran.stderr.strip()}")
    seen = json.loads(ran.stdout.splitlines()[-1])
    if seen["refused"] or seen["broken"] or not seen["requests"]:
        raise Failure(f"{server.name}, {connections} connections: {seen}{server.last_words()}")
    return {
        "per_second": seen["requests"] * 1e6 / seen["microseconds"],
        "cpu_us": cpu * 1e6 / seen["requests"],
        "p50_ms": seen["p50"] / 1e3,
        "p99_ms": seen["p99"] / 1e3,
        "others_percent": noise.others_percent(),
    }


def report(samples):
    kept, note = quiet(samples, lambda sample: (sample["round"], sample["connections"]))
    rates = [(f"req/s c={c}", "per_second", 0, {"connections": c}) for c in CONNECTIONS]
    at_64 = {"connections": 64}
    detail = [("CPU us/request c=64", "cpu_us", 1, at_64), ("p99 ms c=64", "p99_ms", 2, at_64)]
    return (
        f"{by_server(kept, rates + detail)}\n"
        f"Ratios of the samples of one round:\n\n{against_others(kept, rates + detail)}\n{note}"
    )
