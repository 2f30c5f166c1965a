"""A proxy that says who signed in: it adds headers to what a browser sends, and passes everything else through."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def proxy(port: int, headers: Mapping[str, str]) -> Iterator[str]:
    """In front of 127.0.0.1:``port``; yields its address. Headers of the same names that the browser sends are removed."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listener, port, dict(headers)), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _serve(listener: socket.socket, port: int, headers: Mapping[str, str]) -> None:
    while True:
        try:
            browser, _ = listener.accept()
        except OSError:
            return  # closed: the test is over
        threading.Thread(target=_pass_on, args=(browser, port, headers), daemon=True).start()


def _pass_on(browser: socket.socket, port: int, headers: Mapping[str, str]) -> None:
    """One connection, which carries one request: its head is changed, and the server is asked to close behind its answer."""
    with browser, socket.create_connection(("127.0.0.1", port)) as server:
        head = b""
        while b"\r\n\r\n" not in head:
            part = browser.recv(65536)
            if not part:
                return
            head += part
        first, _, rest = head.partition(b"\r\n\r\n")
        removed = {name.lower().encode() for name in headers}
        upgrades = b"\r\nupgrade:" in first.lower()
        removed |= set() if upgrades else {b"connection"}
        lines = [line for line in first.split(b"\r\n") if line.partition(b":")[0].lower() not in removed]
        lines += [] if upgrades else [b"Connection: close"]
        lines += [f"{name}: {value}".encode() for name, value in headers.items()]
        server.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + rest)
        back = threading.Thread(target=_pump, args=(server, browser), daemon=True)
        back.start()
        _pump(browser, server)
        back.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # either side has gone
