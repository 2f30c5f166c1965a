"""Facts in a plant: one code path with the changes of a what-if, one fact after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import BEGUN, Breakdown
from scheduler_core.scenarios.changes import Change, MaterialLate
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.scenarios.single_changes import Pinned
from scheduler_core.services.planner_facts.kinds import Applied, Fact, Outcome, Standing


def apply(plant: Plant, facts: Sequence[Fact], now: datetime) -> Applied:
    """The plant with the facts that are in force at ``now``, in the order in which they were recorded; one that does not fit
    is left out, and its outcome says why. Never raises for a fact."""
    return put_in(plant, [fact for fact in facts if fact.standing(now) is Standing.ACTIVE])


def put_in(plant: Plant, facts: Sequence[Fact]) -> Applied:
    """The plant with all these facts, whatever the time is. Their minutes count from its plan_start."""
    if not facts:
        return Applied(plant, ())
    found = _one_by_one(plant, facts, check=False)
    if found.plant is plant or _can_be_planned(found.plant) is None:
        return found
    # Something in it makes a plan impossible: each is tried by itself.
    return _one_by_one(plant, facts, check=True)


def _one_by_one(plant: Plant, facts: Sequence[Fact], *, check: bool) -> Applied:
    outcomes = []
    for fact in facts:
        try:
            changed = fact.change.apply(plant, _begins(plant, fact.change))
        except InvalidValue as error:
            named = error.value if isinstance(error.value, str) else f"{error.where} {error.value}"
            outcomes.append(Outcome(fact, f"{named} {error.reason}"))
            continue
        impossible = _can_be_planned(changed) if check and changed is not plant else None
        if impossible is None:
            plant = changed
        outcomes.append(Outcome(fact, impossible))
    return Applied(plant, tuple(outcomes))


def _begins(plant: Plant, change: Change) -> int:
    """The minute from which the plan goes on: what has begun is neither held, stopped nor moved."""
    match change:
        case Breakdown() | OrderHeld() | MaterialLate():
            return BEGUN
        case Pinned():
            job = plant.job_by_id.get(change.job)
            steps = () if job is None else job.operations
            return BEGUN if any(op.fixed is not None for op in steps if op.sequence == change.sequence) else 0
        case _:
            return 0


def _can_be_planned(plant: Plant) -> str | None:
    from scheduler_core.simulator.arrays import pack  # compiled code, which a plant without facts does without

    try:
        pack(plant)
    except ShopwrightError as error:
        return str(error)
    return None
