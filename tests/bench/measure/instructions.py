"""User instructions a request, under callgrind: the one figure a busy machine can't blur.

Two runs differ by 1,000 requests over one kept-alive connection, so start and stop cancel out.
"""

from . import NotMeasured
from .client import POST, Connection, check_allocation
from .figures import against_others, by_server
from .programs import NATIVE, SUBJECT, tool
from .server import Server

ROUNDS = 3
FEW, MANY = 300, 1300
# Callgrind counts whatever a poll costs, so there are few of them.
POLL_SECONDS = 1
# No refresh of the policy may fall into one run and not into the other.
NO_REFRESH = {"POLICY_REFRESH_SECONDS": "3600"}


def measure(programs, policies, rounds):
    names, samples = [name for name in programs.commands if name in NATIVE], []
    if not names:
        raise NotMeasured(f"instructions: not measured, only {', '.join(NATIVE)} can be")
    for number in range(rounds):
        for name in names:
            each = of_one_request(programs, name, policies.fleet)
            samples.append({"round": number, "server": name, "instructions": each})
    return samples


def spans(programs, policies):
    """What telling costs the subject: instructions a request, by what is told."""
    # Port 9, discard: nobody listens, and a queue that is full costs no less.
    on = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    told = {
        "off": {},
        "metrics": on | {"OTEL_TRACES_SAMPLER": "always_off"},
        "metrics and spans": on,
    }
    return {
        what: of_one_request(programs, SUBJECT, policies.fleet, settings)
        for what, settings in told.items()
    }


def of_one_request(programs, name, policy, settings=None):
    few, many = (total(programs, name, policy, count, settings) for count in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def total(programs, name, policy, requests, settings=None):
    """Instructions of a whole life with so many requests in it."""
    out = programs.scratch / f"{name}.callgrind"
    valgrind = [tool("valgrind", package="valgrind"), "-q", "--tool=callgrind"]
    valgrind.append(f"--callgrind-out-file={out}")
    settings = NO_REFRESH | (settings or {})
    with Server(programs, name, policy, wrapper=valgrind, **settings) as server:
        server.wait_ready(POLL_SECONDS)
        with Connection(server.port) as connection:
            for _ in range(requests):
                _, body = connection.ask(POST)
        check_allocation(server, body)
    with open(out) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("totals:"))


def report(samples):
    columns = [("user instructions/request", "instructions", 0, {})]
    return f"{by_server(samples, columns)}\n{against_others(samples, columns, digits=3)}"
