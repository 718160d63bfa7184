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
PROGRAM = TARGET / "debug" / "dps-local"
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


def started(stack, folder, *arguments):
    """Starts dps-local until the stack is closed; what it prints, and the certificate to trust in `ca.pem`."""
    service = subprocess.Popen([PROGRAM, "--address", ADDRESS, "--https-port", "0", "--retry-after", "1", *arguments],
                               cwd=folder, stdout=subprocess.PIPE, text=True)
    stack.callback(service.stdout.close)
    stack.callback(service.wait)
    stack.callback(service.kill)
    facts, pem = {}, []
    for line in service.stdout:
        if pem or line.startswith("-----BEGIN"):
            pem.append(line)
        elif "  " in line:
            name, _, value = line.partition("  ")
            facts[name] = value.strip()
        if line.startswith("-----END"):
            break
    (folder / "ca.pem").write_text("".join(pem))
    # The log goes on.
    threading.Thread(target=lambda: list(service.stdout), daemon=True).start()
    return facts


def run_sdk(folder, facts, *command, **device):
    """What a program with an SDK prints at a service that was started."""
    device |= {"address": ADDRESS, "httpsPort": int(facts["HTTPS"].rpartition(":")[2]),
               "ca": str(folder / "ca.pem"), "idScope": facts["Id scope"],
               "connectionString": facts["Connection string"]}
    done = run(*command, json.dumps(device), ca=device["ca"])
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def run(*command, ca):
    """A program that trusts this certificate and finds the SDKs for Node.js."""
    modules = str(TARGET / "devices-node/node_modules")
    return subprocess.run(command, capture_output=True, text=True, timeout=120,
                          env=os.environ | {"NODE_EXTRA_CA_CERTS": str(ca), "NODE_PATH": modules})


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
            cls.facts = started(stack, cls.folder, "--ephemeral", "--mqtt-port", "8883", "--seed", seed)
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def seed(cls, url):
        cls.custom = {"allocationPolicy": "custom",
                      "customAllocationDefinition": {"webhookUrl": url, "apiVersion": "2021-10-01"}}
        keys = {"primaryKey": GROUP_KEY, "secondaryKey": GROUP_KEY}
        signing = {"primary": {"certificate": (cls.folder / "maker.pem").read_text()}}
        return {
            "linkedHubs": [{"name": hub} for hub in HUBS],
            "enrollmentGroups": [
                {"enrollmentGroupId": "keys",
                 "attestation": {"type": "symmetricKey", "symmetricKey": keys}} | cls.custom,
                {"enrollmentGroupId": "certificates",
                 "attestation": {"type": "x509", "x509": {"signingCertificates": signing}}} | cls.custom,
            ],
        }

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
        return run_sdk(self.folder, self.facts, *command, **device)
