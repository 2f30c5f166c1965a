"""One incident is one message and one when it is over, whatever fails on the way; quiet hours; one sender among many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from scheduler_core.alerts.config import AlertsConfig
from scheduler_core.alerts.facts import DownMachine, Facts, Queue
from scheduler_core.alerts.messages import Text
from scheduler_core.alerts.receivers import Outcome
from scheduler_core.alerts.rules import Found
from scheduler_core.alerts.service import AlertService, Parts
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import HostSign
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.monitoring.health import Check, Level

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DOWN, DISK = "Machine 3 is down", "A disk of the server"


@dataclass
class World:
    """What is wrong now (``facts``), which receivers are down, and what each has taken."""

    facts: Facts = field(default_factory=lambda: Facts(now=NOON, down=(), checks=disk(Level.OK)))
    refusing: set[str] = field(default_factory=set)
    taken: list[tuple[str, Text]] = field(default_factory=list)
    tried: int = 0

    def look(self, settings: AlertsConfig, now: datetime) -> Facts:
        return replace(self.facts, now=now)

    def detailed(self, facts: Facts, begun: Sequence[Found]) -> tuple[Found, ...]:
        return tuple(begun)

    def send(self, name: str, text: Text) -> Outcome:
        self.tried += 1
        if name in self.refusing:
            return Outcome(False, "nobody answers")
        self.taken.append((name, text))
        return Outcome(True, "")

    def titles(self, name: str = "ann") -> list[str]:
        return [text.title.removeprefix("Shopwright: ") for to, text in self.taken if to == name]


def disk(level: Level) -> dict[str, Check]:
    return {"disk": Check("disk", level, "said", "do", {"free_bytes": 2**30})}


def settings(**more: Any) -> AlertsConfig:
    receivers = {
        name: {"url_variable": "SHOPWRIGHT_ALERT_X", "labels": [label]}
        for name, label in (("ann", "planner"), ("it", "admin"))
    }
    return AlertsConfig.model_validate({"receivers": receivers, **more})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def world() -> World:
    return World()


def service(
    store: Store, world: World, of: AlertsConfig | None = None, host: str = "a work", say: Callable[[str], None] = print
) -> AlertService:
    parts = Parts(lambda: of or settings(), lambda _: world, lambda _: world, lambda: 0.0)
    return AlertService(store, host, parts, say)


def down(world: World, *machines: int) -> None:
    world.facts = replace(world.facts, down=tuple(DownMachine(m, f"M{m}", None) for m in machines))


def minutes(first: float, last: float, step: float = 1) -> Iterator[datetime]:
    """Moments after noon, in minutes."""
    at = first
    while at <= last:
        yield NOON + timedelta(minutes=at)
        at += step


def test_one_incident_is_one_message_and_one_when_it_is_over(store: Store, world: World) -> None:
    alerts = service(store, world)
    down(world, 3)
    for now in minutes(0, 30, 5):
        alerts.look(now)
    assert world.titles() == [DOWN]
    assert world.titles("it") == []
    down(world)
    for now in minutes(31, 60, 5):
        alerts.look(now)
    assert world.titles() == [DOWN, f"over: {DOWN}"]
    (incident,) = store.alerts.newest()
    assert incident.over_at == NOON + timedelta(minutes=36)
    assert store.alerts.opened() == ()


def test_a_cause_that_comes_and_goes_is_one_incident(store: Store, world: World) -> None:
    alerts = service(store, world)
    for n, now in enumerate(minutes(0, 20)):
        down(world, *([3] if n % 4 == 0 else []))
        alerts.look(now)
    assert world.titles() == [DOWN]
    assert len(store.alerts.newest()) == 1


def test_what_cannot_be_known_ends_no_incident(store: Store, world: World) -> None:
    alerts = service(store, world)
    down(world, 3)
    alerts.look(NOON)
    world.facts = replace(world.facts, down=None)
    for now in minutes(1, 60, 5):
        alerts.look(now)
    assert len(store.alerts.opened()) == 1


def test_while_a_receiver_is_down_it_is_tried_with_growing_pauses_and_told_once_when_it_is_back(
    store: Store, world: World
) -> None:  # fmt: skip
    """In fast motion: down from noon to six; meanwhile two more machines fail and one of them comes back."""
    alerts = service(store, world)
    world.refusing = {"ann"}
    world.facts = replace(world.facts, checks=disk(Level.WARNING))
    for now in minutes(0, 360, 10):
        n = (now - NOON) // timedelta(minutes=1)
        down(world, *([3] if n < 300 else []), *([4] if n >= 60 else []), *([5] if 100 <= n < 120 else []))
        alerts.look(now)
    # At 0, 10, 20, 30, 40, 50 and 70 minutes (a look comes every 10), then every 30; and once at the receiver that answers.
    assert world.tried == 1 + 7 + 9
    assert world.titles() == []
    assert world.titles("it") == ["A disk of the server has 1.0 GiB free, or is read-only"]
    waiting = store.alerts.unarrived("ann", NOON)
    assert [(m.title, m.attempts, m.reason) for m in waiting] == [(f"Shopwright: {DOWN}", 16, "nobody answers")]
    world.refusing = set()
    for now in minutes(361, 420, 10):
        alerts.look(now)
    assert world.titles()[0] == DOWN
    assert sum("4 is down" in str(text) for _, text in world.taken) == 1
    assert sum("5 is down" in str(text) for _, text in world.taken) == 1
    assert sum("3 is down" in str(text) for _, text in world.taken) == 2, "that it began, and that it is over"
    assert store.alerts.unarrived("ann", NOON) == ()


def test_a_message_that_never_arrives_is_given_up(store: Store, world: World) -> None:
    said: list[str] = []
    alerts = service(store, world, settings(give_up_hours=2), say=said.append)
    world.refusing = {"ann"}
    down(world, 3)
    for now in minutes(0, 180, 20):
        alerts.look(now)
    tried = world.tried
    world.refusing = set()
    for now in minutes(181, 200, 5):
        alerts.look(now)
    assert tried == world.tried
    assert said == ["alerts: ann is tried again after growing pauses: nobody answers"]
    down(world, 3, 4)
    alerts.look(NOON + timedelta(minutes=201))
    assert world.titles() == ["Machine 4 is down"]


def test_many_news_at_once_are_one_message(store: Store, world: World) -> None:
    alerts = service(store, world)
    down(world, 1, 2, 3, 4)
    alerts.look(NOON)
    assert world.titles() == ["4 alerts, 0 over"]
    down(world, 1, 2, 3, 4, 5, 6, 7)
    alerts.look(NOON + timedelta(minutes=1))
    assert world.titles()[1:] == ["Machine 5 is down", "Machine 6 is down", "Machine 7 is down"]


def test_quiet_hours_hold_back_what_is_not_urgent_and_tell_it_as_one_summary(store: Store, world: World) -> None:
    quiet = settings(quiet_hours={"from": "20:00", "until": "06:00"}, rules={
        "machine_down": {"labels": ["planner"], "urgent": False}, "disk_low": {"labels": ["planner"], "urgent": True},
    })  # fmt: skip
    alerts = service(store, world, quiet)
    night = range(9 * 60, 18 * 60, 30)  # 21:00 to 05:30
    world.facts = replace(world.facts, checks=disk(Level.WARNING))
    for n in night:
        down(world, *([3, 4] if n < 12 * 60 else [4]))
        alerts.look(NOON + timedelta(minutes=n))
    assert world.titles() == ["A disk of the server has 1.0 GiB free, or is read-only"]
    alerts.look(NOON + timedelta(hours=18))
    assert world.titles()[1:] == ["1 alert, 1 over"]
    body = world.taken[1][1].body
    assert "- Over: Machine 3 is down. From 2026-03-04 21:00 to 2026-03-05 00:30." in body
    assert "- Machine 4 is down. Since 2026-03-04 21:00." in body


def test_what_somebody_acknowledged_is_neither_told_later_nor_repeated(store: Store, world: World) -> None:
    reminding = settings(remind_hours=1)
    alerts = service(store, world, reminding)
    world.refusing = {"ann"}
    down(world, 3)
    alerts.look(NOON)
    down(world, 3, 4)
    alerts.look(NOON + timedelta(minutes=1))
    four = next(i for i in store.alerts.opened() if i.about == "4")
    assert store.alerts.acknowledge(four.id, "Ann")
    assert not store.alerts.acknowledge(four.id, "Bob"), "the first one stands"
    world.refusing = set()
    for now in minutes(5, 200, 15):
        alerts.look(now)
    assert world.titles() == [DOWN] * 4, "after noon, and each hour since"
    three = next(i for i in store.alerts.opened() if i.about == "3")
    store.alerts.acknowledge(three.id, "Ann")
    down(world)
    for now in minutes(205, 300, 10):
        alerts.look(now)
    assert world.titles()[4:] == [f"over: {DOWN}"]
    assert store.alerts.get(four.id).acknowledged_by == "Ann"
    assert [e.action for e in store.audit.newest() if e.action == "acknowledge-alert"] == ["acknowledge-alert"] * 2
    assert store.audit.verify() is None
    with pytest.raises(NotFound):
        store.alerts.acknowledge("f" * 32, "Ann")


def test_what_is_over_cannot_be_acknowledged(store: Store, world: World) -> None:
    alerts = service(store, world, settings(settle_minutes=0))
    down(world, 3)
    alerts.look(NOON)
    down(world)
    alerts.look(NOON + timedelta(minutes=1))
    with pytest.raises(Refused, match="is over"):
        store.alerts.acknowledge(store.alerts.newest()[0].id, "Ann")


def test_one_of_several_hosts_sends_and_another_one_goes_on_when_it_is_lost(store: Store, world: World) -> None:
    first, second = service(store, world), service(store, world, host="b work")
    down(world, 3)
    assert first.look(NOON)
    assert not second.look(NOON)
    assert world.titles() == [DOWN]
    # The first one is killed: its lease of three minutes ends, and it is missed.
    world.facts = replace(world.facts, hosts=(HostSign("a work", NOON, NOON + timedelta(minutes=3)),))
    assert not second.look(NOON + timedelta(minutes=2))
    assert second.look(NOON + timedelta(minutes=4))
    assert world.titles() == [DOWN]
    assert world.titles("it") == ["a work has not been heard of for 4 min"]


def test_an_exporter_that_is_started_again_is_no_alert_and_one_that_stays_away_is(store: Store, world: World) -> None:
    alerts = service(store, world)
    lost, running = (Check("exporter", level, "said", "do") for level in (Level.FAULT, Level.OK))
    for seconds, check in ((0, lost), (30, running), (60, lost), (90, lost), (119, lost)):
        world.facts = replace(world.facts, checks={"exporter": check})
        alerts.look(NOON + timedelta(seconds=seconds))
    assert store.alerts.opened() == ()
    alerts.look(NOON + timedelta(seconds=120))
    assert world.titles("it") == ["No exporter runs: releases do not reach the ERP"]


class Slow(World):
    """Its details take so long that another host looks meanwhile."""

    def detailed(self, facts: Facts, begun: Sequence[Found]) -> tuple[Found, ...]:
        self.meanwhile()
        return super().detailed(facts, begun)

    meanwhile: Callable[[], object] = staticmethod(lambda: None)


def test_a_look_that_lost_its_turn_stores_and_tells_nothing(store: Store, world: World) -> None:
    """The other host has looked later: the machine that it knows to be up again is not told as down."""
    slow, taken = Slow(), []
    down(slow, 3)
    down(world, 4)
    seconds = iter([0.0, *[300.0] * 10])
    parts = Parts(settings, lambda _: slow, lambda _: slow, lambda: next(seconds))
    slow.meanwhile = lambda: taken.append(service(store, world, host="b work").look(NOON + timedelta(minutes=4)))
    assert not AlertService(store, "a work", parts).look(NOON)
    assert taken == [True]
    assert [i.about for i in store.alerts.opened()] == ["4"]
    assert (slow.taken, world.titles()) == ([], ["Machine 4 is down"])


def test_a_process_whose_look_takes_long_is_not_missed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler_core.alerts.service.LEAST_LEASE", timedelta(seconds=0.4))
    slow = Slow()
    seen: list[datetime | None] = []

    def meanwhile() -> None:
        until = monotonic() + 30
        while len(seen) < 3 and monotonic() < until:
            (sign,) = store.alerts.hosts()
            if sign.alive_until not in seen:
                seen.append(sign.alive_until)
            sleep(0.02)

    slow.meanwhile = meanwhile
    parts = Parts(lambda: settings(every_seconds=0.1), lambda _: slow, lambda _: slow)
    assert AlertService(store, "a work", parts).look(NOON)
    assert len(seen) == 3


def test_a_process_that_ends_by_itself_is_not_missed_and_leaves_its_turn(store: Store, world: World) -> None:
    first, second = service(store, world), service(store, world, host="b work")
    assert first.look(NOON)
    first.leave(NOON + timedelta(seconds=1))
    assert second.look(NOON + timedelta(seconds=2))
    assert [(sign.host, sign.alive_until is None) for sign in store.alerts.hosts()] == [("a work", True), ("b work", False)]


def test_a_restart_tells_nothing_again(store: Store, world: World) -> None:
    down(world, 3)
    for n in range(3):
        again = service(store, world)
        assert again.look(NOON + timedelta(minutes=n))
        again.leave(NOON + timedelta(minutes=n))
    assert world.titles() == [DOWN]


def test_two_processes_of_one_name_do_not_send_at_once(store: Store, world: World) -> None:
    first, second = service(store, world), service(store, world)
    assert first.look(NOON)
    assert not second.look(NOON)
    assert second.look(NOON + timedelta(minutes=4)), "the first one was killed"


def test_a_rule_that_is_switched_off_ends_its_incidents(store: Store, world: World) -> None:
    down(world, 3)
    world.facts = replace(world.facts, queue=Queue(1, 99))
    on = service(store, world)
    on.look(NOON)
    on.leave(NOON)
    off = settings(settle_minutes=0, rules={"machine_down": {"enabled": False}})
    service(store, world, off).look(NOON + timedelta(minutes=1))
    assert [i.kind for i in store.alerts.opened()] == ["queue_old"]
