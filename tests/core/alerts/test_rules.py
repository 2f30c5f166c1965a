"""Every rule: facts that make it fire, and facts that keep it silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler_core.alerts.config import AlertsConfig, Rules
from scheduler_core.alerts.facts import (
    AuditState,
    DownMachine,
    Facts,
    Lateness,
    OrderState,
    OrderWithoutPlan,
    Queue,
    RunOutcome,
    Stranded,
)
from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.rules import find
from scheduler_core.data.store.records import HostSign
from scheduler_core.monitoring.health import Check, Level

NOW = datetime(2026, 3, 4, 7, 30, tzinfo=UTC)  # a Wednesday
QUIET = Facts(
    now=NOW, local=NOW.replace(tzinfo=None), clock_runs=True, pulled_at=NOW - timedelta(minutes=5),
    released_at=NOW - timedelta(hours=1),
    checks={name: Check(name, Level.OK, "fine") for name in ("workers", "stuck runs", "outbox", "exporter", "disk", "ERP")},
    lateness=Lateness("p", {}, frozenset()), down=(), stranded=Stranded({}, frozenset()),
    runs=(RunOutcome("learned", 0, 0),), queue=Queue(1, 2.0), hosts=(HostSign("a work", NOW, NOW + timedelta(minutes=3)),),
    audit=AuditState(None),
)  # fmt: skip
"""All is well: no rule finds anything."""


def order(name: str, minutes: int = 90, important: bool = True) -> OrderState:
    return OrderState(name, minutes, important)


def late(now: tuple[OrderState, ...], before: frozenset[str] | None = frozenset()) -> Facts:
    return replace(QUIET, lateness=Lateness("p", {o.order: o for o in now}, before))


def check(name: str, level: Level, **detail: object) -> Facts:
    return replace(QUIET, checks={**QUIET.checks, name: Check(name, level, "said", "do", detail)})


def host(alive_until: datetime | None) -> Facts:
    return replace(QUIET, hosts=(HostSign("b work", NOW - timedelta(hours=2), alive_until),))


def stranded(orders: tuple[OrderWithoutPlan, ...], before: frozenset[str] | None = frozenset()) -> Facts:
    return replace(QUIET, stranded=Stranded({o.order: o for o in orders}, before))


FIRES = {
    Kind.LATE_ORDER: late((order("A"),)),
    Kind.MACHINE_DOWN: replace(QUIET, down=(DownMachine(3, "M3", None),)),
    Kind.ORDER_WITHOUT_PLAN: stranded((OrderWithoutPlan("A", (3,)),)),
    Kind.PLAN_REJECTED: replace(QUIET, runs=(RunOutcome("exact", 2, 0),)),
    Kind.FALLBACK_REPEATED: replace(QUIET, runs=(RunOutcome("learned", 0, 2),)),
    Kind.QUEUE_OLD: replace(QUIET, queue=Queue(2, 16.0)),
    Kind.WORKER_LOST: check("workers", Level.FAULT, runs=["r1", "r2"]),
    Kind.HOST_LOST: host(NOW - timedelta(minutes=1)),
    Kind.EXPORTER_LOST: check("exporter", Level.FAULT),
    Kind.ERP_OLD: replace(QUIET, pulled_at=NOW - timedelta(hours=13)),
    Kind.OUTBOX_STUCK: check("outbox", Level.WARNING, waiting=3, undeliverable=0),
    Kind.AUDIT_BROKEN: replace(QUIET, audit=AuditState("line 3 has been changed")),
    Kind.DISK_LOW: check("disk", Level.WARNING, free_bytes=2**30),
    Kind.NO_RELEASE: replace(QUIET, released_at=NOW - timedelta(hours=20)),
}
SILENT = [
    (Kind.LATE_ORDER, late((order("A"),), frozenset({"A"})), "late before already"),
    (Kind.LATE_ORDER, late((order("A", important=False),)), "not important"),
    (Kind.LATE_ORDER, late((order("A"),), None), "no pull before to compare with"),
    (Kind.ORDER_WITHOUT_PLAN, stranded((OrderWithoutPlan("A"),), frozenset({"A"})), "quarantined before already"),
    (Kind.FALLBACK_REPEATED, replace(QUIET, runs=(RunOutcome("learned", 0, 1),)), "once only"),
    (Kind.QUEUE_OLD, replace(QUIET, queue=Queue(2, 15.0)), "not longer than allowed"),
    (Kind.WORKER_LOST, check("workers", Level.OK), "all heard of"),
    (Kind.HOST_LOST, host(NOW + timedelta(minutes=1)), "promised to be heard of later"),
    (Kind.HOST_LOST, host(None), "ended by itself"),
    (Kind.HOST_LOST, host(NOW - timedelta(days=8)), "no longer expected"),
    (Kind.EXPORTER_LOST, check("exporter", Level.OK), "heard of"),
    (Kind.ERP_OLD, replace(QUIET, pulled_at=NOW - timedelta(hours=12)), "not older than allowed"),
    (Kind.ERP_OLD, replace(QUIET, pulled_at=NOW - timedelta(days=90), clock_runs=False), "a demo, whose clock stands still"),
    (Kind.NO_RELEASE, replace(QUIET, released_at=NOW.replace(hour=15, minute=0) - timedelta(days=1)), "released at 15:00"),
    (Kind.NO_RELEASE, replace(FIRES[Kind.NO_RELEASE], local=datetime(2026, 3, 4, 6, 59)), "before seven"),
    (Kind.NO_RELEASE, replace(FIRES[Kind.NO_RELEASE], local=datetime(2026, 3, 7, 7, 30)), "a Saturday"),
    (Kind.NO_RELEASE, replace(QUIET, released_at=None), "nothing was ever released"),
]


def kinds(facts: Facts, rules: Rules | None = None, **opened: tuple[str, ...]) -> dict[Kind, list[str]]:
    """What every rule finds, without those that find nothing."""
    found = find(facts, rules or Rules(), {Kind(kind): about for kind, about in opened.items()})
    return {kind: [one.about for one in several] for kind, several in found.items() if several}


def test_where_all_is_well_nothing_is_found() -> None:
    assert set(FIRES) == set(Kind)
    assert kinds(QUIET) == {}
    assert None not in find(QUIET, Rules(), {}).values()


@pytest.mark.parametrize("kind", Kind)
def test_a_rule_fires_alone_and_not_when_it_is_off(kind: Kind) -> None:
    assert set(kinds(FIRES[kind])) == {kind}
    off = AlertsConfig.model_validate({"rules": {kind.value: {"enabled": False}}}).rules
    assert kinds(FIRES[kind], off) == {}


@pytest.mark.parametrize(("kind", "facts", "why"), SILENT, ids=[f"{kind}, {why}" for kind, _, why in SILENT])
def test_a_rule_stays_silent(kind: Kind, facts: Facts, why: str) -> None:
    assert kind not in kinds(facts), why


def test_a_late_order_stays_an_incident_while_it_is_late() -> None:
    """Two pulls later it is no longer newly late, and not over either."""
    still = late((order("A", 10), order("B")), frozenset({"A", "B"}))
    assert kinds(still, late_order=("A",)) == {Kind.LATE_ORDER: ["A"]}
    assert kinds(late(()), late_order=("A",)) == {}


def test_a_late_order_counts_from_the_hours_that_are_set() -> None:
    rules = AlertsConfig.model_validate({"rules": {"late_order": {"least_hours": 2, "only_important": False}}}).rules
    assert kinds(late((order("A", 119), order("B", 120, important=False))), rules) == {Kind.LATE_ORDER: ["B"]}


def test_an_order_stays_without_a_plan_while_it_is_in_quarantine() -> None:
    still = stranded((OrderWithoutPlan("A"),), frozenset({"A"}))
    assert kinds(still, order_without_plan=("A",)) == {Kind.ORDER_WITHOUT_PLAN: ["A"]}


def test_what_cannot_be_known_is_neither_found_nor_gone() -> None:
    """A store's checks that are missing, as where the store does not answer, end no incident."""
    found = find(Facts(now=NOW), Rules(), {})
    unknown = {kind for kind, several in found.items() if several is None}
    assert unknown == set(Kind) - {Kind.ERP_OLD, Kind.NO_RELEASE}
