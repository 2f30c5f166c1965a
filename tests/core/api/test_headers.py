"""ETags, the preference to wait, and who may be reached: pure rules."""

from __future__ import annotations

import socket

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from scheduler_core.api.etags import etag_of, is_known, must_match
from scheduler_core.api.guards import Answers
from scheduler_core.api.prefer import wait_of
from scheduler_core.api.problems import Problem
from scheduler_core.api.rate_limits import RateLimits
from scheduler_core.api.server import listen
from scheduler_core.errors import InvalidValue
from scheduler_core.settings.hosts import host_of, is_loopback

TAG = etag_of("plan", 3)


def test_a_tag_is_that_of_its_state() -> None:
    assert etag_of("plan", 3) == TAG
    assert etag_of("plan", 4) != TAG
    assert etag_of("pla", "n3") != TAG
    assert TAG.startswith('"')
    assert etag_of("\ud800").endswith('"')


@pytest.mark.parametrize("sent", [TAG, f'"x", {TAG}', "*", f"{TAG},"])
def test_who_has_seen_the_present_state_may_change_it(sent: str) -> None:
    must_match(sent, TAG)


@pytest.mark.parametrize(
    ("sent", "status"), [(None, 428), ('"x"', 412), (f"W/{TAG}", 412), ("", 412), (TAG.strip('"'), 412)]
)
def test_who_has_not_may_not(sent: str | None, status: int) -> None:
    with pytest.raises(Problem) as refused:
        must_match(sent, TAG)
    assert refused.value.status_code == status
    assert (refused.value.headers or {}).get("ETag") == (TAG if status == 412 else None)


@pytest.mark.parametrize(
    ("sent", "known"), [(None, False), (TAG, True), (f"W/{TAG}", True), ("*", True), ('"x"', False), (f'"x", {TAG}', True)]
)
def test_what_is_known_is_not_sent_again(sent: str | None, known: bool) -> None:
    assert is_known(sent, TAG) is known


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0), ("", 0), ("wait=2", 2), ("respond-async, wait=7", 7), ('wait="3"', 3), ("WAIT = 4", 4), ("wait=99", 10),
        ("wait=-1", 0), ("wait=soon", 0), ("await=2", 0), ("wait=2;x=1", 2), ("wait=999999999999", 0), ("wait=2x", 0),
    ],
)  # fmt: skip
def test_how_long_somebody_would_wait(header: str | None, seconds: int) -> None:
    assert wait_of(header, 10.0) == seconds


def test_addresses_of_one_network_of_version_6_count_together() -> None:
    limits = RateLimits(10, 1)
    assert limits.address("2001:db8::1") is None
    assert limits.address("2001:db8::2") is not None
    assert limits.address("2001:db8:0:1::1") is None
    assert limits.address("10.0.0.1") is None
    assert limits.address("10.0.0.2") is None


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_listens_beyond_this_machine_only_where_that_is_said(address: str) -> None:
    with pytest.raises(InvalidValue, match="beyond-this-machine"):
        listen(address, 0, beyond=False)


def test_it_listens_where_it_may() -> None:
    with listen("127.0.0.1", 0, beyond=False) as own, listen("0.0.0.0", 0, beyond=True) as anybody:
        assert own.getsockname()[0] == "127.0.0.1"
        assert anybody.getsockname()[0] == "0.0.0.0"
        with pytest.raises(OSError, match="in use"), socket.create_server(own.getsockname()):
            raise AssertionError("two listen on one port")


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1:8600", True), ("localhost", True), ("[::1]:80", True), ("127.9.9.9", True), ("a.localhost", False),
     ("localhost.attacker.example", False), ("", False), ("[", False), ("0.0.0.0", False)],
)  # fmt: skip
def test_which_hosts_are_this_machines(host: str, own: bool) -> None:
    assert is_loopback(host_of(f"//{host}")) is own


@pytest.mark.parametrize(
    ("path", "status", "level"),
    [("/readyz", 200, "DEBUG"), ("/metrics", 200, "DEBUG"), ("/readyz", 503, "INFO"), ("/v1/health", 200, "INFO")],
)
def test_a_probe_that_went_well_is_not_logged_among_the_requests(
    path: str, status: int, level: str, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=status)(scope, receive, send)

    with caplog.at_level("DEBUG", "scheduler_core.api.guards"):
        assert TestClient(Answers(answer)).get(path).status_code == status
    assert [(one.levelname, one.message) for one in caplog.records if "guards" in one.name] == [(level, "request answered")]
