"""What a candidate policy costs: beside none, one that decides alike and one that decides otherwise."""

import json
import shutil
import time
from contextlib import ExitStack

from . import Failure, NotMeasured
from .client import POST, Connection, check_allocation
from .figures import ratios, spread, table
from .instructions import of_first_thread
from .noise import quiet, shuffled
from .programs import SUBJECT, tool
from .server import Server
from .throughput import SECONDS, WARM_UP_SECONDS, load

ROUNDS = 10
CONNECTIONS = 64
POLL_SECONDS = 0.05
NONE, ALIKE, OTHERWISE = "no candidate", "a candidate that decides alike", "one that decides otherwise"
# No line is written for a decision.
QUIET = {"RUST_LOG": "info,decision=off"}
GET_POLICY = b"GET /api/policy HTTP/1.1\r\nHost: localhost\r\n\r\n"


def measure(programs, policies, rounds):
    """A sample a round and candidate, and instructions once: they do not vary."""
    tool("wrk", package="wrk")
    if SUBJECT not in programs.commands:
        raise NotMeasured(f"shadow: not measured, only {SUBJECT} can be")
    candidates = settings(programs, policies)
    samples = []
    for number in range(rounds):
        samples += one_round(programs, policies, candidates, number)
    return {
        "samples": samples,
        "instructions": instructions(programs, policies, candidates, {}),
        "not logged": instructions(programs, policies, candidates, QUIET),
    }


def settings(programs, policies):
    """The environment of each, with the folders that it names."""
    alike, otherwise = (policies.fleet.with_name(name) for name in ("alike", "otherwise"))
    for folder in (alike, otherwise):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(policies.fleet, folder)
    close(otherwise / "hubs.csv", answer(programs, policies))
    return {
        NONE: {},
        ALIKE: {"POLICY_SHADOW": str(alike)},
        OTHERWISE: {"POLICY_SHADOW": str(otherwise)},
    }


def answer(programs, policies):
    """The hub that the live policy assigns."""
    with Server(programs, SUBJECT, policies.fleet) as server:
        server.wait_ready()
        with Connection(server.port) as connection:
            _, body = connection.ask(POST)
        check_allocation(server, body)
    return json.loads(body)["iotHubHostName"]


def close(file, hub):
    """Closes a hub, so that its devices go elsewhere."""
    rows = file.read_text().splitlines(keepends=True)
    closed = [row.replace(",open,", ",closed,") if f",{hub.lower()}," in row else row for row in rows]
    if closed == rows:
        raise Failure(f"`{file}` has no open hub `{hub}`")
    file.write_text("".join(closed))


def one_round(programs, policies, candidates, number):
    """Fresh processes; all run, one at a time is loaded."""
    samples = []
    with ExitStack() as running:
        servers = {}
        for what, variables in candidates.items():
            server = Server(programs, SUBJECT, policies.fleet, **variables)
            servers[what] = running.enter_context(server)
            server.wait_ready()
            wait_for_candidate(server, what)
            load(server, CONNECTIONS, WARM_UP_SECONDS)
        for what in shuffled(list(servers), number):
            sample = load(servers[what], CONNECTIONS, SECONDS)
            samples.append({"round": number, "server": what} | sample)
    return samples


def wait_for_candidate(server, what):
    """The live policy may be there first."""
    if what == NONE:
        return
    while time.monotonic() < server.deadline:
        with Connection(server.port) as connection:
            _, body = connection.ask(GET_POLICY)
        if json.loads(body)["shadow"]["revision"]:
            return
        time.sleep(POLL_SECONDS)
    raise Failure(f"the candidate is not installed{server.last_words()}")


def instructions(programs, policies, candidates, more):
    """A request, on the thread that answers it."""
    return {
        what: of_first_thread(
            programs,
            SUBJECT,
            policies.fleet,
            variables | more,
            lambda server, what=what: wait_for_candidate(server, what),
        )
        for what, variables in candidates.items()
    }


def report(measured):
    kept, note = quiet(measured["samples"], lambda sample: sample["round"])
    columns = [("req/s", "per_second"), ("CPU a request", "cpu_us"), ("p99", "p99_ms")]
    rows = [
        [what, *(spread(ratios(kept, key, what, NONE), 2) for _, key in columns)]
        for what in (ALIKE, OTHERWISE)
    ]
    head = [f"over {NONE}, {CONNECTIONS} connections", *(head for head, _ in columns)]
    compared = table(head, rows)
    rows = [
        [what, *(cell for key in ("instructions", "not logged") for cell in more(measured[key], what))]
        for what in (NONE, ALIKE, OTHERWISE)
    ]
    head = ["user instructions/request, the answering thread", "logged", "more", "not logged", "more"]
    return f"{compared}\n{note}\n{table(head, rows)}"


def more(counts, what):
    return f"{counts[what]:,.0f}", f"{counts[what] - counts[NONE]:,.0f}"
