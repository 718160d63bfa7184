"""Fifty devices in a second register at dps-local, which asks a webhook; both are killed meanwhile."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from local import PROGRAM, ROOT, TARGET

RATE, SECONDS = 50, int(os.environ.get("LOAD_SECONDS", "15"))
HUBS = [f"contoso-{kind}-hub-1098.azure-devices.net" for kind in ("toasters", "heatpumps")]


def free_ports(count):
    """That nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for it in sockets:
            it.bind(("127.0.0.1", 0))
        return [it.getsockname()[1] for it in sockets]


class Killed:
    """A program that can be killed, and started again."""

    def __init__(self, stack, port, *command, **environment):
        self.port, self.command, self.environment = port, command, os.environ | environment
        stack.callback(self.kill)
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.DEVNULL)
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)
        raise AssertionError(f"{self.command[0]} does not listen")

    def kill(self):
        """With SIGKILL, as nobody can be ready for."""
        self.process.kill()
        self.process.wait()


class Load(unittest.TestCase):
    def test_no_registration_is_lost_or_doubled_when_both_are_killed(self):
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
            https, mqtt, webhook = free_ports(3)
            asked = Killed(stack, webhook, TARGET / "debug/dps-webhook", FUNCTIONS_CUSTOMHANDLER_PORT=str(webhook),
                           POLICY_DIR=str(ROOT / "infra/policy"))
            service = Killed(
                stack, https, PROGRAM, "--folder", folder, "--https-port", str(https), "--mqtt-port", str(mqtt),
                "--group", "contoso-custom-allocated-devices", "--registrations-per-minute", "100000",
                *(it for hub in HUBS for it in ("--hub", hub)),
                "--webhook", f"http://127.0.0.1:{webhook}/api/allocate")
            while not (folder / "service.json").exists():
                time.sleep(0.1)
            load = subprocess.Popen(
                [PROGRAM, "load", "--folder", folder, "--rate", str(RATE), "--seconds", str(SECONDS)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            stack.callback(load.kill)
            for killed in (service, asked):
                time.sleep(SECONDS / 4)
                killed.kill()
                killed.start()
            self.assertIsNone(load.poll(), "it was not over before")
            printed, error = load.communicate(timeout=300)
        self.assertEqual(load.returncode, 0, printed + error)
        found = json.loads(printed)
        self.assertEqual((found["devices"], found["failed"]), (RATE * SECONDS, 0), found)
        self.assertEqual(found["toldByService"], found["countedByHubs"])
        self.assertEqual(sum(found["countedByHubs"].values()), RATE * SECONDS)
        self.assertEqual(found["countedByHubs"].keys(), set(HUBS))
        self.assertGreater(found["attempts"], RATE * SECONDS, "some had to try again")


if __name__ == "__main__":
    unittest.main()
