"""dps-local on a loopback address of its own, with enrollments, and devices with certificates."""

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
HERE = Path(__file__).resolve().parent
HUBS = ["contoso-weu-1.azure-devices.net", "contoso-eus-1.device.azure-devices.net"]
GROUP_KEY = "oiK77Oy7rBw8YB6IS6ukRChAw+Yq6GC61RMrPLSTiOOtdI+XDu0LmLuNm11p+qv2I+adqGUdZHm46zXAQdZoOA=="
# SDKs of devices insist on 8883: each run has an address of its own.
ADDRESS = f"127.77.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"


def derived(registration_id):
    """The key of a device of the group, by a second implementation."""
    digest = hmac.digest(base64.b64decode(GROUP_KEY), registration_id.encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


class Webhook(http.server.BaseHTTPRequestHandler):
    """Assigns devices to the hub that their payload asks for, with a twin that says so."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        payload = request["deviceRuntimeContext"].get("payload") or {}
        hub = HUBS[payload.get("hub", 0)]
        twin = {"tags": {}, "properties": {"desired": {"placedOn": hub}}}
        body = json.dumps({"iotHubHostName": hub, "initialTwin": twin, "payload": {"welcome": hub}}).encode()
        self.send_response(payload.get("status", 200))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: dps-local has a log."""


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stderr=subprocess.DEVNULL)


KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Local(unittest.TestCase):
    """A service for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            cls.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            webhook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
            threading.Thread(target=webhook.serve_forever, daemon=True).start()
            stack.callback(webhook.server_close)
            stack.callback(webhook.shutdown)
            openssl(cls.folder, "req", "-x509", *KEY, "-keyout", "maker.key", "-out", "maker.pem", "-days", "2",
                    "-subj", "/CN=maker")
            seed = cls.folder / "seed.json"
            seed.write_text(json.dumps(cls.seed(f"http://127.0.0.1:{webhook.server_port}/allocate?code=x")))
            cls.service = subprocess.Popen(
                [TARGET / "debug" / "dps-local", "--ephemeral", "--address", ADDRESS, "--https-port", "0",
                 "--mqtt-port", "8883", "--retry-after", "1", "--seed", seed], stdout=subprocess.PIPE, text=True)
            stack.callback(cls.service.stdout.close)
            stack.callback(cls.service.wait)
            stack.callback(cls.service.kill)
            cls.facts = cls.announced()
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def seed(cls, url):
        custom = {"allocationPolicy": "custom",
                  "customAllocationDefinition": {"webhookUrl": url, "apiVersion": "2021-10-01"}}
        keys = {"primaryKey": GROUP_KEY, "secondaryKey": GROUP_KEY}
        signing = {"primary": {"certificate": (cls.folder / "maker.pem").read_text()}}
        return {
            "linkedHubs": [{"name": hub} for hub in HUBS],
            "enrollmentGroups": [
                {"enrollmentGroupId": "keys", "attestation": {"type": "symmetricKey", "symmetricKey": keys}} | custom,
                {"enrollmentGroupId": "certificates",
                 "attestation": {"type": "x509", "x509": {"signingCertificates": signing}}} | custom,
            ],
        }

    @classmethod
    def announced(cls):
        """What it prints when it starts, up to the certificate to trust."""
        facts, pem = {}, []
        for line in cls.service.stdout:
            if pem or line.startswith("-----BEGIN"):
                pem.append(line)
            elif "  " in line:
                name, _, value = line.partition("  ")
                facts[name] = value.strip()
            if line.startswith("-----END"):
                break
        (cls.folder / "ca.pem").write_text("".join(pem))
        # The log goes on.
        threading.Thread(target=lambda: list(cls.service.stdout), daemon=True).start()
        return facts

    def certificate(self, registration_id):
        """Files of a device's certificate and key."""
        key, request, leaf = (f"{registration_id}.{kind}" for kind in ("key", "csr", "pem"))
        openssl(self.folder, "req", *KEY, "-keyout", key, "-out", request, "-subj", f"/CN={registration_id}")
        (self.folder / "leaf.cnf").write_text("basicConstraints=CA:FALSE\n")
        openssl(self.folder, "x509", "-req", "-in", request, "-CA", "maker.pem", "-CAkey", "maker.key", "-days", "1",
                "-extfile", "leaf.cnf", "-out", leaf)
        return {"certificate": str(self.folder / leaf), "certificateKey": str(self.folder / key)}

    def run_sdk(self, *command, **device):
        """What a program with an SDK prints, or how it fails."""
        device |= {"address": ADDRESS, "httpsPort": int(self.facts["HTTPS"].rpartition(":")[2]),
                   "ca": str(self.folder / "ca.pem"), "idScope": self.facts["Id scope"],
                   "connectionString": self.facts["Connection string"]}
        environment = os.environ | {"NODE_EXTRA_CA_CERTS": device["ca"], "NODE_PATH": str(TARGET / "devices-node/node_modules")}
        done = subprocess.run([*command, json.dumps(device)], capture_output=True, text=True, timeout=120,
                              env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout.splitlines()[-1])
