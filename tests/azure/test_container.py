"""Dockerfile and Kubernetes manifest: by their schemas, their linters, and our own rules."""

import ipaddress
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = ROOT / "infra/container"
MANIFEST = CONTAINER / "kubernetes.yaml"
# A version of Kubernetes that is supported now; what it knows, later ones know.
KUBERNETES = "1.33"
YAMLLINT = "{extends: default, rules: {line-length: {max: 120}}}"


def run(program, *arguments):
    command = [Path(sys.executable).with_name(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, "LOG_LEVEL": "ERROR"})


class Manifest(unittest.TestCase):
    def valid(self, path):
        return run("kubernetes-validate", "--strict", "--kubernetes-version", KUBERNETES, path).returncode == 0

    def test_it_is_as_the_schema_says(self):
        self.assertTrue(self.valid(MANIFEST))
        text = MANIFEST.read_text()
        for right, wrong in (("replicas: 2", "replica: 2"), ("containerPort: 8080", "containerPort: http")):
            self.assertIn(right, text)
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text.replace(right, wrong))
                file.flush()
                self.assertFalse(self.valid(file.name), wrong)

    def test_yamllint(self):
        linted = run("yamllint", "--strict", "-d", YAMLLINT, MANIFEST)
        self.assertEqual(linted.returncode, 0, linted.stdout)

    def test_settings_are_those_of_the_webhook(self):
        page = (ROOT / "functions/SETTINGS.md").read_text()
        deployment = next(it for it in yaml.safe_load_all(MANIFEST.read_text()) if it["kind"] == "Deployment")
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        for setting in container["env"]:
            self.assertIn(f"`{setting['name']}`", page)

    def test_it_may_ask_for_names_and_speak_https_and_nothing_else(self):
        policy = next(it for it in yaml.safe_load_all(MANIFEST.read_text()) if it["kind"] == "NetworkPolicy")
        self.assertEqual(policy["spec"]["policyTypes"], ["Ingress", "Egress"])
        names, https = policy["spec"]["egress"]
        self.assertEqual({(it["protocol"], it["port"]) for it in names["ports"]}, {("UDP", 53), ("TCP", 53)})
        self.assertEqual([(it["protocol"], it["port"]) for it in https["ports"]], [("TCP", 443)])
        metadata = {"0.0.0.0/0": "169.254.169.254", "::/0": "fd00:ec2::254"}
        for block in (it["ipBlock"] for it in https["to"]):
            address = ipaddress.ip_address(metadata[block["cidr"]])
            self.assertTrue(any(address in ipaddress.ip_network(it) for it in block["except"]), block)


class Image(unittest.TestCase):
    def test_hadolint(self):
        linted = run("hadolint", CONTAINER / "Dockerfile")
        self.assertEqual(linted.returncode, 0, linted.stdout)

    def test_it_is_from_scratch_and_nobody_s(self):
        *_, last = re.split(r"^FROM ", (CONTAINER / "Dockerfile").read_text(), flags=re.M)
        self.assertTrue(last.startswith("scratch\n"))
        self.assertNotIn("RUN ", last)
        self.assertRegex(last, r"(?m)^USER [1-9]\d+:[1-9]\d+$")

    def test_the_compiler_is_the_pinned_one(self):
        channel = re.search(r'channel = "(.*)"', (ROOT / "rust-toolchain.toml").read_text())[1]
        self.assertIn(f"rust:{channel}-slim", (CONTAINER / "Dockerfile").read_text())


class Policies(unittest.TestCase):
    def test_none_fails(self):
        frameworks = ["--framework", "kubernetes", "dockerfile"]
        checked = run("checkov", *frameworks, "-d", CONTAINER, "--skip-download", "-o", "json")
        for report in json.loads(checked.stdout):
            failed = [(it["check_id"], it["resource"]) for it in report["results"]["failed_checks"]]
            self.assertEqual(failed, [])
            self.assertGreater(report["summary"]["passed"], 10)
            for skipped in report["results"]["skipped_checks"]:
                self.assertGreater(len(skipped["check_result"]["suppress_comment"].split()), 5)


if __name__ == "__main__":
    unittest.main()
