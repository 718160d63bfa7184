"""What warnings the wrapper of rustc makes errors."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

WRAPPER = Path(__file__).with_name("rustc").resolve()
MANIFEST = """
[package]
name = "linted"
edition = "2024"
[lints.clippy]
unwrap_used = "warn"
[workspace]
"""


class Wrapper(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "src").mkdir()
        (self.folder / "Cargo.toml").write_text(MANIFEST)

    def build(self, source=None, *arguments):
        """What cargo says of a crate, with this source if there is one, or None if it builds it."""
        if source:
            (self.folder / "src/lib.rs").write_text(source)
        environment = os.environ | {"RUSTC_WORKSPACE_WRAPPER": str(WRAPPER), "CARGO_TARGET_DIR": "target"}
        command = ["cargo", *(arguments or ["build"]), "--quiet", "--offline"]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
        return done.stderr if done.returncode != 0 else None

    def check(self, source, expected, *arguments):
        self.assertIn(expected, self.build(source, *arguments) or "")

    def test_faults(self):
        self.check("fn unused() {}", "-D dead-code")
        self.check("pub fn f(a: Option<u8>) -> u8 { a.unwrap() }", "-D clippy::unwrap-used")
        self.check("/// [`Nowhere`]\npub fn f() {}", "-D rustdoc::broken-intra-doc-links")
        self.check("#[cfg(test)] fn unused() {}", "-D dead-code", "test", "--no-run")
        self.check("pub fn f() {", "unclosed delimiter")

    def test_no_fault(self):
        self.assertIsNone(self.build("/// [`f`]\npub fn f() {}"))

    def test_settings_of_clippy(self):
        settings = self.folder / "clippy.toml"
        settings.write_text("")
        self.assertIsNone(self.build("pub fn f() -> u8 { let named = 1; named + 1 }"))
        settings.write_text('disallowed-names = ["named"]')
        self.check(None, "-D clippy::disallowed-names")


if __name__ == "__main__":
    unittest.main()
