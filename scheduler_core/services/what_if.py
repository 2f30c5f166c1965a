"""One what-if from end to end: freeze the plan, apply the changes, keep the scenario, and ask for three repairs of it."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewScenario, RunRequest, Scenario
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import REPAIR_CHOICES, REPAIR_SECONDS
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.runs.kept_zone import stored_hours
from scheduler_core.scenarios.changes import Change, apply_all
from scheduler_core.scenarios.changes_file import changes_from_json, changes_to_json
from scheduler_core.scenarios.frozen_zone import freeze
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.arrays import pack

DEADLINE_SECONDS = 120


@dataclass(frozen=True)
class Question:
    """What if these changes happened to the plan ``schedule_id``?

    ``now``: minute of its snapshot from which the plan goes on; what begins within ``frozen_hours`` of it stays, and
    so do ``pins``, (job, sequence). ``parent_id``: a scenario of the same plan whose changes come first.
    """

    request_id: str
    schedule_id: str
    changes: tuple[Change, ...]
    now: int = 0
    frozen_hours: float = 0.0
    pins: tuple[tuple[str, int], ...] = ()
    parent_id: str | None = None
    actor: str = "planner"


def changed_plant(
    plant: Plant, current: Schedule, changes: tuple[Change, ...], now: int, hours: float, pins: tuple[tuple[str, int], ...]
) -> Plant:
    """The plant that engines plan: the current plan frozen as asked, then changed.

    Raises InvalidValue naming what does not fit, Unschedulable for changes after which no plan exists.
    """
    changed = apply_all(freeze(plant, current, now, hours, pins), changes, now)
    pack(changed)
    return changed


def keep(store: Store, question: Question) -> Scenario:
    """Keep the scenario; the same request id again returns the first one. Raises as ``changed_plant`` and NotFound."""
    base = store.schedules.get(question.schedule_id)
    plant, current = store.snapshots.plant(base.snapshot_id), store.schedules.load(base.id)
    changes = question.changes
    if question.parent_id is not None:
        parent = store.scenarios.get(question.parent_id)
        changes = (*changes_from_json(parent.changes, plant, f"scenario {parent.id}"), *changes)
    new = NewScenario(
        request_id=question.request_id,
        base_schedule_id=base.id,
        plant=changed_plant(plant, current, changes, question.now, question.frozen_hours, question.pins),
        changes=changes_to_json(plant, changes),
        now=question.now,
        frozen_minutes=round(question.frozen_hours * 60),
        pins=question.pins,
        parent_id=question.parent_id,
        actor=question.actor,
    )
    return store.scenarios.get(store.scenarios.save(new))


def repair_requests(
    store: Store, scenario: Scenario, objective: Objective = Objective.TARDINESS, workers: int = 1
) -> tuple[RunRequest, ...]:  # fmt: skip
    """The three answers to a scenario, keep, calm and best; asked again they are the same three runs. They keep the frozen
    zone that is set for the plant, beside what the scenario itself fixes."""
    current = store.schedules.load(scenario.base_schedule_id)
    hours, by_type = stored_hours(store, store.snapshots.get(scenario.snapshot_id).plant)
    return tuple(
        RunRequest(
            request_id=f"{scenario.id}-{engine}",
            snapshot_id=scenario.snapshot_id,
            engine=engine,
            config=EngineConfig(
                objective=objective,
                time_limit=None if engine == "right_shift" else REPAIR_SECONDS,
                workers=workers,
                warm_start=current,
                frozen_hours=hours,
                frozen_by_type=by_type,
            ),
            actor=scenario.actor,
            deadline_seconds=DEADLINE_SECONDS,
        )
        for engine in REPAIR_CHOICES
    )
