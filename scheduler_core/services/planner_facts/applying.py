"""Facts in a plant: one code path with the changes of a what-if, one fact after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import BEGUN, Breakdown
from scheduler_core.scenarios.changes import Change, MaterialLate, OvertimeOff, OvertimeOn, ShiftAdded
from scheduler_core.scenarios.floor_reports import FloorReport, OperationStarted
from scheduler_core.scenarios.hour_changes import HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.scenarios.single_changes import HoursOpened, Pinned
from scheduler_core.services.planner_facts.confirming import erp_word, superseded
from scheduler_core.services.planner_facts.kinds import Applied, Fact, Outcome, Standing

HOURS = (HoursAdded, HoursClosed, MachineLimited, HoursOpened, OvertimeOff, OvertimeOn, ShiftAdded)
"""Changes of working time: what runs ends by the hours that count, so they go in before reports from the floor."""


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
    became: dict[int, str | None] = {}
    gone_on = superseded([fact.change for fact in facts])
    lower, begun = plant, dict[str, int]()
    for number in _order(facts):
        change = facts[number].change
        if isinstance(change, FloorReport):
            word = erp_word(lower, change)
            became[number] = gone_on.get(number) if word is None else word.reason
            if became[number] is not None:
                continue
        try:
            changed = change.apply(plant, _begins(plant, change, begun))
        except InvalidValue as error:
            named = error.value if isinstance(error.value, str) else f"{error.where} {error.value}"
            became[number] = f"{named} {error.reason}"
            continue
        became[number] = _can_be_planned(changed) if check and changed is not plant else None
        if became[number] is None:
            plant = changed
            begun |= _started(change)
    return Applied(plant, tuple(Outcome(fact, became[number]) for number, fact in enumerate(facts)))


def begun_by(facts: Iterable[Fact]) -> Mapping[str, int]:
    """Of each order that has started by one of the facts, the minute before which it has begun."""
    found: dict[str, int] = {}
    for fact in facts:
        found |= _started(fact.change)
    return found


def _started(change: Change) -> dict[str, int]:
    return {change.job: max(change.at + 1, BEGUN)} if isinstance(change, OperationStarted) else {}


def _order(facts: Sequence[Fact]) -> Sequence[int]:
    """The numbers of the facts as they go in: as recorded, but hours first where something is reported from the floor."""
    numbers = range(len(facts))
    if not any(isinstance(fact.change, FloorReport) for fact in facts):
        return numbers
    return sorted(numbers, key=lambda number: not isinstance(facts[number].change, HOURS))


def _begins(plant: Plant, change: Change, begun: Mapping[str, int]) -> int:
    """The minute from which the plan goes on: what has begun is neither held, stopped nor moved. ``begun``: of each order
    that has started by report, the minute after its last start."""
    match change:
        case Breakdown():
            return BEGUN
        case OrderHeld() | MaterialLate():
            return begun.get(change.job, BEGUN)
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
