"""Calls a webhook with a key in a header, where no log and no process list shows it."""

import argparse
import json
import time
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

# A cold start included; the webhook itself gives up after ALLOCATE_DEADLINE_MS.
SECONDS = 30


class CouldNot(Exception):
    """The question could not be asked; the message says what to do."""


class Elsewhere(HTTPRedirectHandler):
    """A redirect would take the key to another place."""

    def redirect_request(self, *_):
        return None


def address(text):
    url = urlsplit(text.rstrip("/"))
    local = url.hostname in ("localhost", "127.0.0.1")
    if url.scheme != "https" and not (url.scheme == "http" and local):
        raise argparse.ArgumentTypeError("write https://HOST; http is for this machine")
    if url.query or url.username:
        raise argparse.ArgumentTypeError("no key in the URL: set ALLOCATE_KEY")
    return text.rstrip("/")


def call(url, key, body, until):
    """Status, headers and JSON of an answer; connections that fail are tried until the time."""
    headers = {"content-type": "application/json"}
    if key:
        headers["x-functions-key"] = key
    while True:
        try:
            request = Request(url, body, headers)
            answer = build_opener(Elsewhere).open(request, timeout=SECONDS)
        except HTTPError as refusal:
            answer = refusal
        except OSError as error:
            if time.monotonic() < until:
                time.sleep(2)
                continue
            raise CouldNot(f"{url} cannot be reached: {getattr(error, 'reason', error)}") from None
        with answer:
            return answer.status, answer.headers, parsed(answer.read())


def parsed(data):
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
