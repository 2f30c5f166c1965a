"""An order expedited from end to end: the curve of plans for a stored plan, and one of its points kept as a what-if plan."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from scheduler_core.data.store import Store
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.floor.odds_change import OddsChange
from scheduler_core.floor.order_odds import AssumedNoise
from scheduler_core.plant import Plant
from scheduler_core.runs import manual
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.changes_file import changes_to_json
from scheduler_core.scenarios.expedite import ExpediteCurve, Point, expedite
from scheduler_core.scenarios.single_changes import Expedited
from scheduler_core.schedule import Schedule
from scheduler_core.services import what_if
from scheduler_core.services.odds_changes import odds_changes


@dataclass(frozen=True)
class ExpediteQuestion:
    """How soon can ``job`` be done in the plan ``schedule_id``, and who pays for it?

    ``changes`` come first, such as the rush order that ``job`` is; ``now`` and ``frozen_hours`` as in ``what_if.Question``.
    """

    schedule_id: str
    job: str
    changes: tuple[Change, ...] = ()
    now: int = 0
    frozen_hours: float = 0.0
    actor: str = "planner"


@dataclass(frozen=True)
class KeptPoint:
    """Ids of the scenario that names what was decided, and of its plan."""

    scenario_id: str
    schedule_id: str


def find(store: Store, question: ExpediteQuestion, progress: Progress = no_progress) -> ExpediteCurve:
    """The curve of the question; stores nothing. Raises as ``expedite``, ``what_if.changed_plant`` and NotFound."""
    changed, current = _asked(store, question)
    return expedite(changed, current, question.job, now=question.now, progress=progress)


def odds(store: Store, question: ExpediteQuestion, point: Point, assumed: AssumedNoise) -> OddsChange:
    """What a point of the question's curve does to the odds of the plan: about a CPU second for 500 orders. Raises as
    ``find`` and ``odds_changes``."""
    changed, current = _asked(store, question)
    (found,) = odds_changes(changed, current, [(changed, point.schedule)], question.job, assumed)
    return found


def _asked(store: Store, question: ExpediteQuestion) -> tuple[Plant, Schedule]:
    base = store.schedules.get(question.schedule_id)
    plant, current = store.snapshots.plant(base.snapshot_id), store.schedules.load(base.id)
    return what_if.changed_plant(plant, current, question.changes, question.now, question.frozen_hours, ()), current


def keep(store: Store, question: ExpediteQuestion, point: Point) -> KeptPoint:
    """Stores a point of the question's curve as the plan of a scenario that names the order and its date.

    The same point again returns the first one. Raises Refused if the validator finds a violation, InvalidValue, NotFound.
    """
    base = store.schedules.get(question.schedule_id)
    changes = (*question.changes, Expedited(question.job, point.end))
    written = changes_to_json(store.snapshots.plant(base.snapshot_id), changes)
    places = [(a.key, a.machines, a.start) for a in point.schedule.assignments]
    asked = f"{base.id} {question.now} {question.frozen_hours} {written} {places}"
    request_id = f"expedite-{hashlib.sha256(asked.encode()).hexdigest()[:40]}"
    scenario = what_if.keep(store, what_if.Question(
        request_id, base.id, changes, question.now, question.frozen_hours, actor=question.actor,
    ))  # fmt: skip
    schedule_id = manual.keep_made(
        store, base.id, scenario.snapshot_id, point.schedule, f"{request_id}-plan", question.actor
    )  # fmt: skip
    return KeptPoint(scenario.id, schedule_id)
