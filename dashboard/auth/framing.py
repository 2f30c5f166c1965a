"""No page of another site may show the board in a frame, where its own buttons could lie over ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = b"frame-ancestors 'self'"
HEADERS: Final = ((b"content-security-policy", POLICY), (b"x-frame-options", b"SAMEORIGIN"))
"""Sent with every answer; the second is for browsers that do not know the first."""


class NoForeignFrames:
    """ASGI middleware: every answer says that only the board's own pages may frame it.

    A policy that is there already is kept beside ours: a browser obeys both.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; headers are added when its answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [one for one in message.get("headers", ()) if one[0].lower() != HEADERS[1][0]]
                message = {**message, "headers": [*kept, *HEADERS]}
            await send(message)

        await self._app(scope, receive, framed)
