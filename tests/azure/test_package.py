"""What infra/package does to a folder in which a `func start` may be running."""

import importlib.machinery
import importlib.util
import os
import tempfile
import unittest
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "infra/package"


def load():
    loader = importlib.machinery.SourceFileLoader("package", str(PACKAGE))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("package", loader))
    loader.exec_module(module)
    return module


package = load()
OLD = 1_000_000_000


class Staging(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "funcapp"
        self.files = {
            "allocate/function.json": (b"{}", 0o644),
            "dps-webhook": (b"one", 0o755),
            "host.json": (b"{}", 0o644),
            "local.settings.json": (b"{}", 0o644),
            "policy/function.json": (b"{}", 0o644),
            "infra/policy/hubs.csv": (b"a,b", 0o644),
        }
        self.assertEqual(self.stage(), set(), "all of them are new")
        for path in self.folder.rglob("*"):
            os.utime(path, (OLD, OLD))

    def stage(self, **changed):
        for name, data in changed.items():
            name = {"handler": "dps-webhook", "table": "infra/policy/hubs.csv",
                    "settings": "local.settings.json"}[name]
            self.files[name] = (data, self.files[name][1])
        return package.stage(self.files, self.folder)

    def touched(self):
        """The files that were written since, in the order of their times."""
        files = [it for it in self.folder.rglob("*") if it.is_file() and it.stat().st_mtime > OLD]
        files.sort(key=lambda it: it.stat().st_mtime_ns)
        return [str(it.relative_to(self.folder)) for it in files]

    def test_a_new_handler_is_followed_by_every_function_json(self):
        self.assertEqual(self.stage(handler=b"two"), {"dps-webhook"})
        touched = self.touched()
        self.assertEqual(touched[0], "dps-webhook")
        self.assertEqual(sorted(touched[1:]), ["allocate/function.json", "policy/function.json"])

    def test_without_a_new_handler_nothing_restarts(self):
        self.assertEqual(self.stage(), set())
        self.assertEqual(self.touched(), [])
        self.assertEqual(self.stage(table=b"a,c"), {"infra/policy/hubs.csv"})
        self.assertEqual(self.touched(), ["infra/policy/hubs.csv"])

    def test_what_only_a_restart_by_hand_takes_is_named(self):
        self.assertIn("local.settings.json", self.stage(settings=b"{ }"))

    def test_what_is_gone_is_removed_before_the_host_starts_again(self):
        del self.files["policy/function.json"]
        self.stage(handler=b"three")
        self.assertFalse((self.folder / "policy").exists())
        self.assertEqual(self.touched(), ["dps-webhook", "allocate/function.json"])


if __name__ == "__main__":
    unittest.main()
