"""What a plan assumes that the ERP does not say, and what became of it: confirmed, refuted, or past.

A plan that comes from a what-if assumes the changes of its scenario, and of the scenarios below that one. A planner says
whether an assumption came true; a breakdown that did can become a recorded downtime in the same step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AssumptionAnswer
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.runs.manual import carry_over
from scheduler_core.scenarios.assumed import is_assumed, passes_at
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.changes_file import changes_from_json
from scheduler_core.services import downtimes


class Standing(StrEnum):
    """How far an assumption is known."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Assumption:
    """The change number ``position`` (from 0) of a scenario; ``plant`` is the one that it is counted from.

    ``until``: when it has passed (naive plant time), None for one that stands as long as the plan. ``answer``: what a
    planner has said of it.
    """

    scenario_id: str
    position: int
    change: Change
    plant: Plant
    until: datetime | None
    answer: AssumptionAnswer | None

    def standing(self, now: datetime) -> Standing:
        """What is known of it at ``now`` (naive plant time)."""
        return standing(self.until, self.answer, now)


def standing(until: datetime | None, answer: AssumptionAnswer | None, now: datetime) -> Standing:
    """What is known at ``now`` of an assumption that has passed ``until`` (naive plant time); an answer counts also then."""
    if answer is not None:
        return Standing.CONFIRMED if answer.came_true else Standing.REFUTED
    return Standing.LAPSED if until is not None and until <= now else Standing.OPEN


@dataclass(frozen=True)
class Answer:
    """What a planner says of an assumption of the plan ``schedule_id``. ``record``: a breakdown that came true becomes a
    recorded downtime."""

    schedule_id: str
    scenario_id: str
    position: int
    came_true: bool
    record: bool = False


def assumptions_of(store: Store, snapshot_id: str) -> tuple[Assumption, ...]:
    """What the plans of a snapshot assume, the scenario below first; empty for a snapshot that no scenario derived."""
    found: list[Assumption] = []
    at = snapshot_id
    # A scenario may be based on a plan that comes from another one.
    while (scenario := store.scenarios.of_snapshots([at]).get(at)) is not None:
        plant = store.snapshots.plant(scenario.base_snapshot_id)
        answers = store.scenarios.answers([scenario.id])
        changes = changes_from_json(scenario.changes, plant, f"scenario {scenario.id}")
        found[:0] = [
            Assumption(scenario.id, i, change, plant, _until(plant, change), answers.get((scenario.id, i)))
            for i, change in enumerate(changes)
            if is_assumed(change)
        ]
        at = scenario.base_snapshot_id
    return tuple(found)


def pull_behind(store: Store, snapshot_id: str) -> str:
    """The snapshot that was pulled: this one, or that behind the scenarios which derived it."""
    at = snapshot_id
    while (scenario := store.scenarios.of_snapshots([at]).get(at)) is not None:
        at = scenario.base_snapshot_id
    return at


def answer(store: Store, said: Answer, *, now: datetime, actor: str, request_id: str) -> str | None:
    """Keeps the answer, with its line in the audit trail. With ``record`` the downtime is recorded first, and the plan goes
    on without the assumption where it can: its id is returned, else None.

    ``now``: naive plant time. Raises NotFound, InvalidValue for a change that the plan does not assume and for ``record`` of
    anything but a breakdown that came true, and as ``downtimes.record``.
    """
    snapshot_id = store.schedules.get(said.schedule_id).snapshot_id
    known = assumptions_of(store, snapshot_id)
    found = next((a for a in known if (a.scenario_id, a.position) == (said.scenario_id, said.position)), None)
    if found is None:
        raise InvalidValue("position", said.position, "is no assumption of this plan")
    change, recorded = found.change, None
    if said.record:
        if not isinstance(change, Breakdown) or not said.came_true:
            raise InvalidValue("record", True, "is for a breakdown that came true")
        stated = downtimes.Stated(change.machine, found.plant.time_of(change.start), found.until, change.reason)
        recorded = downtimes.record(store, stated, now=now, actor=actor, request_id=request_id)
    told = {"change": type(change).__name__, "recorded": recorded is not None}
    store.scenarios.answer(said.scenario_id, said.position, came_true=said.came_true, actor=actor.strip(), told=told)
    if recorded is None or len(known) > 1:
        return None
    plant = store.snapshots.plant(recorded)
    if plant.plan_start != found.plant.plan_start:
        return None
    return carry_over(store, said.schedule_id, recorded, plant, f"{request_id}-plan", actor)


def _until(plant: Plant, change: Change) -> datetime | None:
    minute = passes_at(plant, change)
    return None if minute is None else plant.time_of(minute)
