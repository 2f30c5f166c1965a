"""Receivers of alerts for tests and studies: a webhook and a mail server of this machine, which can fail on request."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Inbox:
    """What a receiver has taken: (title, body) of each message.

    ``answer``: the HTTP status that it gives (0: it drops the connection; a mail server turns everybody away unless it is
    200), ``location``: where it redirects to; ``paths``: of every request, also of those it refused.
    """

    answer: int = 200
    location: str = ""
    taken: list[tuple[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        """Titles of the messages that it took."""
        return [title for title, _ in self.taken]


@contextmanager
def webhook() -> Iterator[tuple[str, Inbox]]:
    """The address (of Apprise's kind json) of a webhook on a free port, and its inbox."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.paths.append(self.path)
            if not inbox.answer:
                self.connection.close()
                return
            if inbox.answer == 200:
                said = json.loads(body)
                inbox.taken.append((said["title"], said["message"]))
            self.send_response(inbox.answer)
            if inbox.location:
                self.send_header("Location", inbox.location)
            self.end_headers()

        def do_GET(self) -> None:
            inbox.paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    with _serving(server):
        yield f"json://127.0.0.1:{server.server_address[1]}/hook", inbox


@contextmanager
def mail_server() -> Iterator[tuple[str, Inbox]]:
    """The address (of Apprise's kind mailto) of a mail server on a free port, and its inbox."""
    inbox = Inbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if inbox.answer != 200:
                self._say("421 not now")
                return
            self._say("220 ready")
            while line := self.rfile.readline().strip().upper():
                if line == b"DATA":
                    self._say("354 go on")
                    raw = b"".join(iter(self.rfile.readline, b".\r\n"))
                    mail = message_from_bytes(raw, policy=policy.default)
                    inbox.taken.append((str(mail["Subject"]), mail.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
                    self._say("250 taken")
                elif line == b"QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 fine")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _serving(server):
        yield f"mailto://127.0.0.1:{server.server_address[1]}?from=shopwright@example.org&to=ann@example.org", inbox


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
