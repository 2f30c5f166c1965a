"""An attempt at a webhook ends in its time whatever the receiver does, and only the status decides."""

from __future__ import annotations

import hashlib
import logging
import socket
import ssl
import struct
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from scheduler_core.data.export import webhook_receiver
from scheduler_core.data.export.message import Message, NotDelivered
from scheduler_core.data.export.webhook_receiver import Webhook, keyed_signature, signature
from tests.support.mariadb_server import self_signed
from tests.support.receivers import http_receiver, raw_receiver

BODY = b'{"approval_id":"k","release_no":7}'
MESSAGE = Message("k", {}, BODY, hashlib.sha256(BODY).hexdigest())
OK = b"HTTP/1.1 200 OK\r\n"
LATE = 4.0
"""Seconds that an attempt of half a second may take on a crowded machine; without an end of its own it takes for ever."""


def drip(line: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(line)
        for _ in range(600):
            connection.sendall(b"x")
            time.sleep(0.05)

    return answer


def go_on_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" * 20)
        time.sleep(0.01)


def say_nothing(connection: socket.socket) -> None:
    time.sleep(30)


@pytest.mark.parametrize(
    "answer", [drip(b"HTTP/1.1 2"), drip(OK + b"X-Slow: "), go_on_for_ever, say_nothing],
    ids=["a status that drips", "a header that drips", "interim answers without an end", "silence"],
)  # fmt: skip
def test_an_attempt_ends_in_its_time(answer: Callable[[socket.socket], None]) -> None:
    with raw_receiver(answer) as url:
        begun = time.monotonic()
        with pytest.raises(NotDelivered, match="did not answer in time"):
            Webhook(url, 0.5).deliver(MESSAGE)
    assert time.monotonic() - begun < LATE


def hang(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 9\r\n\r\nabc")
    time.sleep(30)


def reset(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 9\r\n\r\nabc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def bad_chunk(connection: socket.socket) -> None:
    connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n")


def cut_off(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 9\r\n\r\n")


def without_end(connection: socket.socket) -> None:
    connection.sendall(OK + b"\r\n")
    while True:
        connection.sendall(b"x" * 10_000)


@pytest.mark.parametrize("answer", [hang, drip(OK + b"\r\n"), reset, bad_chunk, cut_off, without_end])
def test_a_status_acknowledges_whatever_becomes_of_the_body(answer: Callable[[socket.socket], None]) -> None:
    with raw_receiver(answer) as url:
        begun = time.monotonic()
        assert Webhook(url, 0.5).deliver(MESSAGE) == "status 200"
    assert time.monotonic() - begun < LATE


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\n\r\n", "answered 307 Elsewhere"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "not valid HTTP/1.1"),
        (b"220 mail.example ESMTP\r\n\r\n", "not valid HTTP/1.1"),
        (b"", "closed the connection without an answer"),
    ],
)
def test_any_other_answer_is_a_failed_attempt(answer: bytes, said: str) -> None:
    with raw_receiver(lambda connection: connection.sendall(answer)) as url, pytest.raises(NotDelivered, match=said):
        Webhook(url, 5.0).deliver(MESSAGE)


def test_a_host_that_cannot_be_one_is_a_failed_attempt_without_its_address() -> None:
    for host in ("erp..example", f"{'x' * 64}.example"):
        with pytest.raises(NotDelivered, match="cannot be reached") as refused:
            Webhook(f"https://{host}/t0ken", 5.0).deliver(MESSAGE)
        assert "t0ken" not in str(refused.value)


def test_a_name_that_is_looked_up_without_end_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: time.sleep(20))
    begun = time.monotonic()
    with pytest.raises(NotDelivered, match="did not answer in time"):
        Webhook("https://erp.example/", 0.3).deliver(MESSAGE)
    assert time.monotonic() - begun < LATE


def test_an_attempt_ends_soon_after_the_exporter_is_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_receiver, "STOP_SECONDS", 0.2)
    asked = count()
    with raw_receiver(say_nothing) as url:
        begun = time.monotonic()
        with pytest.raises(NotDelivered, match="was stopped before the receiver had answered"):
            Webhook(url, 600.0, stopped=lambda: next(asked) > 2).deliver(MESSAGE)
    assert time.monotonic() - begun < LATE


def test_the_key_is_signed_and_receivers_of_before_still_verify() -> None:
    with http_receiver() as (url, seen):
        Webhook(url, 5.0, b"secret").deliver(MESSAGE)
    stamp, key = seen.headers["X-Shopwright-Timestamp"], seen.headers["Idempotency-Key"]
    assert seen.headers["X-Shopwright-Signature"] == signature(b"secret", stamp, BODY)
    assert seen.headers["X-Shopwright-Signature-2"] == keyed_signature(b"secret", stamp, key, BODY)
    assert seen.headers["X-Shopwright-Signature-2"] != keyed_signature(b"secret", stamp, "another", BODY)
    assert keyed_signature(b"secret", "1764439200", "k", BODY) == (
        "sha256=d37f368f526ad17e5aa573c4fe422c79665be33458bb04cce354e3e1d29f5d4c"
    )


def test_the_receiver_proves_itself_to_the_authorities_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with raw_receiver(lambda connection: connection.sendall(b"HTTP/1.1 204 Kept\r\n\r\n"), tls) as url:
        with pytest.raises(NotDelivered, match="certificate verify failed"):
            Webhook(url, 10.0).deliver(MESSAGE)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # as an authority of the plant's own would be installed
        assert Webhook(url, 10.0).deliver(MESSAGE) == "status 204"


def test_no_log_holds_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with http_receiver() as (url, _):
        Webhook(f"{url}?t0ken", 5.0).deliver(MESSAGE)
    assert "t0ken" not in caplog.text


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with http_receiver() as (url, seen):
        assert Webhook(url, 5.0).deliver(MESSAGE) == "status 204"
    assert "k" in seen.effects
