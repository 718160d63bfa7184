"""The deployed function as callers see it: it knows the keys of what is deployed, and nothing else."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Webhook:
    """On a free port of 127.0.0.1; `with` stops it."""

    def __init__(self, cloud_file):
        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                stacks = json.loads(cloud_file.read_text())["stacks"]
                [stack] = stacks.values()
                caller = "ALLOCATE" if self.path == "/api/allocate" else "OPERATOR"
                good = [stack["keys"][f"{caller}_KEY_{slot}"] for slot in (1, 2)]
                status = 200 if self.headers.get("x-functions-key") in good else 401
                self.send_response(status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/allocate"

    def __enter__(self):
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
