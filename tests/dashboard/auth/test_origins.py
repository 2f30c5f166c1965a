"""Which pages may open a connection to the board, and that Streamlit asks nobody about those that may."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest
import requests
from streamlit import config
from streamlit.web.server import server_util

from dashboard.auth.origins import BOX, MOST_ORIGINS_LOGGED, OwnOriginsOnly, is_own_origin

PUBLIC = "board.example.org"
HOST = "10.1.2.3:8501"
OWN = (
    "http://localhost:8501", "http://127.0.0.1", "http://127.0.0.1:9", "https://LOCALHOST", f"https://{PUBLIC}",
    f"https://{PUBLIC}:8443", f"http://{HOST}",
)  # fmt: skip
FOREIGN = (
    "https://evil.example", "http://192.0.2.2:8501", "http://10.1.2.3", "http://10.1.2.3:8502", "null", "", "http://", "http://[",
    "file://localhost", "http://localhost.evil.example", f"https://{PUBLIC}.evil.example", f"https://evil.example/{PUBLIC}",
    "http://localhost@evil.example", "//localhost", "localhost", "http://127.0.0.2.evil.example", f"evil.{PUBLIC}",
)  # fmt: skip


@pytest.fixture
def public_address() -> Iterator[None]:
    """Streamlit's setting, as an operator has it behind a proxy."""
    before = config.get_option("browser.serverAddress")
    config.set_option("browser.serverAddress", PUBLIC)
    yield
    config.set_option("browser.serverAddress", before)


@pytest.mark.parametrize("origin", OWN)
def test_the_boards_own_pages_may(origin: str) -> None:
    assert is_own_origin(origin, HOST, PUBLIC)
    assert is_own_origin(origin, HOST, f"https://{PUBLIC}/board")


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_other_page_may(origin: str) -> None:
    assert not is_own_origin(origin, HOST, PUBLIC)
    assert not is_own_origin(origin, None, None)
    assert not is_own_origin(origin, origin, "http://["), "a host that is no host"


@pytest.mark.usefixtures("public_address")
@pytest.mark.parametrize("origin", OWN[:-1])
def test_streamlit_lets_in_what_passes_without_a_look_outside(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its comparison goes on to addresses that it has to ask for; a page of the address asked for is let in before."""

    def asked(*_: object, **__: object) -> None:
        pytest.fail("Streamlit has asked for an address")

    monkeypatch.setattr(requests, "get", asked)
    monkeypatch.setattr(socket, "socket", asked)
    assert server_util.is_url_from_allowed_origins(origin)


def handshake(guard: OwnOriginsOnly, sent: list[dict[str, object]], *origins: str, kind: str = "websocket") -> None:
    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"host", HOST.encode()), *((b"origin", origin.encode()) for origin in origins)]
    asyncio.run(guard({"type": kind, "path": "/_stcore/stream", "headers": headers}, None, send))  # type: ignore[arg-type]


async def inner(scope: object, receive: object, send: object) -> None:
    """What lies behind the guard: it says that it was reached."""
    await send({"type": "reached"})  # type: ignore[operator]


@pytest.mark.parametrize("origins", [(one,) for one in FOREIGN] + [(OWN[0], "https://evil.example"), (OWN[0], OWN[0])])
def test_a_refused_handshake_never_reaches_streamlit(origins: tuple[str, ...]) -> None:
    sent: list[dict[str, object]] = []
    handshake(OwnOriginsOnly(inner, lambda: PUBLIC), sent, *origins)  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_own_pages_and_what_is_no_page_pass() -> None:
    sent: list[dict[str, object]] = []
    guard = OwnOriginsOnly(inner, lambda: PUBLIC)  # type: ignore[arg-type]
    for origin in OWN:
        handshake(guard, sent, origin)
    handshake(guard, sent)
    handshake(guard, sent, "https://evil.example", kind="http")
    assert sent == [{"type": "reached"}] * (len(OWN) + 2)


def asked(guard: OwnOriginsOnly, path: str, *pages: str, languages: str = "") -> tuple[int, str]:
    """Status and text of what a page asks before it connects; (0, "") where it got through."""
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"host", HOST.encode()), *((b"referer", page.encode()) for page in pages)]
    headers.append((b"accept-language", languages.encode()))
    asyncio.run(guard({"type": "http", "path": path, "headers": headers}, None, send))  # type: ignore[arg-type]
    if sent == [{"type": "reached"}]:
        return 0, ""
    return sent[0]["status"], json.loads(sent[1]["body"])  # type: ignore[return-value, arg-type]


@pytest.mark.parametrize("path", ["/_stcore/health", "/_stcore/host-config", "/base/_stcore/host-config"])
def test_a_page_of_another_address_is_told_why_it_gets_no_connection(path: str) -> None:
    """A name of the LAN before a proxy that rewrites Host: without an answer its reader would wait for ever."""
    guard = OwnOriginsOnly(inner, lambda: PUBLIC)  # type: ignore[arg-type]
    status, text = asked(guard, path, "http://board.lan:8080/approve")
    assert status == 421
    assert "http://board.lan:8080/approve" in text.splitlines()
    assert "browser.serverAddress" in text
    assert max(map(len, text.splitlines())) <= BOX
    assert asked(guard, path) == (0, ""), "monitoring is no page"
    for origin in OWN:
        assert asked(guard, path, f"{origin}/approve?plan=1") == (0, "")
    assert asked(guard, "/static/app.js", "http://board.lan:8080/") == (0, "")


def test_the_reason_is_told_in_the_browsers_language() -> None:
    guard = OwnOriginsOnly(inner, lambda: None)  # type: ignore[arg-type]
    for languages, word in (("zh-CN,zh;q=0.9", "代理"), ("ms", "proksi"), ("fr-FR, ms;q=0.5", "proxy"), ("*;q=0", "proxy")):
        text = asked(guard, "/_stcore/health", "http://board.lan/", languages=languages)[1]
        assert word in text
        assert "browser.serverAddress" in text.replace("\n", "")


def test_a_page_that_tries_for_ever_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[dict[str, object]] = []
    guard = OwnOriginsOnly(inner, lambda: None)  # type: ignore[arg-type]
    for _ in range(2):
        for number in range(MOST_ORIGINS_LOGGED + 10):
            handshake(guard, sent, f"https://evil{number}.example")
    assert len(sent) == 2 * (MOST_ORIGINS_LOGGED + 10)
    told = [record.origin for record in caplog.records]  # type: ignore[attr-defined]
    assert told == [f"https://evil{number}.example" for number in range(MOST_ORIGINS_LOGGED)]
