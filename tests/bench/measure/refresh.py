"""What a refresh costs the requests beside it: 10,000 rows in files and in Azurite, edited or not.

Every second a hub's weight changes, so that each look takes and checks the whole policy anew. The
requests come as fast as one CPU answers them (wrk), then 1,000 a second (oha).
"""

import base64
import contextlib
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from email.utils import formatdate

from . import Failure
from .figures import pick, ratios, spread, table
from .latency import PER_SECOND, need_oha, open_loop
from .noise import shuffled
from .programs import SUBJECT, cargo, run, tool
from .server import Server, free_port
from .throughput import load

ROUNDS = 5
CONNECTIONS = 16
SECONDS = 6
EDIT_SECONDS = 1
START_SECONDS = 60
PREFIX = "Bench"
HUB = "contoso-fleet-hub-0001.azure-devices.net"
ACCOUNT = "devstoreaccount1"
# Published: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def measure(programs, policies, rounds):
    if SUBJECT not in programs.commands:
        return []
    tool("wrk", package="wrk")
    need_oha("refresh")
    files = programs.scratch / "policies" / "edited"
    with Azurite(programs, policies.medium) as azurite:
        variants = [
            (kind, edited) for kind in ("files", "tables") for edited in (False, True)
        ]
        samples = []
        for number in range(rounds):
            for kind, edited in shuffled(variants, number):
                shutil.rmtree(files, ignore_errors=True)
                shutil.copytree(policies.medium, files)
                settings = azurite.settings if kind == "tables" else {}
                edit = azurite.edit if kind == "tables" else lambda weight: edit_file(files, weight)
                sample = one(programs, files, settings, edit if edited else None)
                title = f"{SUBJECT}, {kind}" + (", edited" if edited else "")
                samples.append({"round": number, "server": title} | sample)
    return samples


def one(programs, folder, settings, edit):
    settings = settings | {"POLICY_REFRESH_SECONDS": "1"}
    with Server(programs, SUBJECT, folder, **settings) as server:
        _, allocating = server.wait_ready()
        rest_mb = server.memory("VmRSS")
        server.forget_peak()
        with edits(edit) as made:
            sample = load(server, CONNECTIONS, SECONDS)
            paced = open_loop(server, SECONDS)
        if edit and not made:
            raise Failure("no edit was made while the server was loaded")
        return sample | {
            "paced_p50_us": paced["p50_us"],
            "paced_p99_us": paced["p99_us"],
            "first_allocation_ms": allocating * 1e3,
            "rest_mb": rest_mb,
            "peak_mb": server.memory("VmHWM"),
        }


@contextlib.contextmanager
def edits(edit):
    """Edits again and again on a thread; yields the list of weights that were written."""
    made, over = [], threading.Event()

    def work():
        while not over.wait(EDIT_SECONDS):
            edit(2 + len(made) % 7)
            made.append(2 + len(made) % 7)

    worker = threading.Thread(target=work if edit else over.wait)
    worker.start()
    try:
        yield made
    finally:
        over.set()
        worker.join()


def edit_file(folder, weight):
    path = folder / "hubs.csv"
    lines = path.read_text().splitlines()
    column = lines[0].split(",").index("weight")
    for number, line in enumerate(lines):
        cells = line.split(",")
        if cells[1] == HUB:
            cells[column] = str(weight)
            lines[number] = ",".join(cells)
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join(lines) + "\n")
    fresh.rename(path)


class Azurite:
    """A real table service with the policy pushed into it."""

    def __init__(self, programs, folder):
        main = programs.target / "azurite/node_modules/azurite/dist/src/table/main.js"
        if not main.exists():
            raise Failure("no Azurite: tests/tools azurite")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/{ACCOUNT}"
        connection = f"AccountName={ACCOUNT};AccountKey={KEY};TableEndpoint={self.url}"
        self.settings = {"PolicyTables": connection, "POLICY_TABLE_PREFIX": PREFIX}
        options = "--inMemoryPersistence --disableTelemetry --skipApiVersionCheck --silent"
        self.process = subprocess.Popen(
            # It has the client's CPU, and must not delay the client.
            ["nice", "-n19", tool("node"), str(main), *options.split(), "--tablePort", str(self.port)],
            cwd=programs.scratch,
        )
        self.wait()
        cargo("build", "--release", "--package", "dps-policy")
        push = [str(programs.target / "release/dps-policy"), "push", "--yes", str(folder)]
        run(push, env=os.environ | self.settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def wait(self):
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.1)
        raise Failure("Azurite does not start")

    def edit(self, weight):
        path = f"/{ACCOUNT}/{PREFIX}Hubs(PartitionKey='hub',RowKey='{HUB}')"
        date = formatdate(usegmt=True)
        signed = hmac.digest(
            base64.b64decode(KEY), f"{date}\n/{ACCOUNT}{path}".encode(), hashlib.sha256
        )
        signature = base64.b64encode(signed).decode()
        headers = {
            "x-ms-date": date,
            "Authorization": f"SharedKeyLite {ACCOUNT}:{signature}",
            "Content-Type": "application/json",
            "If-Match": "*",
            "x-ms-version": "2019-02-02",
        }
        body = f'{{"weight": "{weight}"}}'.encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, body, headers, method="MERGE")
        urllib.request.urlopen(request, timeout=10).close()


def report(samples):
    if not samples:
        return "not measured: `dps-webhook` is not among the servers\n"
    columns = [
        ("first allocation, ms", "first_allocation_ms", 0),
        ("req/s", "per_second", 0),
        ("p50 ms", "p50_ms", 2),
        ("p99 ms", "p99_ms", 2),
        (f"p50 us at {PER_SECOND:,}/s", "paced_p50_us", 0),
        (f"p99 us at {PER_SECOND:,}/s", "paced_p99_us", 0),
        ("RSS at rest, MB", "rest_mb", 1),
        ("peak RSS, MB", "peak_mb", 1),
    ]
    names = sorted({sample["server"] for sample in samples})
    rows = [
        [name, *(spread(pick(samples, key, server=name), digits) for _, key, digits in columns)]
        for name in names
    ]
    text = table(["10,000 rows", *(head for head, *_ in columns)], rows)
    for kind in ("files", "tables"):
        quiet, edited = f"{SUBJECT}, {kind}", f"{SUBJECT}, {kind}, edited"
        figures = [
            f"{what} {spread(ratios(samples, key, edited, quiet), 2)}"
            for what, key in (
                ("req/s", "per_second"),
                ("p50", "p50_ms"),
                ("p99", "p99_ms"),
                (f"p50 at {PER_SECOND:,}/s", "paced_p50_us"),
                (f"p99 at {PER_SECOND:,}/s", "paced_p99_us"),
            )
        ]
        text += f"\n{kind}, edited over not edited, pairs of one round: {', '.join(figures)}\n"
    return text
