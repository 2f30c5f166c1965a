"""The rules: facts of one moment to what is wrong now. Pure.

Each rule gives what it finds, or None where it cannot know just now: an open incident then stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from scheduler_core.alerts import config
from scheduler_core.alerts.facts import Facts
from scheduler_core.alerts.kinds import Kind
from scheduler_core.monitoring.health import Level

FORGOTTEN = timedelta(days=7)
"""A host that has not been heard of for longer is no longer expected."""
HOUR = 60


@dataclass(frozen=True)
class Found:
    """Something that is wrong now; see ``NewIncident`` for the fields."""

    kind: Kind
    about: str
    content: Mapping[str, object] = field(default_factory=dict)


Looked = tuple[Found, ...] | None


def find(facts: Facts, rules: config.Rules, opened: Mapping[Kind, Collection[str]]) -> Mapping[Kind, Looked]:
    """What each enabled rule finds; None: it cannot know. A disabled rule finds nothing.

    ``opened``: what the open incidents of each kind are about: some rules tell only what is new, and go on telling it.
    """
    return {
        kind: rule(facts, rules, opened.get(kind, ())) if rules.of(kind).enabled else () for kind, rule in _RULES.items()
    }


# ---------------------------------------------------------------- orders and machines
def _late_orders(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    rule, found = rules.late_order, facts.lateness
    if found is None:
        return None

    def tells(order: str) -> bool:
        state = found.now[order]
        if order in opened:
            return True
        new = found.before is not None and order not in found.before
        return new and state.minutes >= rule.least_hours * HOUR and (state.important or not rule.only_important)

    return tuple(
        Found(Kind.LATE_ORDER, order, {
            "order": order, "hours": round(state.minutes / HOUR, 1), "important": state.important, "product": state.product,
        })
        for order, state in found.now.items() if tells(order)
    )  # fmt: skip


def _machines_down(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    if facts.down is None:
        return None
    return tuple(
        Found(Kind.MACHINE_DOWN, str(down.machine), {
            "machine": down.machine, "name": down.name, "until": None if down.until is None else down.until.isoformat(),
        })
        for down in facts.down
    )  # fmt: skip


def _orders_without_plan(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    found = facts.stranded
    if found is None:
        return None
    return tuple(
        Found(Kind.ORDER_WITHOUT_PLAN, order, {
            "order": order, "machines": list(state.machines), "names": list(state.names), "product": state.product,
        })
        for order, state in found.now.items()
        if order in opened or state.machines or (found.before is not None and order not in found.before)
    )  # fmt: skip


# ---------------------------------------------------------------- runs
def _rejected(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    if facts.runs is None:
        return None
    return tuple(
        Found(Kind.PLAN_REJECTED, run.engine, {"engine": run.engine, "violations": run.violations})
        for run in facts.runs
        if run.violations
    )


def _fallbacks(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    if facts.runs is None:
        return None
    return tuple(
        Found(Kind.FALLBACK_REPEATED, run.engine, {"engine": run.engine, "times": run.fallbacks})
        for run in facts.runs
        if run.fallbacks >= rules.fallback_repeated.times
    )


def _queue(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    if facts.queue is None:
        return None
    if not facts.queue.waiting or facts.queue.minutes <= rules.queue_old.minutes:
        return ()
    return (Found(Kind.QUEUE_OLD, "runs", {"waiting": facts.queue.waiting, "minutes": round(facts.queue.minutes)}),)


# ---------------------------------------------------------------- what the health checks say
def _worker(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    checks = [facts.checks[name] for name in ("workers", "stuck runs") if name in facts.checks]
    if not checks:
        return None
    lost = {str(run) for check in checks if check.level is Level.FAULT for run in _listed(check.detail.get("runs"))}
    return (Found(Kind.WORKER_LOST, "runs", {"runs": len(lost)}),) if lost else ()


def _exporter(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    check = facts.checks.get("exporter")
    if check is None:
        return None
    return (Found(Kind.EXPORTER_LOST, "exporter"),) if check.level is Level.FAULT else ()


def _outbox(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    check = facts.checks.get("outbox")
    if check is None:
        return None
    if check.level is Level.OK:
        return ()
    figures = {name: check.detail.get(name, 0) for name in ("waiting", "undeliverable")}
    return (Found(Kind.OUTBOX_STUCK, "outbox", figures),)


def _disk(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    check = facts.checks.get("disk")
    if check is None:
        return None
    if check.level is Level.OK:
        return ()
    free = check.detail.get("free_bytes")
    gib = round(free / 2**30, 1) if isinstance(free, int) else None
    return (Found(Kind.DISK_LOW, "disk", {"free_gib": gib}),)


# ---------------------------------------------------------------- hosts, ages, the audit trail
def _hosts(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    if facts.hosts is None:
        return None
    return tuple(
        Found(
            Kind.HOST_LOST, sign.host, {"host": sign.host, "minutes": round((facts.now - sign.seen_at).total_seconds() / 60)}
        )
        for sign in facts.hosts
        if sign.alive_until is not None and sign.alive_until < facts.now <= sign.alive_until + FORGOTTEN
    )


def _erp(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    if not facts.clock_runs or facts.pulled_at is None:
        return ()
    hours = (facts.now - facts.pulled_at).total_seconds() / 3600
    if hours <= rules.erp_old.hours:
        return ()
    check = facts.checks.get("ERP")
    answers = None if check is None else check.level is not Level.FAULT
    return (Found(Kind.ERP_OLD, "ERP", {"hours": round(hours, 1), "answers": answers}),)


def _audit(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    if facts.audit is None:
        return None
    return () if facts.audit.reason is None else (Found(Kind.AUDIT_BROKEN, "audit", {"reason": facts.audit.reason}),)


def _no_release(facts: Facts, rules: config.Rules, opened: Collection[str]) -> Looked:
    rule = rules.no_release
    if not facts.clock_runs or facts.local is None or facts.released_at is None:
        return ()
    by = datetime.combine(facts.local.date(), time.fromisoformat(rule.by))
    released = facts.local - (facts.now - facts.released_at)
    workday = config.DAYS[facts.local.weekday()] in rule.days
    if not workday or facts.local < by or released >= by - timedelta(hours=rule.within_hours):
        return ()
    hours = round((facts.now - facts.released_at).total_seconds() / 3600, 1)
    return (Found(Kind.NO_RELEASE, by.date().isoformat(), {"by": rule.by, "hours": hours}),)


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


_RULES: Mapping[Kind, Callable[[Facts, config.Rules, Collection[str]], Looked]] = {
    Kind.LATE_ORDER: _late_orders, Kind.MACHINE_DOWN: _machines_down, Kind.ORDER_WITHOUT_PLAN: _orders_without_plan,
    Kind.PLAN_REJECTED: _rejected, Kind.FALLBACK_REPEATED: _fallbacks, Kind.QUEUE_OLD: _queue, Kind.WORKER_LOST: _worker,
    Kind.HOST_LOST: _hosts, Kind.EXPORTER_LOST: _exporter, Kind.ERP_OLD: _erp, Kind.OUTBOX_STUCK: _outbox,
    Kind.AUDIT_BROKEN: _audit, Kind.DISK_LOW: _disk, Kind.NO_RELEASE: _no_release,
}  # fmt: skip
