"""A receiver that is called: HTTP POST of JSON, told apart by the Idempotency-Key, signed if there is a secret."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import time
from urllib.parse import SplitResult, urlsplit

from scheduler_core.data.export.message import Message, NotDelivered
from scheduler_core.errors import InvalidValue

LONGEST_ANSWER = 65_536
"""Bytes of an answer that are read; the status is what counts."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Webhook:
    """Any 2xx status acknowledges; everything else, redirects too, is a failed attempt."""

    def __init__(self, url: str, timeout_seconds: float, secret: bytes | None = None, plain_http: bool = False) -> None:
        self._url, self._host, self._port = _checked(url, plain_http)
        self._timeout, self._secret = timeout_seconds, secret

    def deliver(self, message: Message) -> str:
        """See ``Receiver``."""
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        try:
            connection.request("POST", path, message.body, self._headers(message))
            answer = connection.getresponse()
            answer.read(LONGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise NotDelivered(_reason(error)) from None
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise NotDelivered(f"the receiver answered {answer.status} {answer.reason}")
        return f"status {answer.status}"

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.approval_id,
            "User-Agent": "shopwright",
        }
        if self._secret is not None:
            stamp = str(int(time.time()))
            headers["X-Shopwright-Timestamp"] = stamp
            headers["X-Shopwright-Signature"] = signature(self._secret, stamp, message.body)
        return headers


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the hexadecimal HMAC-SHA256 of timestamp, a full stop and body; a receiver compares."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _checked(url: str, plain_http: bool) -> tuple[SplitResult, str, int | None]:
    # The address may hold a token, so no error repeats it.
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
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
    return parts, host, port


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the receiver did not answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the receiver closed the connection without an answer"
    text = getattr(error, "strerror", None) or type(error).__name__
    return f"the receiver cannot be reached: {text}"
