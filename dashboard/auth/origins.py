"""Which web pages may open a connection to the board: its own only, decided before Streamlit sees the request.

Streamlit itself lets pages of this machine's LAN address in, and for any other origin it asks an address on the internet,
inside the event loop that serves everybody. Whatever is refused here never gets so far, and whatever passes here passes
Streamlit's own comparison before it would ask.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from scheduler_core.i18n.translate import ENGLISH, best_match, speaking, t
from scheduler_core.settings.hosts import host_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOG = logging.getLogger(__name__)
THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1"})
"""Host names of this machine, as Streamlit compares them."""
POLICY_VIOLATION: Final = 1008
"""The WebSocket status for a refusal; before the handshake the server answers it with HTTP 403."""
MISDIRECTED: Final = 421
"""The HTTP status of an address for which this server does not answer."""
ASKED_BEFORE: Final = ("/_stcore/health", "/_stcore/host-config")
"""What Streamlit's page asks for before it connects; it shows the text of an answer that refuses."""
LONGEST: Final = 200
"""Characters of an address that are told or logged."""
BOX: Final = 46
"""How many Latin letters stand in a line of the box in which that text is shown."""
MOST_ORIGINS_LOGGED: Final = 50
"""A page that tries for ever does not fill the log: each origin is logged once, up to this number of origins."""


def is_own_origin(origin: str, host: str | None, public_address: str | None) -> bool:
    """Whether a page of this origin is the board's own.

    ``origin`` and ``host``: the request's headers. ``public_address``: the setting ``browser.serverAddress``, a name or an
    address. True for the address that was asked for (``host``), for this machine, and for the public address.
    """
    name = host_of(origin)
    if not name:
        return False
    parsed = urlsplit(origin)
    if parsed.scheme not in ("http", "https"):
        return False
    return parsed.netloc == host or name in THIS_MACHINE or name == _host_name(public_address)


def _host_name(address: str | None) -> str | None:
    if not address:
        return None
    return host_of(address if "://" in address else f"http://{address}")


def _reason(page: str, languages: Sequence[str]) -> bytes:
    """What Streamlit's page shows: a text as JSON (no other is shown), in lines as short as its box.

    ``languages``: the header Accept-Language. A browser's choice under the globe is not known before it connects.
    """
    wanted = ",".join(languages).split(",")[0].split(";")[0].strip()
    with speaking(best_match(wanted) or ENGLISH):
        texts = (
            t("This page was opened at an address that this board does not serve:"),
            page,
            t("On the server itself, open http://127.0.0.1 with the server's port."),
            t(
                "Behind a proxy, the proxy has to keep the header Host, or the public name has to be set in "
                ".streamlit/config.toml as browser.serverAddress (docs/people.md)."
            ),
        )
    return json.dumps("\n\n".join(_in_lines(text) for text in texts)).encode()


def _in_lines(text: str) -> str:
    """Broken between words, and where there are none between signs; an address stays whole."""
    wide = any(east_asian_width(sign) == "W" for sign in text)
    return "\n".join(wrap(text, BOX // 2 if wide else BOX, break_long_words=wide, break_on_hyphens=False))


class OwnOriginsOnly:
    """ASGI middleware: refuses WebSockets that a page of another origin opens. A client without an origin is no page.

    Such a page is also told why, where it asks before it connects: a browser says there which page asks (Referer).
    """

    def __init__(self, app: ASGIApp, public_address: Callable[[], str | None]) -> None:
        self._app = app
        self._public_address = public_address
        self._logged: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or end it before the handshake."""
        if scope["type"] == "websocket" and self._foreign(scope, b"origin") is not None:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        elif scope["type"] == "http" and scope["path"].endswith(ASKED_BEFORE) and (page := self._foreign(scope, b"referer")):
            headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": MISDIRECTED, "headers": headers})
            await send({"type": "http.response.body", "body": _reason(page, _values(scope, b"accept-language"))})
        else:
            await self._app(scope, receive, send)

    def _foreign(self, scope: Scope, header: bytes) -> str | None:
        """The page of another origin that the header names; None where it names the board's own or nothing."""
        named, hosts = _values(scope, header), _values(scope, b"host")
        host = hosts[0] if len(hosts) == 1 else None
        if len(named) <= 1 and all(is_own_origin(one, host, self._public_address()) for one in named):
            return None
        told = ", ".join(named)[:LONGEST]
        self._log(told, host)
        return told

    def _log(self, origin: str, host: str | None) -> None:
        if origin in self._logged or len(self._logged) >= MOST_ORIGINS_LOGGED:
            return
        self._logged.add(origin)
        # Not LOG.warning, which tests/test_translations.py would take for a text on a page.
        LOG.log(logging.WARNING, "refused what a page of another origin asked for", extra={"origin": origin, "host": host})


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in scope["headers"] if header == name]
