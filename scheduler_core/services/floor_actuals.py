"""Actuals of a plant, derived from its pulls one after the other and kept in the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler_core.actuals.from_pulls import PlanInForce, Pull, Told, progress
from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.clock import Clock, clock_of
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo, StoredFact, UnreadPull
from scheduler_core.plant import CLOCK_DAYS, Plant
from scheduler_core.scenarios.changes_file import change_from_json
from scheduler_core.scenarios.floor_reports import FloorReport, OperationFinished, OperationStarted
from scheduler_core.scenarios.floor_reports_file import KINDS
from scheduler_core.services.planner_facts.kinds import BY_ERP

RECENT = timedelta(days=28)
"""How far back durations say how the plant works today."""
SET_BACK = -24 * 60
"""Minutes to the pull before from which on a pull is not late but by another clock."""
MOST_AT_FIRST = 60
"""Pulls of an older version that the first pull of this one compares: 0.2 s each for 500 jobs, while a planner waits."""


def bring_up_to_date(store: Store, plant: str, most_at_first: int = MOST_AT_FIRST) -> int:
    """Compare each pull of a plant that has not been compared yet with the one before it, and return how many were.

    Called at each pull, it compares one. A snapshot that planners' additions made of the same pull is no pull of its own,
    but the hours that it knows count. Two successive pulls a day or more before it say that the clock had run ahead: actuals
    begin anew with the second. Safe to call from several processes at once.

    most_at_first: of a plant of which none has been compared yet, the newest so many are.
    """
    read = store.actuals.last(plant)
    newest, running = (None, ()) if read is None else (read.snapshot, read.running)
    on_top_of, before = (None, None) if newest is None else (newest.id, newest)
    done = 0
    early: datetime | None = None
    unread = store.actuals.unread(plant)
    for one in unread[max(0, len(unread) - most_at_first) :] if read is None else unread:
        if newest is not None and (passed := _clock(newest).minute_of(one.snapshot.plan_start)) <= 0:
            before = one.snapshot if passed == 0 else before
            begun = one.snapshot.plan_start
            if passed > SET_BACK or early is None or begun <= early:
                early = begun if passed <= SET_BACK else None
                continue
            before, running = None, ()
        early = None
        old = None if before is None else _as_compared(store, newest or before, before)
        found = progress(old, running, _pull(store, one))
        if not store.actuals.add(plant, one.snapshot.id, on_top_of, found):
            return done
        newest, running, on_top_of, before, done = one.snapshot, found.running, one.snapshot.id, one.snapshot, done + 1
    return done


def recent(store: Store, plant: str) -> tuple[OperationActual, ...]:
    """What ended in the last four weeks before the plant's newest pull, and what ran then."""
    read = store.actuals.last(plant)
    return () if read is None else store.actuals.of_plant(plant, read.snapshot.plan_start - RECENT)


def _pull(store: Store, one: UnreadPull) -> Pull:
    plant = store.snapshots.plant(one.snapshot.id)
    return Pull(plant, _plan(store, one), _hidden(store, one.snapshot, plant), reported(store, plant))


def _as_compared(store: Store, newest: SnapshotInfo, before: SnapshotInfo) -> Plant:
    """The plant that the next pull is compared with: ``before``, the last that planners made of the pull ``newest``, with
    that pull's own orders where something was reported since, because a report takes out what it says is finished."""
    plant = store.snapshots.plant(before.id)
    reports = {one.id: one for one in store.facts.of_plant(plant.name) if one.kind in KINDS}
    reported = {
        _job_of(reports[one.fact_id], plant) for one in store.snapshots.facts(before.id) if one.fact_id in reports
    }  # fmt: skip
    if before.id == newest.id or not reported:
        return plant
    own = {job.id: job for job in store.snapshots.plant(newest.id).jobs if job.id in reported}
    jobs = [own.pop(job.id, job) for job in plant.jobs]
    return replace(plant, jobs=(*jobs, *own.values()))


def _job_of(fact: StoredFact, plant: Plant) -> str | None:
    change = change_from_json(fact.change, plant, f"fact {fact.id}")
    return change.job if isinstance(change, FloorReport) else None


def reported(store: Store, plant: Plant) -> dict[tuple[str, int], Told]:
    """When operations started and were finished by the reports of a plant's planners and programs; what a person has undone
    was not so."""
    found: dict[tuple[str, int], Told] = {}
    for one in store.facts.of_plant(plant.name):
        if one.kind not in KINDS or one.undone_by not in (None, BY_ERP):
            continue
        change = change_from_json(one.change, plant, f"fact {one.id}")
        if isinstance(change, OperationStarted | OperationFinished):
            key, moment = (change.job, change.sequence), one.since
            was = found.get(key, Told())
            if isinstance(change, OperationStarted):
                found[key] = replace(was, started=moment, machine=change.machine)
            else:
                found[key] = replace(was, finished=moment)
    return found


def _plan(store: Store, one: UnreadPull) -> PlanInForce | None:
    if one.plan is None:
        return None
    schedule_id, snapshot_id = one.plan
    return PlanInForce(schedule_id, _clock(store.snapshots.get(snapshot_id)), store.schedules.load(schedule_id))


def _clock(snapshot: SnapshotInfo) -> Clock:
    return clock_of(snapshot.timezone, snapshot.plan_start, CLOCK_DAYS)


def _hidden(store: Store, snapshot: SnapshotInfo, plant: Plant) -> frozenset[str]:
    """Orders that the ERP delivers and the plant does not have: in quarantine, or taken out by a planner's fact."""
    refused = {row.job for row in store.snapshots.quarantine(snapshot.id) if row.job is not None}
    if store.snapshots.facts(snapshot.id):
        refused |= {job.id for job in store.snapshots.plant_before_facts(snapshot.id).jobs}
    return frozenset(refused - set(plant.job_by_id))
