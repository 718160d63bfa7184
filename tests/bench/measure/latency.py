"""Open loop with oha: latency at a constant rate, from the instant a request was due."""

import json
import shutil
import subprocess

from . import Failure, NotMeasured
from .client import BODY_FILE
from .figures import against_others, by_server
from .noise import Noise, quiet, shuffled
from .server import Server

ROUNDS = 5
PER_SECOND = 1000
CONNECTIONS = 64
SECONDS = 4


def measure(programs, policies, rounds):
    need_oha("latency")
    names, samples = list(programs.commands), []
    for number in range(rounds):
        for name in shuffled(names, number):
            with Server(programs, name, policies.fleet) as server:
                server.wait_ready()
                open_loop(server, seconds=1)
                samples.append({"round": number, "server": name} | open_loop(server, SECONDS))
    return samples


def need_oha(measurement):
    if not shutil.which("oha"):
        raise NotMeasured(
            f"{measurement}: not measured, `oha` is not on PATH (cargo install --locked oha)"
        )


def open_loop(server, seconds):
    command = ["oha", "--no-tui", "--output-format", "json", "--latency-correction"]
    command += ["-q", str(PER_SECOND), "-z", f"{seconds}s", "-c", str(CONNECTIONS)]
    command += ["-m", "POST", "-T", "application/json", "-D", str(BODY_FILE), server.url]
    noise = Noise(server)
    ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if ran.returncode != 0:
        raise Failure(f"oha ended with {ran.returncode}: {ran.stderr.strip()}")
    seen = json.loads(ran.stdout)
    if set(seen["statusCodeDistribution"]) != {"200"}:
        raise Failure(
            f"{server.name} answers {seen['statusCodeDistribution']}{server.last_words()}"
        )
    percentiles = seen["latencyPercentiles"]
    sample = {f"{p}_us": percentiles[p] * 1e6 for p in ("p50", "p99")}
    return sample | {"others_percent": noise.others_percent()}


def report(samples):
    kept, note = quiet(samples, lambda sample: sample["round"])
    columns = [("p50 us", "p50_us", 0, {}), ("p99 us", "p99_us", 0, {})]
    return (
        f"{PER_SECOND:,} requests/s over {CONNECTIONS} connections:\n\n"
        f"{by_server(kept, columns)}\n{against_others(kept, columns)}\n{note}"
    )
