"""Alerts in the store, on SQLite and MariaDB: one incident at a time, one message per event, one sender."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Act, IncidentChanges, NewIncident

NOW = datetime(2026, 3, 4, 5, 30, tzinfo=UTC)
LEASE = timedelta(minutes=3)


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Store]:
    """An empty store on SQLite: what MariaDB does otherwise shows in the turns."""
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def new(about: str, *receivers: str) -> NewIncident:
    return NewIncident("late_order", about, {"order": about, "hours": 2.5, "product": "部品 😀"}, receivers)


def test_an_incident_is_open_once_until_it_is_over(quick: Store) -> None:
    for minute in range(2):
        quick.alerts.change(IncidentChanges(begun=(new("A", "ann"), new("B"))), NOW + timedelta(minutes=minute))
    a, b = quick.alerts.opened()
    assert (a.about, a.content, a.receivers, a.begun_at) == ("A", new("A").content, ("ann",), NOW)
    later = NOW + timedelta(hours=1)
    for _ in range(2):
        quick.alerts.change(IncidentChanges(over=(a.id,), reminded=(b.id,)), later)
    assert [i.id for i in quick.alerts.opened()] == [b.id]
    assert quick.alerts.get(b.id).reminded_at == later
    assert quick.alerts.get(a.id).over_at == later
    quick.alerts.change(IncidentChanges(begun=(new("A"),)), later)
    assert [i.about for i in quick.alerts.newest()] == ["A", "B", "A"]
    assert [i.about for i in quick.alerts.newest(1, only_open=True)] == ["A"]
    assert [i.id for i in quick.alerts.newest(after=(b.order, b.id))] == [a.id]


def test_an_event_is_told_to_a_receiver_by_one_message(quick: Store) -> None:
    quick.alerts.change(IncidentChanges(begun=(new("A", "ann", "bob"), new("B", "bob"))), NOW)
    told = quick.alerts.untold("bob", NOW)
    assert [(e.act, e.incident.about) for e in told] == [(Act.BEGUN, "A"), (Act.BEGUN, "B")]
    assert quick.alerts.untold("bob", NOW + timedelta(minutes=1)) == ()
    message = quick.alerts.write("bob", "a title", "部品 😀", [e.number for e in told], NOW)
    assert message is not None
    assert quick.alerts.write("bob", "again", "again", [told[1].number], NOW) is None
    assert quick.alerts.untold("bob", NOW) == ()
    assert [e.incident.about for e in quick.alerts.untold("ann", NOW)] == ["A"]
    (waiting,) = quick.alerts.unarrived("bob", NOW)
    assert (waiting.body, waiting.attempts, len(waiting.incidents)) == ("部品 😀", 0, 2)
    quick.alerts.tried(message.id, arrived=False, reason="nobody answers", now=NOW)
    quick.alerts.tried(message.id, arrived=True, reason="", now=NOW + timedelta(minutes=1))
    assert quick.alerts.unarrived("bob", NOW) == ()
    (sent,) = quick.alerts.messages()
    assert (sent.attempts, sent.arrived, sent.tried_at) == (2, True, NOW + timedelta(minutes=1))
    assert quick.alerts.messages_about([quick.alerts.opened()[1].id]) == (sent,)
    assert quick.alerts.messages_about([]) == ()


def test_one_holds_the_turn_until_its_lease_is_over_or_given_up(store: Store) -> None:
    assert store.alerts.take_turn("a", NOW, LEASE)
    assert not store.alerts.take_turn("b", NOW + timedelta(minutes=3), LEASE)
    assert store.alerts.take_turn("a", NOW + timedelta(minutes=1), LEASE)
    assert not store.alerts.take_turn("b", NOW + timedelta(minutes=4), LEASE)
    assert store.alerts.take_turn("b", NOW + timedelta(minutes=5), LEASE)
    assert not store.alerts.take_turn("a", NOW + timedelta(minutes=5), LEASE)
    store.alerts.give_up_turn("a")
    assert not store.alerts.take_turn("a", NOW + timedelta(minutes=5), LEASE), "not its own turn"
    store.alerts.give_up_turn("b")
    assert store.alerts.take_turn("a", NOW + timedelta(minutes=5), LEASE)
    for until in (NOW + LEASE, None):
        store.alerts.beat("a", NOW, until)
        assert [sign.alive_until for sign in store.alerts.hosts()] == [until]
    store.alerts.change(IncidentChanges(begun=(new("A", "ann"),)), NOW)
    assert store.alerts.acknowledge(store.alerts.opened()[0].id, "Ann")
    assert store.audit.verify() is None


def test_hosts_say_until_when_they_are_heard_of(quick: Store) -> None:
    quick.alerts.beat("b", NOW, NOW + LEASE)
    quick.alerts.beat("a", NOW, NOW + LEASE)
    quick.alerts.beat("b", NOW + timedelta(minutes=1), None)
    assert [(s.host, s.seen_at, s.alive_until) for s in quick.alerts.hosts()] == [
        ("a", NOW, NOW + LEASE), ("b", NOW + timedelta(minutes=1), None),
    ]  # fmt: skip
