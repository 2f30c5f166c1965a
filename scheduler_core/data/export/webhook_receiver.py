"""A receiver that is called: HTTP POST of JSON, told apart by the Idempotency-Key, signed if there is a secret.

An attempt ends within its time whatever the receiver does: one deadline covers looking up the name, connecting, sending and
the answer, however slowly it drips. The status decides; a body is read politely and never needed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import ssl
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

import httpx

from scheduler_core.data.export.daemon_executor import DaemonExecutor
from scheduler_core.data.export.message import Message, NotDelivered
from scheduler_core.errors import InvalidValue

LONGEST_ANSWER = 65_536
"""Bytes of an answer's body that are read."""
BODY_SECONDS = 2.0
"""How long a body is read, so that a receiver which writes one does not meet a closed connection."""
STOP_SECONDS = 2.0
"""What is left to an attempt under way once the exporter is asked to stop."""
_TICK_SECONDS = 0.1
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

for _name in ("httpx", "httpcore"):
    # They log each address, which may hold a token.
    logging.getLogger(_name).setLevel(logging.WARNING)


def _never() -> bool:
    return False


class Webhook:
    """Any 2xx status acknowledges; everything else, redirects too, is a failed attempt.

    ``timeout_seconds``: for a whole attempt. ``stopped``: says when an attempt under way shall end soon.
    """

    def __init__(
        self,
        url: str,
        timeout_seconds: float,
        secret: bytes | None = None,
        plain_http: bool = False,
        stopped: Callable[[], bool] = _never,
    ) -> None:
        parts = _checked(url, plain_http)
        self._url, self._timeout, self._secret, self._stopped = url, timeout_seconds, secret, stopped
        # The system's authorities, where a plant's own one is installed; httpx alone would look at a list of its own.
        self._tls: ssl.SSLContext | bool = ssl.create_default_context() if parts.scheme == "https" else False

    def deliver(self, message: Message) -> str:
        """See ``Receiver``."""
        status, reason = asyncio.run(self._within_time(message))
        if not 200 <= status < 300:
            raise NotDelivered(f"the receiver answered {status} {reason}")
        return f"status {status}"

    async def _within_time(self, message: Message) -> tuple[int, str]:
        """The answer's status and its words. Raises NotDelivered."""
        # Looking up a name can't be called off: its thread must hold up neither this attempt nor the program's end.
        asyncio.get_running_loop().set_default_executor(DaemonExecutor())
        decided: list[tuple[int, str]] = []
        try:
            async with asyncio.timeout(self._timeout) as limit:
                watch = asyncio.create_task(self._shorten(limit))
                try:
                    await self._post(message, decided)
                finally:
                    watch.cancel()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            # Once there is a status, a body that hangs, breaks off or is no valid one changes nothing.
            if not decided:
                raise NotDelivered(self._reason(error)) from None
        return decided[0]

    async def _shorten(self, limit: asyncio.Timeout) -> None:
        """Bring the deadline forward once the exporter is asked to stop."""
        while not self._stopped():
            await asyncio.sleep(_TICK_SECONDS)
        soon = asyncio.get_running_loop().time() + STOP_SECONDS
        limit.reschedule(min(soon, limit.when() or soon))

    async def _post(self, message: Message, decided: list[tuple[int, str]]) -> None:
        """Send the message; the answer's status and its words go into ``decided`` as soon as they are there."""
        async with (
            # No proxy, password or authority from the environment, and no redirect: only the address that is configured.
            httpx.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=None) as client,
            client.stream("POST", self._url, content=message.body, headers=self._headers(message)) as answer,
        ):
            decided.append((answer.status_code, answer.reason_phrase))
            async with asyncio.timeout(BODY_SECONDS):
                await _read_some(answer)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            if self._stopped():
                return "the exporter was stopped before the receiver had answered"
            return "the receiver did not answer in time"
        return _reason(error)

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.approval_id,
            "User-Agent": "shopwright",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if self._secret is not None:
            stamp = str(int(time.time()))
            headers["X-Shopwright-Timestamp"] = stamp
            headers["X-Shopwright-Signature"] = signature(self._secret, stamp, message.body)
            headers["X-Shopwright-Signature-2"] = keyed_signature(self._secret, stamp, message.approval_id, message.body)
        return headers


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the hexadecimal HMAC-SHA256 of timestamp, a full stop and body; a receiver compares."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def keyed_signature(secret: bytes, timestamp: str, key: str, body: bytes) -> str:
    """The same of timestamp, Idempotency-Key and body, so that a message can't be sent again under another key."""
    return signature(secret, timestamp, key.encode() + b"." + body)


async def _read_some(answer: httpx.Response) -> None:
    read = 0
    async for piece in answer.aiter_raw():
        read += len(piece)
        if read >= LONGEST_ANSWER:
            return


def _checked(url: str, plain_http: bool) -> SplitResult:
    # The address may hold a token, so no error repeats it.
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidValue("webhook", "…", "is not a URL such as https://erp.example/releases") from None
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidValue("webhook", parts.scheme, "is not a URL such as https://erp.example/releases")
    if parts.username is not None or parts.password is not None:
        raise InvalidValue("webhook", "…", "holds a user or password: sign with a secret instead")
    if parts.scheme == "http" and host not in _LOOPBACK and not plain_http:
        raise InvalidValue("webhook", parts.scheme, "is not encrypted: use https, or set allow_plain_http")
    if any(ord(c) <= 32 or ord(c) > 126 for c in url):
        raise InvalidValue("webhook", "…", "holds a space or another character that a URL can't hold")
    return parts


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.RemoteProtocolError) and "without sending a response" in str(error):
        return "the receiver closed the connection without an answer"
    if isinstance(error, httpx.ProtocolError):
        return "the receiver's answer is not valid HTTP/1.1"
    cause: BaseException | None = error
    while cause is not None:
        # httpx wraps the system's own error, whose words hold no address. A host's name that can't be one (https://a..b/)
        # fails where it is encoded, and has no such words.
        if isinstance(cause, OSError) and cause.strerror:
            return f"the receiver cannot be reached: {cause.strerror}"
        cause = cause.__cause__ or cause.__context__
    return f"the receiver cannot be reached: {type(error).__name__}"
