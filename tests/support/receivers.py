"""Receivers for tests and studies: an HTTP server that fails in every way there is, and what it has put into effect."""

from __future__ import annotations

import json
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WAYS = ("ok", "500", "500 after effect", "drop", "drop after effect", "silent after effect")


@dataclass
class Seen:
    """What a server has got. ``effects``: body by key; ``calls``: how often each way was taken; ``headers``: the last."""

    effects: dict[str, bytes] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    conflicts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def http_receiver(choose: random.Random | str = "ok", silence: float = 1.0) -> Iterator[tuple[str, Seen]]:
    """A server on a free port; ``choose``: the way it answers, or a generator that draws one for each call."""
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            key = self.headers["Idempotency-Key"]
            with seen.lock:
                way = choose if isinstance(choose, str) else choose.choice(WAYS)
                seen.calls[way] = seen.calls.get(way, 0) + 1
                seen.headers = dict(self.headers)
                if way == "ok" or way.endswith("after effect"):
                    if key not in seen.effects:
                        seen.effects[key] = body
                        seen.numbers.append(json.loads(body)["release_no"])
                    seen.conflicts += seen.effects[key] != body
            if way.startswith("silent"):
                time.sleep(silence)
            if way.startswith(("drop", "silent")):
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(500 if way.startswith("500") else 204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/releases", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_receiver(answer: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a server that takes each request and then does with the connection what ``answer`` does."""
    listening = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the other side closes when it has waited long enough
            talking = connection if tls is None else tls.wrap_socket(connection, server_side=True)
            with talking:
                _read_request(talking)
                answer(talking)

    def serve() -> None:
        with suppress(OSError):  # the test is over
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{listening.getsockname()[1]}/releases"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _read_request(connection: socket.socket) -> None:
    """All of it: a connection that is closed with something unread is reset, and its answer may be lost."""
    got, length = b"", 0
    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < length:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionResetError
        got += piece
        stated = [line for line in got.splitlines() if line.lower().startswith(b"content-length")]
        length = int(stated[0].split(b":")[1]) if stated else 0
