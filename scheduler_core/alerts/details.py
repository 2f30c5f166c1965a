"""What a message tells beyond that something is wrong, computed once when an incident begins: the cause of a late order and
the best tried fix, and what a machine that is down costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduler_core.alerts.facts import Facts
from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.rules import Found
from scheduler_core.causes import Cause, Explainer, LateJob
from scheduler_core.causes.fixes import Fix, try_fixes
from scheduler_core.data.store import Store
from scheduler_core.errors import ShopwrightError
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Schedule

if TYPE_CHECKING:
    from scheduler_core.alerts.gathering import Gatherer

MOST_TRIED = 5
"""Orders of one look for which fixes are tried, as that takes seconds for each."""
LOOK_AHEAD = timedelta(hours=24)


def with_details(store: Store, gatherer: Gatherer, facts: Facts, begun: Sequence[Found]) -> tuple[Found, ...]:
    """The new incidents, those about late orders and machines with what is known beyond."""
    late = [one for one in begun if one.kind is Kind.LATE_ORDER]
    more: dict[tuple[Kind, str], Mapping[str, object]] = {}
    if late and facts.lateness is not None:
        plan = store.schedules.get(facts.lateness.plan)
        plant, schedule = gatherer.plant(plan.snapshot_id), gatherer.schedule(plan.id)
        found = _late_orders(plant, schedule, [one.about for one in late])
        more |= {(Kind.LATE_ORDER, order): content for order, content in found.items()}
    down = [one for one in begun if one.kind is Kind.MACHINE_DOWN]
    if down and facts.local is not None:
        found = _machines(store, gatherer, facts.local, [int(one.about) for one in down])
        more |= {(Kind.MACHINE_DOWN, machine): content for machine, content in found.items()}
    return tuple(Found(one.kind, one.about, {**one.content, **more.get((one.kind, one.about), {})}) for one in begun)


# ---------------------------------------------------------------- late orders
def _late_orders(plant: Plant, schedule: Schedule, orders: Sequence[str]) -> dict[str, Mapping[str, object]]:
    explainer = Explainer(plant, schedule)
    found: dict[str, Mapping[str, object]] = {}
    for late in explainer.late_jobs():  # the worst first
        if late.job.id not in orders:
            continue
        content: dict[str, object] = {"cause": _cause(plant, late)}
        if len(found) < MOST_TRIED:
            best = next(iter(try_fixes(plant, schedule, late.job.id, explainer=explainer)), None)
            content["fix"] = None if best is None else _fix(plant, best)
        found[late.job.id] = content
    return found


def _cause(plant: Plant, late: LateJob) -> dict[str, object]:
    told: dict[str, object] = {"kind": late.cause.value, "hours": round(late.minutes / 60, 1)}
    wait = late.lead_time.longest_wait if late.cause is Cause.MACHINE else None
    if wait is not None:
        told |= {
            "machine": wait.machine,
            "name": plant.machine_by_id[wait.machine].name,
            "hours": round(wait.minutes / 60, 1),
        }
    return told


def _fix(plant: Plant, fix: Fix) -> dict[str, object]:
    return {
        "kind": fix.kind.value, "operation": fix.operation, "machines": list(fix.machines),
        "names": [plant.machine_by_id[m].name for m in fix.machines],
        "day": fix.hours[0].date.isoformat() if fix.hours else None, "overtime_hours": round(fix.overtime_minutes / 60, 1),
        "hours_left": round(max(0, fix.after.lateness or 0) / 60, 1), "others_late": len(fix.became_late),
    }  # fmt: skip


# ---------------------------------------------------------------- machines that are down
def _machines(store: Store, gatherer: Gatherer, now: datetime, machines: Sequence[int]) -> dict[str, Mapping[str, object]]:
    """Orders of the plan in force on each machine within a day; and, the same for all of them, how many orders become late
    if everything else keeps its place. Empty without a release."""
    newest = store.snapshots.needed_latest()
    release = store.releases.current(newest.plant)
    if release is None:
        return {}
    before, plan = gatherer.plant(release.snapshot_id), gatherer.schedule(release.schedule_id)
    first, last = before.minute_of(now), before.minute_of(now + LOOK_AHEAD)
    cost = _cost(before, plan, gatherer.plant(newest.id))
    found: dict[str, Mapping[str, object]] = {}
    for machine in machines:
        on_it = {a.job for a in plan.by_machine.get(machine, ()) if a.start < last and a.end > first}
        found[str(machine)] = {"orders": len(on_it), **cost}
    return found


def _cost(before: Plant, plan: Schedule, after: Plant) -> dict[str, object]:
    """The plan in force pushed to the right on the plant as it is now, against itself, over the orders of both."""
    from scheduler_core.engines.repair.right_shift import shifted  # compiled code, needed only where a machine is down
    from scheduler_core.simulator.arrays import pack

    try:
        kept = shifted(after, pack(after), plan.on_clock(before.clock, after.clock))
    except ShopwrightError:
        return {}  # no plan can be made of what is left: the orders without a plan are told by their own rule
    was, now = job_lateness(before, plan), job_lateness(after, kept)
    both = [job for job in now if job in was]
    late_was, late_now = (sum(max(0, of[job] or 0) > 0 for job in both) for of in (was, now))
    minutes_was, minutes_now = (sum(max(0, of[job] or 0) for job in both) for of in (was, now))
    days = (minutes_now - minutes_was) / MINUTES_PER_DAY
    return {"more_late": max(0, late_now - late_was), "more_days": round(max(0.0, days), 1)}
