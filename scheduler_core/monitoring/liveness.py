"""An address on this machine that says whether a program without pages does its work: ``/livez``, 200 or 503."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scheduler_core.errors import InvalidValue

HOST = "127.0.0.1"
PATH = "/livez"
_SECONDS = 5.0
"""How long a client may take to send its request."""


@contextmanager
def answering(port: int, failure: Callable[[], str]) -> Iterator[int]:
    """Answers on 127.0.0.1 while the block runs; yields the port, which the system chooses for 0.

    ``failure`` is called for each request and says why the work does not get on, "" if it does. It must be quick and must
    name no secret. Raises InvalidValue if the port cannot be had.
    """

    class Answer(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self._say(404, "not found")
                return
            reason = failure()
            self._say(503 if reason else 200, reason or "ok")

        def log_message(self, *_: object) -> None:
            """Nothing: a probe every few seconds would fill the journal."""

        def _say(self, status: int, text: str) -> None:
            content = f"{text}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

    try:
        server = ThreadingHTTPServer((HOST, port), Answer)
    except OSError as error:
        raise InvalidValue("port", port, f"cannot be used on {HOST}: {error.strerror}") from None
    thread = threading.Thread(target=server.serve_forever, name="liveness", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
