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


def of_one_request(programs, name, policy, settings=None):
    """Of all threads."""
    few, many = (total(programs, name, policy, count, settings) for count in (FEW, MANY))
    return (sum(many) - sum(few)) / (MANY - FEW)


def of_first_thread(programs, name, policy, settings, ready=None):
    """Of the thread that answers; `ready` waits for more than the first answer."""
    few, many = (total(programs, name, policy, count, settings, ready) for count in (FEW, MANY))
    return (many[0] - few[0]) / (MANY - FEW)


def total(programs, name, policy, requests, settings=None, ready=None):
    """Instructions of each thread in a whole life with so many requests in it, the first one's first."""
    out = programs.scratch / f"{name}.callgrind"
    for old in out.parent.glob(f"{out.name}*"):
        old.unlink()
    valgrind = [tool("valgrind", package="valgrind"), "-q", "--tool=callgrind"]
    valgrind += ["--separate-threads=yes", f"--callgrind-out-file={out}"]
    settings = NO_REFRESH | (settings or {})
    with Server(programs, name, policy, wrapper=valgrind, **settings) as server:
        server.wait_ready(POLL_SECONDS)
        if ready:
            ready(server)
        with Connection(server.port) as connection:
            for _ in range(requests):
                _, body = connection.ask(POST)
        check_allocation(server, body)
    return [totals(file) for file in sorted(out.parent.glob(f"{out.name}-*"))]


def totals(file):
    with open(file) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("totals:"))


def report(samples):
    columns = [("user instructions/request", "instructions", 0, {})]
    return f"{by_server(samples, columns)}\n{against_others(samples, columns, digits=3)}"
