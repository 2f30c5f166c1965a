"""``export --watch`` survives a database that is away for a time, says that it lives, and ends soon when it is asked to."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy.exc import OperationalError

from scheduler_core.cli.signals import until_stopped
from scheduler_core.data.database import DatabaseUnavailable
from scheduler_core.data.export import delivery_service
from scheduler_core.data.export.config import ExportConfig
from scheduler_core.data.export.delivery_service import DeliveryService
from scheduler_core.data.export.exporter import Exporter
from scheduler_core.data.export.webhook_receiver import Webhook
from scheduler_core.data.store import Store, store_stats
from scheduler_core.data.store.records import DeliveryState
from scheduler_core.errors import InvalidValue
from scheduler_core.settings import environment
from tests.support.paths import ROOT
from tests.support.receivers import http_receiver, raw_receiver
from tests.support.sample_plans import approval, good_schedule, planned

PATIENCE = 60.0
QUICK = ExportConfig(receiver="webhook", poll_seconds=0.05, timeout_seconds=5.0)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The configured store, with one release; nobody has closed it, as the file goes with the test."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    opened = Store.open(url)
    opened.releases.approve(approval(planned(opened)), None)
    return opened


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


class Serving:
    """A service at work in a thread, and what it says."""

    def __init__(self, config: ExportConfig = QUICK) -> None:
        self.said: list[str] = []
        self.stopped = Event()
        self.service = DeliveryService(config, self.said.append, first_pause=0.01, longest_pause=0.05)
        self._thread = Thread(target=self.service.serve, args=(self.stopped,), daemon=True)

    def __enter__(self) -> Serving:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def test_a_store_that_fails_for_a_time_is_told_once_and_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tries, failing = [], Event()
    failing.set()
    deliver = Exporter.deliver_next

    def hiccup(self: Exporter) -> object:
        tries.append(time.monotonic())
        if failing.is_set():
            raise OperationalError("UPDATE outbox", {}, Exception("2006, server has gone away"))
        return deliver(self)

    monkeypatch.setattr(Exporter, "deliver_next", hiccup)
    with http_receiver() as (url, seen), Serving() as serving:
        monkeypatch.setenv(environment.EXPORT_URL, url)
        until(lambda: len(tries) > 5)
        assert serving.said == ["releases wait: 2006, server has gone away"]
        assert serving.service.failure == "releases wait: the store or the receiver is out of reach"
        failing.clear()
        until(lambda: len(seen.effects) == 1)
        until(lambda: store.deliveries.newest("tiny")[0].state is DeliveryState.CONFIRMED)
        until(lambda: serving.service.failure == "")
    assert serving.said[1:] == ["tiny version 1: confirmed (status 204)", "releases go on"]


def test_an_exporter_that_gets_nowhere_says_so_to_those_who_probe_it(monkeypatch: pytest.MonkeyPatch) -> None:
    service = DeliveryService(QUICK, print)
    assert service.failure == "it has not reached the store and the receiver yet"
    held, asked = Event(), Event()

    def stuck(self: DeliveryService, *_: object) -> None:
        asked.set()
        held.wait(PATIENCE)

    monkeypatch.setattr(DeliveryService, "_connected", lambda *_: None)
    monkeypatch.setattr(DeliveryService, "_round", lambda *_: None)
    stopped = Event()
    thread = Thread(target=service.serve, args=(stopped,), daemon=True)
    thread.start()
    until(lambda: service.failure == "")
    monkeypatch.setattr(DeliveryService, "_round", stuck)
    assert asked.wait(PATIENCE)
    later = time.monotonic() + 1000
    monkeypatch.setattr("scheduler_core.data.export.delivery_service.monotonic", lambda: later)
    assert service.failure == "it has been silent for too long"
    stopped.set()
    held.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_store_that_is_not_there_yet_is_waited_for_and_a_wrong_setting_is_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = DatabaseUnavailable("database: connection refused")
    opened = Store.open
    answers = [away, away, away]

    def opening(url: str | None = None) -> Store:
        if answers:
            raise answers.pop()
        return opened(url)

    monkeypatch.setattr(Store, "open", opening)
    with http_receiver() as (url, seen):
        monkeypatch.setenv(environment.EXPORT_URL, url)
        with Serving() as serving:
            until(lambda: len(seen.effects) == 1)
    assert serving.said[0] == "releases wait: database: connection refused"
    with pytest.raises(InvalidValue, match="names nobody"):
        DeliveryService(ExportConfig(receiver="none"), print).serve(Event())
    monkeypatch.delenv(environment.EXPORT_URL)
    with pytest.raises(InvalidValue, match="is not set"):
        DeliveryService(QUICK, print).serve(Event())


def test_pauses_grow_to_a_bound_and_are_never_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Counting(Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return self.is_set() or (len(waits) == 12 and bool(self.set() or True))

    def away(url: str | None = None) -> Store:
        raise DatabaseUnavailable("database: away")

    monkeypatch.setattr(Store, "open", away)
    DeliveryService(QUICK, lambda _: None).serve(Counting())
    most = [min(delivery_service.LONGEST_PAUSE_SECONDS, 2.0**n) for n in range(12)]
    assert all(top / 2 <= wait <= top for wait, top in zip(waits, most, strict=True))
    assert len(set(waits)) == len(waits)


def test_an_exporter_says_that_it_lives_and_that_it_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store_stats.look(store.url).exporter is None
    with http_receiver() as (url, _):
        monkeypatch.setenv(environment.EXPORT_URL, url)
        with Serving():
            until(lambda: store_stats.look(store.url).exporter is not None)
            sign = store_stats.look(store.url).exporter
            assert sign is not None
            # 20 s to the next sign, a look every 0.05 s, an attempt of 5 s, and a minute beyond
            assert 85.0 <= (sign.alive_until - sign.seen_at).total_seconds() <= 85.1
    ended = store_stats.look(store.url).exporter
    assert ended is not None
    assert ended.alive_until == ended.seen_at >= sign.seen_at


def test_a_receiver_that_never_ends_its_answer_holds_up_no_other_release(store: Store) -> None:
    store.releases.approve(approval(planned(store, good_schedule(5)), on_top_of=1), None)

    def drip(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\nX-Wait: a little longer\r\n\r\n")
            time.sleep(0.05)

    config = ExportConfig(timeout_seconds=0.3, lease_seconds=0.6)
    with raw_receiver(drip) as url:
        attempts = list(Exporter(store, Webhook(url, config.timeout_seconds), config).deliver_due())
    assert [(a.number, a.state) for a in attempts] == [(1, DeliveryState.PENDING), (2, DeliveryState.PENDING)]


def test_a_missing_right_to_say_so_stops_no_delivery(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Exporter, for_seconds: float) -> None:
        raise OperationalError("UPDATE", {}, Exception("1142, UPDATE command denied"))

    monkeypatch.setattr(Exporter, "beat", denied)
    with http_receiver() as (url, seen):
        monkeypatch.setenv(environment.EXPORT_URL, url)
        with Serving() as serving:
            until(lambda: len(seen.effects) == 1)
    assert serving.said[0].startswith("'shopwright health' will not see this exporter: 1142, UPDATE command denied")
    assert sum("will not see" in line for line in serving.said) == 1


def test_work_that_hears_no_signal_is_left_behind() -> None:
    def deaf(_stopped: Event) -> None:
        time.sleep(30)

    def failing(_stopped: Event) -> None:
        raise InvalidValue("x", 1, "is wrong")

    stopped = Event()
    stopped.set()
    begun = time.monotonic()
    assert not until_stopped(deaf, stopped, 0.1)
    assert time.monotonic() - begun < 5
    assert until_stopped(lambda asked: None, stopped, 5.0)
    with pytest.raises(InvalidValue, match="is wrong"):
        until_stopped(failing, Event(), 5.0)


@pytest.mark.slow
def test_a_signal_ends_the_command_also_while_the_store_is_locked(store: Store, tmp_path: Path) -> None:
    settings = tmp_path / "export.yaml"
    settings.write_text("receiver: webhook\npoll_seconds: 0.2")
    with http_receiver() as (url, _):
        variables = {
            "SHOPWRIGHT_EXPORT_URL": url,
            environment.DATABASE_URL: store.url,
            "PYTHONPATH": str(ROOT),
            "PATH": "/bin",
        }
        command = [sys.executable, "-m", "scheduler_core.cli", "export", "--watch", "--config", str(settings)]
        process = subprocess.Popen(command, cwd=tmp_path, env=variables, stderr=subprocess.PIPE, text=True)
        until(lambda: store.deliveries.newest("tiny")[0].state is DeliveryState.CONFIRMED)
        locked = sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)
        locked.execute("BEGIN IMMEDIATE")
        time.sleep(0.6)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        locked.close()
    assert (process.returncode, time.monotonic() - begun < 12) == (0, True)
    assert "version 1: confirmed" in said
    assert "a database does not answer" in said
    assert "Traceback" not in said
