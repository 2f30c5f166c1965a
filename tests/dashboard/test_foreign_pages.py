"""A real server, and pages of other sites that try to speak to it: refused at once, without a look outside."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.browsing import served
from tests.support.header_proxy import proxy
from tests.support.paths import ROOT

RECORDER = """
import sys, time
FILE = {file!r}
def hook(event, args):
    if event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        return
    address = args[0] if event.startswith("socket.get") else args[1]
    host = address[0] if isinstance(address, tuple) else address
    if host not in ("127.0.0.1", "localhost", "::1", None) and not str(host).startswith("/"):
        with open(FILE, "a") as file:
            file.write(event + " " + repr(address) + chr(10))
        time.sleep(30)
sys.addaudithook(hook)
"""
"""Runs when the server's Python starts: writes down whom it wants to reach, as slow as a network that does not answer."""
PATIENCE = 20
"""Seconds, fewer than one look outside takes."""


def opened(address: str, origin: str | None) -> int:
    """The status that the handshake of a WebSocket gets."""
    try:
        with connect(f"ws://{address}/_stcore/stream", origin=origin, open_timeout=PATIENCE, proxy=None):  # type: ignore[arg-type]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def answer(address: str, path: str) -> tuple[bytes, dict[str, str]]:
    with urllib.request.urlopen(f"http://{address}{path}", timeout=PATIENCE) as found:
        return found.read(), {name.lower(): value for name, value in found.headers.items()}


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_pages_of_other_sites_are_refused_at_once_and_nobody_is_asked_outside(tmp_path: Path) -> None:
    """The server listens on every address, where Streamlit would also ask for this machine's own when it starts."""
    record = tmp_path / "reached.txt"
    (tmp_path / "sitecustomize.py").write_text(RECORDER.format(file=str(record)))
    with served(tmp_path, "--server.address", "0.0.0.0", PYTHONPATH=f"{tmp_path}:{ROOT}") as url:
        address = urlsplit(url).netloc
        statuses: list[int] = []
        for origin in ("https://evil.example", "null", "http://192.0.2.7:8501"):
            attempt = threading.Thread(target=lambda o=origin: statuses.append(opened(address, o)))  # type: ignore[misc]
            attempt.start()
            assert answer(address, "/_stcore/health")[0] == b"ok"
            attempt.join(PATIENCE)
        assert statuses == [403, 403, 403]
        assert opened(address, url) == 101

        # A proxy that rewrites Host and adds nothing: what tells of it is where the page comes from.
        with proxy(urlsplit(url).port or 0, {"Host": address}) as front:
            through = urlsplit(front).netloc
            assert opened(through, "http://192.0.2.7:8080") == 403
            assert opened(through, front) == 101
            page = urllib.request.Request(
                f"{front}/_stcore/host-config", headers={"Referer": "http://192.0.2.7:8080/approve"}
            )
            with pytest.raises(urllib.error.HTTPError, match="421"):
                urllib.request.urlopen(page, timeout=PATIENCE)

        for path in ("/", "/approve", "/_stcore/health", "/nothing/here.js"):
            headers = answer(address, path)[1]
            assert headers["content-security-policy"] == "frame-ancestors 'self'"
            assert headers["x-frame-options"] == "SAMEORIGIN"
    assert not record.exists(), record.read_text()
