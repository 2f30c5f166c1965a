"""The server with runs in it: it answers, begins what was asked for, and stops in order."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from threading import Event, Thread

import httpx
import pytest

from scheduler_core.api import timed_connections
from scheduler_core.api.app import create_app
from scheduler_core.api.server import ApiServer, listen
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Role
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.settings.run_slots import RunSlots
from tests.support.api import PEOPLE, client, service_over
from tests.support.sample_plans import small_plant
from tests.support.seeding import seed_snapshot


class Worker:
    """Stands for a worker's process: the run has ended with it when it is looked at."""

    def __init__(self, store: Store, run_id: str, owner: str) -> None:
        self._end = lambda: store.runs.finish(run_id, owner, RunState.FAILED, "it was a test")
        self._ended = False

    def poll(self) -> int | None:
        if not self._ended:
            self._ended = True
            self._end()
        return 0

    def kill(self) -> None:
        raise AssertionError("it ends by itself")


class Served:
    """A server in threads of this process; every run ends as soon as it has begun."""

    def __init__(self, store: Store) -> None:
        self.said: list[str] = []
        self.stopped = Event()
        supervisor = Supervisor(store, slots=lambda: RunSlots(1), start=Worker)
        server = ApiServer(service_over(store), supervisor, say=self.said.append, status=lambda _: None)
        sock = listen("127.0.0.1", 0, beyond=False)
        self.place = ("127.0.0.1", sock.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.place[1]}"
        self.thread = Thread(target=server.serve, args=(sock, self.stopped))
        self.thread.start()


@pytest.fixture
def served(store: Store) -> Iterator[Served]:
    """The server."""
    one = Served(store)
    yield one
    one.stopped.set()
    one.thread.join(20)
    assert not one.thread.is_alive()


def test_it_begins_what_is_asked_for_and_stops_in_order(served: Served, store: Store) -> None:
    headers = {"Authorization": f"Bearer {PEOPLE[Role.PLANNER]}", "Prefer": "wait=8"}
    snapshot = seed_snapshot(store, small_plant())
    with httpx.Client(base_url=served.address, headers=headers, timeout=20) as asks:
        assert asks.get("/readyz").status_code == 200
        answer = asks.post("/v1/runs", json={"snapshot": snapshot, "engine": "greedy"})
        assert (answer.status_code, answer.json()["state"]) == (200, "failed")
        assert answer.json()["fail_reason"] == "it was a test"
        assert "server" not in answer.headers
    served.stopped.set()
    served.thread.join(20)
    assert not served.thread.is_alive()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{served.address}/livez")


@pytest.mark.parametrize("begun", [b"", b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow:"])
def test_a_connection_without_a_whole_request_is_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(timed_connections, "REQUEST_SECONDS", 0.3)
    with socket.create_connection(served.place, timeout=10) as idle:
        idle.sendall(begun)
        assert idle.recv(100) == b"", "it is closed without an answer"
    with closing(HTTPConnection(*served.place, timeout=10)) as asks:
        asks.connect()
        asks.auto_open = 0  # it does not connect again
        for pause in (0.0, 0.4):
            time.sleep(pause)
            asks.request("GET", "/livez")
            assert asks.getresponse().read() == b'{"status":"ok"}', "a connection that is used stays"


def test_a_run_that_cannot_be_begun_waits_and_is_no_fault_of_the_request(store: Store) -> None:
    def wrong() -> RunSlots:
        raise InvalidValue("runs.yaml: at_once", 0, "is too few")

    service = service_over(store)
    ApiServer(service, Supervisor(store, slots=wrong, start=Worker), say=print, status=print)
    body = {"snapshot": seed_snapshot(store, small_plant()), "engine": "greedy"}
    assert client(create_app(service)).post("/v1/runs", json=body).json()["state"] == "queued"


def test_without_a_supervisor_runs_wait_for_another_process(store: Store) -> None:
    service = service_over(store)
    ApiServer(service, None, say=print, status=print)
    body = {"snapshot": seed_snapshot(store, small_plant()), "engine": "greedy"}
    assert client(create_app(service)).post("/v1/runs", json=body).json()["state"] == "queued"
