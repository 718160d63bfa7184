"""A small AWS and DPS in one JSON file, behind programs named `aws`, `sam` and `az`.

What they are called with is held against the real thing: `aws` against the service models that the
real one is made of, `sam` against its own command line. CLOUD names the file.
"""

import fcntl
import json
import os
import sys
from contextlib import contextmanager

FILE = os.environ["CLOUD"]
# Whether arguments are held against the real thing.
CHECKED = "CHECKED" in os.environ
EMPTY = {"calls": [], "secrets": {}, "stacks": {}, "enrollments": {}, "deployed": [], "fail_at": 0}


@contextmanager
def cloud():
    """The state; what a call changes is kept also where it then fails."""
    with open(FILE, "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        state = json.loads(file.read() or "null") or json.loads(json.dumps(EMPTY))
        try:
            yield state
        finally:
            file.truncate(0)
            file.write(json.dumps(state, indent=1))


def called(state, name):
    """Notes a call; the one that is to fail does so before it has done anything."""
    state["calls"].append([name, *sys.argv[1:]])
    if len(state["calls"]) == state["fail_at"]:
        fail("An error occurred (ThrottlingException) when calling it: Rate exceeded", 254)


def fail(message, code=254):
    print(message, file=sys.stderr)
    sys.exit(code)


def put_version(state, secret, text):
    """Keeps what Secrets Manager keeps: the current version and the one before."""
    version = os.urandom(16).hex()
    versions = state["secrets"].setdefault(secret, {})
    kept = list(versions.items())[-1:]
    state["secrets"][secret] = dict(kept) | {version: text}
    return version


def apply(state, stack, parameters, tags=None):
    """Brings a stack to its parameters, dynamic references resolved; or leaves it as it was.

    Without tags, it keeps those that it has, as CloudFormation does.
    """
    versions = state["secrets"].get(parameters["KeysSecret"], {})
    text = versions.get(parameters["KeysVersion"])
    if text is None:
        fail(f"An error occurred (ValidationError): no version {parameters['KeysVersion']}")
    keys = {name: value for name, value in json.loads(text).items() if "_KEY_" in name}
    kept = state["stacks"].get(stack, {}).get("tags", {})
    state["stacks"][stack] = {"parameters": parameters, "keys": keys, "tags": kept if tags is None else tags}
    state["deployed"].append({"keys": keys, "enrollments": dict(state["enrollments"])})
