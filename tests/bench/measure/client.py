"""HTTP/1.1 to a server under measurement: bytes made once, one write a request."""

import json
import socket
import time

from . import Failure
from .programs import HERE

BODY_FILE = HERE / "body.json"
BODY = BODY_FILE.read_bytes()
LINKED_HUBS = json.loads(BODY)["linkedHubs"]
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = (
    b"POST /api/allocate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)
ANSWER_SECONDS = 30


class Connection:
    """One kept-alive connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, message):
        """Status and body of the answer."""
        self.socket.sendall(message)
        head, _, body = self.receive(lambda data: b"\r\n\r\n" in data).partition(b"\r\n\r\n")
        length = content_length(head)
        if len(body) < length:
            body += self.receive(lambda data: len(data) >= length - len(body))
        return int(head[9:12]), body

    def receive(self, enough):
        data = b""
        while not enough(data):
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionResetError("closed in the middle of an answer")
            data += part
        return data


def content_length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise Failure(f"an answer without Content-Length: {head[:200]!r}")


def first_success(server, message, pause):
    """Asks until the answer is 200, then gives the seconds since the start, and the body.

    A refused connection and a 503 mean "not yet"; any other status ends the run.
    """
    while time.monotonic() < server.deadline:
        try:
            with Connection(server.port) as connection:
                status, body = connection.ask(message)
        except OSError:
            status, body = 503, b""
        seconds = time.perf_counter() - server.started
        if status == 200:
            return seconds, body
        if status != 503:
            raise Failure(f"{server.name} answers {status}: {body[:300].decode(errors='replace')}")
        server.check_alive()
        time.sleep(pause)
    raise Failure(f"{server.name} gave no 200 in time{server.last_words()}")


def check_allocation(server, body):
    """A server that assigns nothing would look fast."""
    hub = json.loads(body).get("iotHubHostName")
    if hub not in LINKED_HUBS:
        raise Failure(f"{server.name} answers with hub `{hub}`, which is not linked")
