"""From exec to the first 200: of the host's readiness probe, and of an allocation."""

from .figures import by_server, label, ratios, servers, spread, table
from .noise import shuffled
from .programs import SUBJECT
from .server import Server

ROUNDS = 20


def measure(programs, policies, rounds):
    """The webhook with few rows and with many; the others have no tables to read."""
    runs = [(name, name, policies.small) for name in programs.commands]
    if SUBJECT in programs.commands:
        runs[1:1] = [(many_rows(policies), SUBJECT, policies.large)]
    samples = []
    for number in range(rounds):
        for title, name, policy in shuffled(runs, number):
            with Server(programs, name, policy) as server:
                listening, allocating = server.wait_ready()
                sample = {"listening_ms": listening * 1e3, "allocating_ms": allocating * 1e3}
                sample |= {"cpu_ms": server.cpu_seconds() * 1e3, "peak_mb": server.memory("VmHWM")}
            samples.append({"round": number, "server": title} | sample)
    return samples


def many_rows(policies):
    return f"{SUBJECT}, {policies.large_rows:,} rows"


def report(samples):
    columns = [
        ("first 200 of `GET /`, ms", "listening_ms", 1, {}),
        ("first allocation, ms", "allocating_ms", 1, {}),
        ("CPU until then, ms", "cpu_ms", 1, {}),
        ("peak RSS, MB", "peak_mb", 1, {}),
    ]
    text = by_server(samples, columns)
    if "node" in servers(samples):
        text += "\n" + against_node(samples)
    return text


def against_node(samples):
    def cell(name, key):
        return spread(ratios(samples, key, name, "node"), 3)

    rows = [
        [label(name), cell(name, "listening_ms"), cell(name, "allocating_ms")]
        for name in servers(samples)
        if name != "node"
    ]
    return table([f"/ {label('node')}", "first 200 of `GET /`", "first allocation"], rows)
