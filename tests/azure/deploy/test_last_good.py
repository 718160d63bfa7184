"""Which policy infra/azure/deploy packs for a start while the tables cannot be read."""

import importlib.util
import json
import subprocess
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[3] / "infra/azure/deploy"


def loaded():
    loader = SourceFileLoader("deploy_script", str(DEPLOY))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Packed(unittest.TestCase):
    def check(self, good, kept, packs, package=0):
        """`good` sources are without errors; `packs` is the source of what is packed, None for nothing."""
        deploy, calls = loaded(), []

        def policy_tool(settings, *arguments):
            self.assertEqual(settings, {"a": "setting"})
            if arguments[0] == "history":
                said = json.dumps({"revisions": [{"revision": it} for it in kept]})
                return subprocess.CompletedProcess(arguments, 0, said, "")
            source = arguments[arguments.index("--from") + 1] if "--from" in arguments else "tables"
            is_good = source in good
            if is_good:
                Path(arguments[arguments.index("--last-good") + 1]).write_text(source)
            return subprocess.CompletedProcess(arguments, 0 if is_good else 1, "", "")

        def tool(*command):
            packed = Path(command[3]).read_text() if "--last-good" in command else None
            calls.append((command[:2], packed))
            return package

        deploy.policy_tool, deploy.tool = policy_tool, tool
        deploy.build(False, {"a": "setting"})
        self.assertEqual(calls, [(("infra/package", "--release"), packs)])

    def test_what_the_tables_hold(self):
        self.check(["tables", "tables@b"], ["b"], "tables")

    def test_else_the_newest_kept_revision_without_errors(self):
        self.check(["tables@b", "tables@a"], ["c", "b", "a"], "tables@b")

    def test_else_none(self):
        self.check([], ["b", "a"], None)
        self.check([], [], None)

    def test_a_package_that_fails_ends_the_deployment(self):
        with self.assertRaisesRegex(Exception, "has failed"):
            self.check(["tables"], [], "tables", package=1)

    def test_the_tables_are_filled_before_the_package_is_built(self):
        text = DEPLOY.read_text()
        steps = [text.index(it) for it in ("= deploy(az, asked", "    push(asked, settings)", "or build(", '"config-zip"')]
        self.assertEqual(steps, sorted(steps))

    def test_nothing_is_left_behind(self):
        before = set(Path(tempfile.gettempdir()).glob("dps-last-good-*"))
        self.check(["tables"], [], "tables")
        self.assertEqual(set(Path(tempfile.gettempdir()).glob("dps-last-good-*")), before)


if __name__ == "__main__":
    unittest.main()
