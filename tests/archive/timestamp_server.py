"""A timestamp authority on the loopback, for tests: `timestamp_server.py FOLDER` prints its port and serves.

Its tokens are OpenSSL's (`openssl ts -reply`), by the configuration `tsa.cnf` in FOLDER. The path says how it behaves.
"""

from __future__ import annotations

import http.server
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


def answer(section: str, request: bytes) -> bytes:
    (FOLDER / "request.tsq").write_bytes(request)
    command = [
        "openssl",
        "ts",
        "-reply",
        "-config",
        "tsa.cnf",
        "-section",
        section,
        "-queryfile",
        "request.tsq",
    ]
    subprocess.run([*command, "-out", "response.tsr"], cwd=FOLDER, check=True, capture_output=True)
    return (FOLDER / "response.tsr").read_bytes()


class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        request = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        status, content = {
            "/good": lambda: (200, answer("good", request)),
            "/unwilling": lambda: (200, answer("unwilling", request)),
            "/earlier": lambda: (200, (FOLDER / "earlier.tsr").read_bytes()),
            "/forbidden": lambda: (403, b"no"),
            "/moved": lambda: (302, b""),
            "/page": lambda: (200, b"<html>hello</html>"),
            "/endless": lambda: (200, b"\0" * 3_000_000),
        }[self.path]()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/good")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: the pipe is for the port."""


server = http.server.HTTPServer(("127.0.0.1", 0), Authority)
print(server.server_address[1], flush=True)
server.serve_forever()
