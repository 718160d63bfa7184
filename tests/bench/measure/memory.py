"""Resident memory: at rest, under 256 connections, and what a row of the tables costs."""

import time

from .figures import against_others, by_server, pick, spread
from .programs import SUBJECT, tool
from .server import Server
from .throughput import load

ROUNDS = 3
CONNECTIONS = 256
LOAD_SECONDS = 2
# The policy is in use by then; what loading it needed has been given back.
SETTLE_SECONDS = 1


def measure(programs, policies, rounds):
    tool("wrk", package="wrk")
    samples = []
    for number in range(rounds):
        for name in programs.commands:
            with Server(programs, name, policies.small) as server:
                settle(server)
                sample = {"idle_mb": server.memory("VmRSS")}
                server.forget_peak()
                load(server, CONNECTIONS, LOAD_SECONDS)
                sample["loaded_mb"] = server.memory("VmHWM")
            if name == SUBJECT:
                sample |= many_rows(programs, policies, sample["idle_mb"])
            samples.append({"round": number, "server": name} | sample)
    return samples


def many_rows(programs, policies, small_mb):
    with Server(programs, SUBJECT, policies.large) as server:
        settle(server)
        large_mb, rows = server.memory("VmRSS"), policies.large_rows - policies.small_rows
        return {
            "rows": policies.large_rows,
            "large_mb": large_mb,
            "large_peak_mb": server.memory("VmHWM"),
            "bytes_per_row": (large_mb - small_mb) * 1e6 / rows,
        }


def settle(server):
    server.wait_ready()
    time.sleep(SETTLE_SECONDS)


def report(samples):
    columns = [
        ("RSS idle, MB", "idle_mb", 1, {}),
        (f"peak RSS at {CONNECTIONS} connections, MB", "loaded_mb", 1, {}),
    ]
    text = f"{by_server(samples, columns)}\n{against_others(samples, columns)}"
    own = [sample for sample in samples if sample["server"] == SUBJECT]
    if own:
        text += (
            f"\n`{SUBJECT}` with {own[0]['rows']:,} rows: "
            f"RSS {spread(pick(own, 'large_mb'), 1)} MB, "
            f"peak while loading {spread(pick(own, 'large_peak_mb'), 1)} MB, "
            f"{spread(pick(own, 'bytes_per_row'))} bytes a row.\n"
        )
    return text
