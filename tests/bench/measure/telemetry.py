"""What telling of requests costs: beside off, with a collector that takes all and with a dead one."""

import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager

from . import Failure, NotMeasured
from .figures import ratios, spread, table
from .instructions import of_first_thread
from .noise import quiet, shuffled
from .programs import SUBJECT, tool
from .server import CLIENT_CPU, Server, free_port
from .throughput import SECONDS, WARM_UP_SECONDS, load

ROUNDS = 10
CONNECTIONS = 64
READY_SECONDS = 30
OFF, ON, DEAD = "off", "a collector that takes all", "a collector that never answers"


def measure(programs, policies, rounds):
    """A sample a round and collector, and instructions once: they do not vary."""
    tool("wrk", package="wrk")
    if SUBJECT not in programs.commands:
        raise NotMeasured(f"telemetry: not measured, only {SUBJECT} can be")
    samples = []
    with rotel(programs) as taking, black_hole() as dead:
        settings = {OFF: {}, ON: exporting(taking), DEAD: exporting(dead)}
        for number in range(rounds):
            samples += one_round(programs, policies, settings, number)
    return {"samples": samples, "instructions": instructions(programs, policies)}


def one_round(programs, policies, settings, number):
    """Fresh processes; all run, one at a time is loaded."""
    samples = []
    with ExitStack() as running:
        servers = {}
        for what, variables in settings.items():
            server = Server(programs, SUBJECT, policies.fleet, **variables)
            servers[what] = running.enter_context(server)
            server.wait_ready()
            load(server, CONNECTIONS, WARM_UP_SECONDS)
        for what in shuffled(list(servers), number):
            sample = load(servers[what], CONNECTIONS, SECONDS)
            samples.append({"round": number, "server": what} | sample)
    return samples


def instructions(programs, policies):
    """A request, on the thread that answers it: each span is made, since callgrind is slow enough."""
    # Port 9, discard: nobody listens, which costs that thread no less.
    on = exporting(9)
    told = {
        "nothing": {},
        "metrics": on | {"OTEL_TRACES_SAMPLER": "always_off"},
        "metrics and a span": on,
    }
    return {
        what: of_first_thread(programs, SUBJECT, policies.fleet, settings)
        for what, settings in told.items()
    }


def exporting(port):
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}


@contextmanager
def rotel(programs):
    """The port of a real collector, beside wrk."""
    agent = programs.target / "otlp" / "rotel" / "rotel-agent"
    if not agent.exists():
        raise NotMeasured("telemetry: not measured, rotel is not there: tests/tools rotel")
    http, grpc = free_port(), free_port()
    command = ["taskset", "-c", str(CLIENT_CPU), str(agent), "start", "--exporter", "blackhole"]
    command += ["--otlp-http-endpoint", f"127.0.0.1:{http}"]
    command += ["--otlp-grpc-endpoint", f"127.0.0.1:{grpc}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(http)
        yield http
    finally:
        process.terminate()
        process.wait()


@contextmanager
def black_hole():
    """A port where connections are taken and nothing is read."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as hole:
        yield hole.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise Failure(f"rotel does not listen on {port}")


def report(measured):
    kept, note = quiet(measured["samples"], lambda sample: sample["round"])
    columns = [("req/s", "per_second"), ("CPU a request", "cpu_us"), ("p99", "p99_ms")]
    rows = [
        [what, *(spread(ratios(kept, key, what, OFF), 2) for _, key in columns)]
        for what in (ON, DEAD)
    ]
    compared = table([f"over off, {CONNECTIONS} connections", *(head for head, _ in columns)], rows)
    counts = measured["instructions"]
    least = counts["nothing"]
    rows = [[what, f"{count:,.0f}", f"{count - least:,.0f}"] for what, count in counts.items()]
    head = ["told", "user instructions/request, the answering thread", "more"]
    return f"{compared}\n{note}\n{table(head, rows)}"
