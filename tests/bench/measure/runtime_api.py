"""A function of AWS Lambda: its process, and the runtime API that it asks for events.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import queue
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from . import Failure
from .client import BODY
from .programs import HERE
from .server import CLIENT_CPU, READY_SECONDS, SERVER_CPU, STOP_SECONDS, Server

KEY = "0123456789abcdefghijABCDEFGHIJ-_bench"
SHAPE = json.loads((HERE.parent / "fixtures/lambda/function-url.json").read_text())
EVENT = json.dumps(SHAPE | {
    "body": BODY.decode(), "rawQueryString": f"code={KEY}", "queryStringParameters": {"code": KEY},
}).encode()
NEXT = "/2018-06-01/runtime/invocation/next"
INVOCATION = {
    "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:bench",
    "Content-Type": "application/json",
}


class RuntimeApi:
    """Hands out events and takes answers, on a free port of 127.0.0.1."""

    def __init__(self):
        self.events, self.answers = queue.Queue(), queue.Queue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def handler(api):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Both an answer's head and its body at once: a second packet would wait for the first.
        wbufsize = -1

        def do_GET(self):
            deadline = int(time.time() * 1000) + 10_000
            headers = INVOCATION | {"Lambda-Runtime-Deadline-Ms": str(deadline)}
            self.reply(200 if self.path == NEXT else 404, headers, api.events.get())

        def do_POST(self):
            length = self.headers.get("content-length")
            body = self.rfile.read(int(length)) if length else self.chunks()
            api.answers.put((self.path.rpartition("/")[2], body))
            self.reply(202, {}, b"")

        def chunks(self):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def reply(self, status, headers, body):
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_):
            pass

    return Handler


class Function(Server):
    """One running function; `with` stops it."""

    def __init__(self, programs, name, command, policy):
        self.name = name
        self.api = RuntimeApi()
        self.log = programs.scratch / f"{name}.stderr"
        environment = os.environ | {
            "AWS_LAMBDA_RUNTIME_API": self.api.address, "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "ALLOCATE_KEY_1": KEY, "POLICY_DIR": str(policy),
        }
        with open(self.log, "wb") as log:
            os.sched_setaffinity(0, {SERVER_CPU})
            self.deadline = time.monotonic() + READY_SECONDS
            self.started = time.perf_counter()
            self.process = subprocess.Popen(
                command, env=environment, cwd=programs.scratch, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log)
            os.sched_setaffinity(0, {CLIENT_CPU})
        self.proc = Path(f"/proc/{self.process.pid}")

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self.api.close()

    def ask(self):
        """Seconds since the start, and the body, of the answer to one allocation request."""
        self.api.events.put(EVENT)
        try:
            kind, body = self.api.answers.get(timeout=STOP_SECONDS)
        except queue.Empty:
            self.check_alive()
            raise Failure(f"{self.name} does not answer{self.last_words()}") from None
        seconds = time.perf_counter() - self.started
        answer = json.loads(body)
        if kind != "response" or answer["statusCode"] != 200:
            raise Failure(f"{self.name} answers: {body[:300].decode(errors='replace')}")
        return seconds, answer["body"]
