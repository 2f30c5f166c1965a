"""Every answer says who may show it in a frame."""

from __future__ import annotations

import asyncio

from dashboard.auth.framing import NoForeignFrames

OURS = [(b"content-security-policy", b"frame-ancestors 'self'"), (b"x-frame-options", b"SAMEORIGIN")]


def headers_of(*before: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    sent: list[dict[str, object]] = []

    async def page(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(before)})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"page"})  # type: ignore[operator]

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asyncio.run(NoForeignFrames(page)({"type": "http"}, None, send))  # type: ignore[arg-type]
    assert sent[1] == {"type": "http.response.body", "body": b"page"}
    return sent[0]["headers"]  # type: ignore[return-value]


def test_the_boards_own_pages_only_may_frame_it() -> None:
    kind = (b"content-type", b"text/html")
    assert headers_of(kind) == [kind, *OURS]


def test_a_policy_that_is_there_stays_and_no_other_word_on_frames_does() -> None:
    policy = (b"Content-Security-Policy", b"script-src 'self'")
    assert headers_of(policy, (b"X-Frame-Options", b"ALLOWALL")) == [policy, *OURS]


def test_a_websocket_passes_as_it_is() -> None:
    seen: list[str] = []

    async def stream(scope: dict[str, str], receive: object, send: object) -> None:
        seen.append(scope["type"])

    asyncio.run(NoForeignFrames(stream)({"type": "websocket"}, None, None))  # type: ignore[arg-type]
    assert seen == ["websocket"]
