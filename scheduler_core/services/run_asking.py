"""What a program asks of an engine, as a request for a run: with the plan to begin with and the frozen zone of the plant."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest
from scheduler_core.data.store_errors import Refused, RequestConflict
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.runs.kept_zone import stored_hours
from scheduler_core.runs.request import DEADLINE_SECONDS, DEFAULT_SECONDS, IMPROVING
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class Asked:
    """One run that is asked for.

    seconds: of search, for engines that improve a plan (None: the usual). rule: greedy only. from_plan: the plan with which
    keep, calm and best begin (None: the plan in force). most_moves: calm only. variation: learned only; of durations.
    keep_zone: what the plan in force starts within the plant's frozen hours stays where it is.
    """

    snapshot_id: str
    engine: str
    objective: Objective = Objective.TARDINESS
    seconds: float | None = None
    rule: str = "best"
    seed: int = 0
    workers: int = 1
    from_plan: str | None = None
    most_moves: int | None = None
    variation: float = 0.0
    keep_zone: bool = True


def request_for(store: Store, asked: Asked, request_id: str) -> RunRequest:
    """The request for the run.

    Raises NotFound for an unknown snapshot or plan, InvalidValue for a setting that the engine does not have, Refused where
    an engine needs a plan in force and nothing is released.
    """
    _check(asked)
    snapshot = store.snapshots.get(asked.snapshot_id)
    repairs = asked.engine in REPAIR_CHOICES
    hours, by_type = stored_hours(store, snapshot.plant) if asked.keep_zone else (0.0, ())
    start = _plan(store, asked.from_plan, asked.snapshot_id) if repairs and asked.from_plan else None
    zone = hours > 0 or any(own > 0 for _, own in by_type)
    if start is None and (repairs or zone):
        start = _in_force(store, snapshot.plant, asked.snapshot_id)
    if repairs and start is None:
        raise Refused(f"{asked.engine} begins with a plan, and nothing is released: name one in from_plan")
    config = EngineConfig(
        objective=asked.objective,
        time_limit=_seconds(asked),
        seed=asked.seed,
        rule=asked.rule,
        workers=asked.workers,
        warm_start=start,
        most_moves=asked.most_moves,
        frozen_hours=hours if start is not None else 0.0,
        frozen_by_type=by_type if start is not None else (),
        variation=asked.variation,
    )
    return RunRequest(request_id, asked.snapshot_id, asked.engine, config, deadline_seconds=DEADLINE_SECONDS)


def led_to(store: Store, asked: Asked, request_id: str) -> str | None:
    """The run that was asked for under this request id before; None if there is none.

    What is in force, and the prices that a search begins with, may have changed since then: the run stays as it is.
    Raises RequestConflict if something else was asked for.
    """
    found = store.runs.of_request(request_id)
    if found is None:
        return None
    if (found.snapshot_id, found.engine, found.config.objective) != (asked.snapshot_id, asked.engine, asked.objective):
        raise RequestConflict(f"request {request_id} was used for something else: run {found.id}")
    return found.id


def _check(asked: Asked) -> None:
    if asked.seconds is not None and asked.engine not in IMPROVING:
        raise InvalidValue("seconds", asked.seconds, f"has no meaning for {asked.engine}, which does not search")
    if asked.rule != "best" and asked.engine != "greedy":
        raise InvalidValue("rule", asked.rule, f"has no meaning for {asked.engine}")
    if asked.from_plan is not None and asked.engine not in REPAIR_CHOICES:
        raise InvalidValue("from_plan", asked.from_plan, f"has no meaning for {asked.engine}")
    if asked.most_moves is not None and asked.engine != "repair":
        raise InvalidValue("most_moves", asked.most_moves, f"has no meaning for {asked.engine}")
    if asked.variation and asked.engine != "learned":
        raise InvalidValue("variation", asked.variation, f"has no meaning for {asked.engine}")


def _seconds(asked: Asked) -> float | None:
    if asked.engine not in IMPROVING:
        return None
    return float(DEFAULT_SECONDS if asked.seconds is None else asked.seconds)


def _in_force(store: Store, plant: str, snapshot_id: str) -> Schedule | None:
    release = store.releases.current(plant)
    return None if release is None else _plan(store, release.schedule_id, snapshot_id)


def _plan(store: Store, schedule_id: str, snapshot_id: str) -> Schedule:
    """A plan in minutes of the snapshot's plan."""
    stored = store.schedules.get(schedule_id)
    schedule = store.schedules.load(schedule_id)
    if stored.snapshot_id == snapshot_id:
        return schedule
    return schedule.on_clock(store.snapshots.plant(stored.snapshot_id).clock, store.snapshots.plant(snapshot_id).clock)
