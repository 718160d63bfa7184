"""A server process: started on its own CPU, watched through /proc, always stopped."""

import os
import socket
import subprocess
import time
from pathlib import Path

from . import Failure
from .client import GET, POST, check_allocation, first_success

# What `taskset` does, without a second exec: clients keep the first CPU, servers get the last.
CPUS = sorted(os.sched_getaffinity(0))
CLIENT_CPU, SERVER_CPU = CPUS[0], CPUS[-1]
READY_SECONDS = 120
STOP_SECONDS = 30
POLL_SECONDS = 0.0002


class Server:
    """One running server; `with` stops it."""

    def __init__(self, programs, name, policy, wrapper=(), **settings):
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/allocate"
        self.log = programs.scratch / f"{name}.stderr"
        environment = os.environ | settings
        environment |= {"FUNCTIONS_CUSTOMHANDLER_PORT": str(self.port), "POLICY_DIR": str(policy)}
        command = [*wrapper, *programs.commands[name]]
        with open(self.log, "wb") as log:
            os.sched_setaffinity(0, {SERVER_CPU})
            self.deadline = time.monotonic() + READY_SECONDS
            self.started = time.perf_counter()
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=programs.scratch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            os.sched_setaffinity(0, {CLIENT_CPU})
        self.proc = Path(f"/proc/{self.process.pid}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_ready(self, pause=POLL_SECONDS):
        """Seconds from exec to the first 200 of `GET /`, and of an allocation."""
        listening, _ = first_success(self, GET, pause)
        allocating, body = first_success(self, POST, pause)
        check_allocation(self, body)
        return listening, allocating

    def check_alive(self):
        if self.process.poll() is not None:
            raise Failure(f"{self.name} ended with {self.process.returncode}{self.last_words()}")

    def last_words(self):
        words = self.log.read_text(errors="replace").strip()[-2000:]
        return f", stderr: {words}" if words else ""

    def cpu_seconds(self):
        """CPU time of all threads, to the nanosecond."""
        tasks = (self.proc / "task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self, field):
        """Megabytes: `VmRSS` for now, `VmHWM` for the peak."""
        for line in (self.proc / "status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise Failure(f"no `{field}` in {self.proc}/status")

    def forget_peak(self):
        """`VmHWM` begins anew: value 5 in proc_pid_clear_refs(5)."""
        (self.proc / "clear_refs").write_text("5")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
