"""Every command that the documentation of the deployment prints is one that there is."""

import functools
import json
import re
import shlex
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("README.md", "infra/azure/README.md", "infra/container/README.md", "infra/trust.md", "infra/azure/az.py",
         "infra/azure/main.bicep", "infra/container/kubernetes.yaml")
AZ = json.loads((ROOT / "tests/azure/deploy/az_commands.json").read_text())["commands"]
EVERYWHERE = {"--query", "--output", "-o", "--subscription"}
SCRIPTS = {"infra/azure/deploy", "infra/azure/rotate-keys", "infra/azure/teardown", "infra/smoke", "infra/package"}


def commands(text):
    """Command lines in code blocks and between backticks; continued lines are joined."""
    text = re.sub(r"\\\n\s*", "", text)
    for block in re.findall(r"```\w*\n(.*?)```", text, re.S):
        for line in block.splitlines():
            if re.match(r"(az|infra/\S+) ", line):
                yield line
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    for quoted in re.findall(r"`((?:az|infra/[\w/-]+) [^`]+)`", text):
        yield quoted.replace("\n", " ")


def problems(line):
    """What is wrong with a command line."""
    words = shlex.split(line)
    flags = {it.split("=")[0] for it in words if it.startswith("-")}
    if words[0] == "az":
        named = words[1:next((i for i, it in enumerate(words) if it.startswith("-")), None)]
        known = AZ.get(" ".join(named))
        if known is None:
            return [f"az has no `{' '.join(named)}`"]
        missing = [it for it in known["required"] if it not in flags]
        return [f"no flag `{it}`" for it in flags - set(known["flags"]) - EVERYWHERE] \
            + [f"`{it}` is required" for it in missing]
    if words[0] not in SCRIPTS:
        return [f"there is no script `{words[0]}`"]
    known = help_of(words[0])
    return [f"no flag `{it}`" for it in flags if not re.search(rf"{it}\b", known)]


@functools.cache
def help_of(script):
    return subprocess.run([ROOT / script, "--help"], capture_output=True, text=True, check=True).stdout


class Commands(unittest.TestCase):
    def test_they_exist(self):
        count = 0
        for name in TEXTS:
            for line in commands((ROOT / name).read_text()):
                count += 1
                self.assertEqual(problems(line), [], f"{name}: {line}")
        self.assertGreater(count, 15)

    def test_what_does_not_is_found(self):
        for line, said in (
            ("az iot dps enrolment list --dps-name x", "az has no"),
            ("az group exists --nam x", "no flag `--nam`"),
            ("az group exists --query x", "`--name` is required"),
            ("infra/azure/undeploy --group x", "there is no script"),
            ("infra/azure/deploy --grp x", "no flag `--grp`"),
        ):
            self.assertIn(said, "\n".join(problems(line)), line)
        fenced = "```sh\naz group exists \\\n  --name x\n```\nor `infra/smoke --wait\n5 URL`"
        self.assertEqual(list(commands(fenced)), ["az group exists --name x", "infra/smoke --wait 5 URL"])

    def test_links_lead_somewhere(self):
        for name in TEXTS[:4]:
            path = ROOT / name
            for link in re.findall(r"\]\((?!https?:)([^)#]*)(?:#[\w-]*)?\)", path.read_text()):
                self.assertTrue(not link or (path.parent / link).exists(), f"{name}: {link}")
            for file, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([\w-]+)\)", path.read_text()):
                target = (path.parent / file) if file else path
                headings = re.findall(r"^#+ (.*)$", target.read_text(), re.M)
                anchors = {re.sub(r"[^\w -]", "", it.lower()).replace(" ", "-") for it in headings}
                self.assertIn(anchor, anchors, f"{name}: {file}#{anchor}")

    def test_trust_names_tests_that_exist(self):
        sources = subprocess.run(["git", "ls-files", "*.rs", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
        texts = [(ROOT / it).read_text() for it in sources.stdout.split()]
        known = {name for text in texts for name in re.findall(r"^ *(?:async )?(?:fn|def) (\w+)\(", text, re.M)}
        named = set(re.findall(r"`(\w+_\w+_\w+)`", (ROOT / "infra/trust.md").read_text()))
        self.assertGreater(len(named), 30)
        self.assertEqual(named - known, set())


if __name__ == "__main__":
    unittest.main()
