"""Facts are recorded and undone; each time the latest snapshot is made once more with those in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewFact, SnapshotInfo
from scheduler_core.data.store_errors import NotFound, Superseded
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.limits import MAX_FACTS
from scheduler_core.plant import Plant
from scheduler_core.scenarios.assumed import is_assumed
from scheduler_core.scenarios.breakdown import BEGUN, Breakdown
from scheduler_core.scenarios.changes import Change, MaterialLate
from scheduler_core.scenarios.changes_file import change_from_json, change_to_json, changes_from_json, kind_of
from scheduler_core.scenarios.days import on
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.floor_reports import FloorReport, OperationStarted, PiecesScrapped
from scheduler_core.scenarios.hour_changes import Group, HoursAdded
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.scenarios.single_changes import MAX_REASON, HoursOpened
from scheduler_core.services import downtimes
from scheduler_core.services.planner_facts.applying import begun_by, put_in
from scheduler_core.services.planner_facts.confirming import erp_word
from scheduler_core.services.planner_facts.fitness import over_at, why_no_fact
from scheduler_core.services.planner_facts.kinds import Fact, Origin, Recorded, Stated
from scheduler_core.services.planner_facts.layering import as_layers, lower_layer, save_changed
from scheduler_core.services.planner_facts.questions import out_of_service
from scheduler_core.services.planner_facts.stored import in_force

FARTHEST = timedelta(days=3660)
"""How far a fact's begin or end may lie from now: a guard against typing errors."""
OLDEST_REPORT = timedelta(days=31)
"""How long ago something on the floor may have happened that is reported now."""


def record(store: Store, stated: Stated, *, now: datetime, actor: str, request_id: str) -> Recorded:
    """Records a fact and makes the latest snapshot once more with it, where it changes the plant. A breakdown becomes a
    recorded downtime.

    Raises InvalidValue naming the field where it does not fit the latest snapshot, for a change that is no fact or is known
    already, and for an empty or long reason; Unschedulable if no plan could exist with it; NotFound without a snapshot. The
    same ``request_id`` again records nothing more.
    """
    return _record(store, stated, None, now=now, actor=actor.strip(), request_id=request_id)


def from_what_if(
    store: Store, scenario_id: str, *, reason: str, now: datetime, actor: str, request_id: str
) -> tuple[Recorded, ...]:  # fmt: skip
    """The changes of a scenario that came true, as facts, in their order; what it assumed is confirmed with them.

    Changes that cannot be facts (``why_no_fact``) are left out. Raises InvalidValue where none is left or one does not fit;
    those before it are recorded then."""
    scenario = store.scenarios.get(scenario_id)
    base = store.snapshots.plant(scenario.base_snapshot_id)
    changes = changes_from_json(scenario.changes, base, f"scenario {scenario.id}")
    able = [(number, change) for number, change in enumerate(changes) if why_no_fact(change) is None]
    if not able:
        raise InvalidValue("scenario", scenario.id, "holds no change that can be a fact")
    made = []
    for number, change in able:
        stated, request = Stated(change, base.plan_start, reason), f"{request_id}-{number}"
        made.append(_record(store, stated, scenario.id, now=now, actor=actor.strip(), request_id=request))
        if is_assumed(change):
            told = {"change": type(change).__name__, "recorded": True}
            store.scenarios.answer(scenario.id, number, came_true=True, actor=actor.strip(), told=told)
    return tuple(made)


def undo(
    store: Store, fact_id: str, *, now: datetime, actor: str, request_id: str, reason: str = ""
) -> str:  # fmt: skip
    """Undoes a fact of any origin, and returns the id of the latest snapshot, made once more without it. ``reason``: why; it
    is kept with what was recorded as a fact.

    A downtime is over from ``now`` on; a pin is taken off; that a machine out of service is back counts until the next pull.
    Raises NotFound for an unknown fact, Refused for one that is undone already.
    """
    latest = store.snapshots.needed_latest()
    if fact_id.startswith("pin:"):
        from scheduler_core.services import pinning  # compiled code, which a page that only reads does without

        _, sequence, job = fact_id.split(":", 2)
        return pinning.set_free(store, latest.id, (job, int(sequence)), actor=actor, request_id=request_id)
    try:
        store.facts.undo(fact_id, request_id=f"{request_id}-undo", actor=actor.strip(), reason=reason.strip())
    except NotFound:
        return downtimes.back_in_service(store, fact_id, now=now, actor=actor, request_id=request_id)
    return bring_up_to_date(store, now=now, actor=actor.strip(), request_id=f"{request_id}-snapshot")


def bring_up_to_date(store: Store, *, now: datetime, actor: str, request_id: str) -> str:
    """The id of the latest snapshot if the facts that are in force at ``now`` make no other plant of it (a note does not),
    else of a new one of the same pull that has them."""
    latest = store.snapshots.needed_latest()
    known, lower = store.facts.of_plant(latest.plant), lower_layer(store, latest.id)
    made = as_layers(lower, put_in(lower, in_force(known, lower, now)))
    if made.plant == store.snapshots.plant(latest.id):
        return latest.id
    try:
        saved = save_changed(
            store, latest.id, made, store.snapshots.notes(latest.id), request_id=request_id, actor=actor
        )  # fmt: skip
    except Superseded:
        return bring_up_to_date(store, now=now, actor=actor, request_id=request_id)
    if store.facts.of_plant(latest.plant) == known:
        return saved
    # Somebody has recorded or undone one meanwhile, and may have made the snapshot before this one with it.
    return bring_up_to_date(store, now=now, actor=actor, request_id=f"facts-{saved}")


def _record(
    store: Store, stated: Stated, scenario_id: str | None, *, now: datetime, actor: str, request_id: str
) -> Recorded:  # fmt: skip
    latest = store.snapshots.needed_latest()
    snapshot = f"{request_id}-snapshot"
    plant = store.snapshots.plant(latest.id)
    served = store.facts.served(f"{request_id}-fact")
    change, text, kind = _written(_counted(store, latest, stated, served), plant)
    if served is not None:
        # Nothing is recorded once more; another statement under the same request is told as a conflict.
        fact = store.facts.get(served)
        said = stated.reason.strip()
        again = NewFact(f"{request_id}-fact", fact.plant, kind, text, fact.since, fact.until, said, actor, scenario_id)
        store.facts.record(again)
        return Recorded(served, bring_up_to_date(store, now=now, actor=actor, request_id=snapshot))
    if (why := why_no_fact(change)) is not None:
        raise InvalidValue("change", kind, why)
    if isinstance(change, Breakdown):
        return _downtime(store, plant, change, stated, now=now, actor=actor, request_id=request_id)
    reason = stated.reason.strip()
    if len(reason) > MAX_REASON or not (reason or isinstance(change, Noted | FloorReport)):
        raise InvalidValue("reason", stated.reason, f"is empty or longer than {MAX_REASON} characters")
    since, until = _life(plant, change, stated, now)
    _check(store, latest, plant, Fact("", Origin.FACT, kind, change, since, until, reason, actor, None), now, text)
    made = store.facts.record(
        NewFact(f"{request_id}-fact", latest.plant, kind, text, since, until, reason, actor, scenario_id)
    )  # fmt: skip
    return Recorded(made, bring_up_to_date(store, now=now, actor=actor, request_id=snapshot))


def _downtime(
    store: Store, plant: Plant, change: Breakdown, stated: Stated, *, now: datetime, actor: str, request_id: str
) -> Recorded:  # fmt: skip
    end = None if change.minutes is None else plant.time_of(change.end)
    asked = downtimes.Stated(change.machine, plant.time_of(change.start), end, stated.reason.strip() or change.reason)
    made = downtimes.record(store, asked, now=now, actor=actor, request_id=request_id)
    recorded = store.downtimes.served(f"{request_id}-down")
    assert recorded is not None  # it has just been recorded under this request
    return Recorded(recorded, made)


def _counted(store: Store, latest: SnapshotInfo, stated: Stated, served: str | None) -> Stated:
    """A report that counts pieces, with the pieces that its order has in the pull; said again (``served``: the fact that it
    was recorded as), with those of then."""
    change = stated.change
    if not isinstance(change, FloorReport) or isinstance(change, OperationStarted) or change.of is not None:
        return stated
    lower = lower_layer(store, latest.id)
    then = None if served is None else change_from_json(store.facts.get(served).change, lower, "fact")
    job = lower.job_by_id.get(change.job)
    of = getattr(then, "of", None) if then is not None else None if job is None else job.quantity
    return replace(stated, change=replace(change, of=of))


def _moved(stated: Stated, plant: Plant) -> Change:
    """The change in the minutes of the latest snapshot, at the same moments of the wall clock; hours of a day counted from
    plan_start become those of its date, which every later pull can read."""
    change, then = stated.change, replace(plant, plan_start=stated.plan_start)
    if isinstance(change, HoursOpened):
        day = then.plan_start.date() + timedelta(days=change.day)
        return HoursAdded(on(day), change.start, change.end, Group(change.machines))
    if (stated.plan_start, stated.plan_start.fold) == (plant.plan_start, plant.plan_start.fold):
        return change
    return change_from_json(change_to_json(then, change), plant, "change")


def _written(stated: Stated, plant: Plant) -> tuple[Change, str, str]:
    """The change in the minutes of the latest snapshot, as it is stored, and what the format calls it. Raises InvalidValue
    for one that could not be read again: every later pull has to."""
    try:
        change = _moved(stated, plant)
        text, kind = change_to_json(plant, change), kind_of(plant, change)
        over_at(plant, change)
    except OverflowError:
        raise InvalidValue("change", type(stated.change).__name__, "names a moment that no calendar has") from None
    change_from_json(text, plant, "change")
    return change, text, kind


def _life(plant: Plant, change: Change, stated: Stated, now: datetime) -> tuple[datetime, datetime | None]:
    # What has happened on the floor holds since it happened: a pull of a moment between then and now has it too.
    since = plant.time_of(change.at) if isinstance(change, FloorReport) else stated.since or now
    over = over_at(plant, change)
    ends = [moment for moment in (stated.until, over) if moment is not None]
    until = min(ends, default=None)
    for field, moment in (("since", since), ("until", until)):
        if moment is not None and abs(moment - now) > FARTHEST:
            raise InvalidValue(field, f"{moment:%Y-%m-%d %H:%M}", "is more than ten years away")
    if until is not None and until <= now:
        raise InvalidValue("until", f"{until:%Y-%m-%d %H:%M}", f"is past (it is {now:%Y-%m-%d %H:%M}): it would not act")
    if until is not None and until <= since:
        raise InvalidValue("until", f"{until:%Y-%m-%d %H:%M}", f"is not after its begin, {since:%Y-%m-%d %H:%M}")
    return since, until


def _check(store: Store, latest: SnapshotInfo, plant: Plant, asked: Fact, now: datetime, text: str) -> None:
    """Raises what keeps the fact from acting, before anything is recorded."""
    known = [f for f in store.facts.of_plant(latest.plant) if f.undone_by is None and (f.until is None or f.until > now)]
    if len(known) >= MAX_FACTS:
        raise InvalidValue("facts", len(known), f"are in force or to come, and {MAX_FACTS} is the limit: undo some")
    if any(one.change == text for one in known):
        raise InvalidValue("change", asked.kind, "is recorded already, in the same words")
    if isinstance(asked.change, MachineReturns) and asked.change.machine not in plant.machine_by_id:
        _check_return(store, latest, asked.change)
        return
    lower = lower_layer(store, latest.id)
    facts = (*in_force(store.facts.of_plant(lower.name), lower, now), asked)
    if isinstance(asked.change, FloorReport):
        _check_report(lower, facts, asked.change, now)
        return
    before = put_in(lower, facts[:-1]).plant
    on_order = asked.change.job if isinstance(asked.change, OrderHeld | MaterialLate) else ""
    asked.change.apply(before, begun_by(facts).get(on_order, BEGUN))
    idle = put_in(before, facts[-1:]).outcomes[-1].idle
    if idle is not None:
        raise Unschedulable(idle)


def _check_report(lower: Plant, facts: Sequence[Fact], report: FloorReport, now: datetime) -> None:
    """``facts``: those in force, the report last."""
    happened = lower.time_of(report.at)
    if not now - OLDEST_REPORT <= happened <= now:
        raise InvalidValue("at", f"{happened:%Y-%m-%d %H:%M}", f"is not within the last {OLDEST_REPORT.days} days")
    for one in facts[:-1]:
        said = one.change
        if not isinstance(said, FloorReport) or (said.job, said.sequence) != (report.job, report.sequence):
            continue
        if type(said) is type(report) and not isinstance(report, PiecesScrapped):
            reason = f"of {report.job} is reported already, by {one.recorded_by}: undo that fact first"
            raise InvalidValue("sequence", report.sequence, reason)
    report.apply(put_in(lower, facts[:-1]).plant, BEGUN)
    if (word := erp_word(lower, report)) is not None:
        raise InvalidValue("sequence", report.sequence, f"of {report.job} is not reported any more: {word.reason}")
    idle = put_in(lower, facts).outcomes[-1].idle
    if idle is not None:
        raise Unschedulable(idle)


def _check_return(store: Store, latest: SnapshotInfo, change: MachineReturns) -> None:
    if change.machine not in out_of_service(store, latest.id):
        raise InvalidValue("machine", change.machine, "is no machine of the latest pull, and none that orders wait for")
