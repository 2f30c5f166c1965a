"""The doors of the service: addresses that answer while it works, and how one is asked."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from scheduler_core.errors import InvalidValue
from scheduler_core.monitoring.availability.probe_log import NAME, OK

_FIRST_LINE_BYTES = 200
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Door:
    """An address that answers with a status from 200 to 299 while the service works. ``name``: as it stands in the file."""

    name: str
    url: str


def door_of(text: str) -> Door:
    """The door of ``NAME=URL``. Raises InvalidValue for any other text, and for a URL with a name or password in it."""
    name, _, url = text.partition("=")
    if not NAME.fullmatch(name):
        raise InvalidValue("--url", text, "must be NAME=URL, with a name of small letters, digits and hyphens")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or any(sign.isspace() or not sign.isascii() for sign in url):
        raise InvalidValue("--url", name, "must have an address that begins with http:// or https://, without spaces")
    if "@" in parts.netloc:
        raise InvalidValue(
            "--url", name, "must have an address without a name and password: those would be in the process list"
        )
    return Door(name, url)


def ask(door: Door, seconds: float) -> str:
    """OK, or why not: ``status-503``, ``refused``, ``timeout``, ``unresolved``, ``tls``, ``not-http`` or ``unreachable``.

    The whole answer's first line has to come within ``seconds``, however slowly it drips; looking the name up is not
    counted, as nothing can interrupt that.
    """
    until = time.monotonic() + seconds
    try:
        return _answered(urlsplit(door.url), until)
    except TimeoutError:
        return "timeout"
    except ConnectionRefusedError:
        return "refused"
    except socket.gaierror:
        return "unresolved"
    except ssl.SSLError:
        return "tls"
    except OSError:
        return "unreachable"


def _answered(parts: SplitResult, until: float) -> str:
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with socket.create_connection((host, port), timeout=_left(until)) as plain:
        plain.settimeout(_left(until))
        connection = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain
        )
        with connection:
            connection.settimeout(_left(until))
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: shopwright-availability\r\n"
                "Accept: */*\r\nConnection: close\r\n\r\n".encode("ascii")
            )
            line = b""
            while b"\n" not in line and len(line) < _FIRST_LINE_BYTES:
                connection.settimeout(_left(until))
                more = connection.recv(_FIRST_LINE_BYTES)
                if not more:
                    break
                line += more
    words = line.split(b"\n")[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit() or len(words[1]) != 3:
        return "not-http"
    status = int(words[1])
    return OK if 200 <= status < 300 else f"status-{status}"


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
