"""The documents that the tests of `dps-policy` have seen are those that `dps-policy schema` describes.

Each test that reads `--json` keeps what it read in `target/tmp/documents`; this one validates all of it.
"""

import datetime
import functools
import json
import os
import subprocess
import unittest
from pathlib import Path

import jsonschema
import referencing

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
PROGRAM = TARGET / "debug" / "dps-policy"
DOCUMENTS = TARGET / "tmp" / "documents"
FILES = ROOT / "infra/dps-policy/schema"
FORMATS = jsonschema.FormatChecker(formats=[])
# Commands that write rows alike: of these, the tests read a few.
EDITS = "edit"
# The member that may be any JSON: the answer to DPS, which is described elsewhere.
ANYTHING = "response"


@FORMATS.checks("date-time", raises=ValueError)
def is_time(text):
    return not isinstance(text, str) or text.endswith("Z") and datetime.datetime.fromisoformat(text[:19] + "Z")


def schema(*command):
    done = subprocess.run([PROGRAM, "schema", *command], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


@functools.cache
def validator(command):
    files = {file.name: referencing.Resource.from_contents(json.loads(file.read_text()))
             for file in FILES.glob("*.json")}
    registry = referencing.Registry().with_resources(files.items())
    return jsonschema.Draft202012Validator(json.loads(schema(command)), registry=registry, format_checker=FORMATS)


def faults(command, document):
    found = validator(command).iter_errors(document)
    best = (jsonschema.exceptions.best_match([fault]) for fault in found)
    return [f"{fault.json_path}: {fault.message[:300]}" for fault in best]


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Older ones are those of another version.
        since = PROGRAM.stat().st_mtime
        kept = sorted(DOCUMENTS.glob("*.json"))
        cls.documents = [file for file in kept if file.stat().st_mtime >= since]
        cls.commands = schema().split()

    def test_each_document_is_as_its_schema_says(self):
        for file in self.documents:
            with self.subTest(document=file.name):
                self.assertEqual(faults(file.name.split(".")[0], json.loads(file.read_text())), [])

    def test_a_document_of_each_command_was_seen(self):
        edits = [command for command in self.commands if schema(command) == (FILES / f"{EDITS}.json").read_text()]
        seen = {file.name.split(".")[0] for file in self.documents}
        missing = set(self.commands) - seen - set(edits)
        self.assertEqual(missing, set(), "run `cargo test -p dps-policy` first, and read each document in a test")
        self.assertGreater(len(seen & set(edits)), 2)

    def test_schemas_are_schemas_and_their_files_are_those_that_are_printed(self):
        for command in self.commands:
            jsonschema.Draft202012Validator.check_schema(json.loads(schema(command)))
        self.assertEqual({json.dumps(json.loads(schema(command))) for command in self.commands},
                         {json.dumps(json.loads(file.read_text())) for file in FILES.glob("*.json")})

    def test_another_document_is_found(self):
        first = {file.name.split(".")[0]: file for file in reversed(self.documents)}
        for command, file in first.items():
            document = json.loads(file.read_text())
            self.assertNotEqual(faults(command, document | {"unknownMember": 1}), [], file.name)
            for name in document:
                if document[name] is not None and name != ANYTHING:
                    self.assertNotEqual(faults(command, document | {name: {"other": [1]}}), [], f"{file.name} {name}")


if __name__ == "__main__":
    unittest.main()
