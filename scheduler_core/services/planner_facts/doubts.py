"""Is it still so? Asked of reports from the floor that the ERP contradicts, or does not come to know.

The answer is another report (the operation is finished), the undoing of this one, or a booking in the ERP: the next pull
ends the report then, and with it the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.plant import Plant
from scheduler_core.scenarios.floor_reports import FloorReport, OperationStarted
from scheduler_core.services.planner_facts.applying import put_in
from scheduler_core.services.planner_facts.confirming import ORDER_GONE, erp_word
from scheduler_core.services.planner_facts.kinds import Asks, Doubt, Fact, Outcome
from scheduler_core.services.planner_facts.layering import lower_layer
from scheduler_core.services.planner_facts.stored import in_force

CONFIRMED_WITHIN = timedelta(days=1)
"""How long the ERP may take to know what was reported."""


def doubtful(store: Store, snapshot_id: str, now: datetime) -> tuple[Doubt, ...]:
    """The reports in force at ``now`` (naive plant time) that a snapshot's pull gives reason to ask about, the oldest
    first."""
    lower = lower_layer(store, snapshot_id)
    facts = in_force(store.facts.of_plant(lower.name), lower, now)
    if not any(isinstance(one.change, FloorReport) for one in facts):
        return ()
    confirms = store.snapshots.get(snapshot_id).source is not Source.FILE
    hidden = {row.job for row in store.snapshots.quarantine(snapshot_id)}
    found = put_in(lower, facts)
    return tuple(
        doubt
        for one in found.outcomes
        if isinstance(one.fact.change, FloorReport) and one.fact.change.job not in hidden
        if (doubt := _doubt(lower, found.plant, one, facts, now, confirms=confirms)) is not None
    )


def _doubt(
    lower: Plant, plant: Plant, outcome: Outcome, facts: Sequence[Fact], now: datetime, *, confirms: bool
) -> Doubt | None:
    """``confirms``: an ERP stands behind the plant, which will come to know the report."""
    fact, report = outcome.fact, outcome.fact.change
    assert isinstance(report, FloorReport)
    if report.job not in lower.job_by_id:
        return Doubt(fact, Asks.CONTRADICTED, reason=ORDER_GONE) if _is_old(fact, now) else None
    word = erp_word(lower, report)
    if word is not None and word.settled:
        return None  # the next pull ends it
    if outcome.idle is not None and not _is_finished(report, facts):
        return Doubt(fact, Asks.CONTRADICTED, reason=outcome.idle)
    if isinstance(report, OperationStarted):
        job = plant.job_by_id.get(report.job)
        steps = () if job is None else job.operations
        fixed = next((op.fixed for op in steps if op.sequence == report.sequence), None)
        if fixed is not None and not _is_finished(report, facts) and plant.time_of(fixed.end - 1) <= now:
            return Doubt(fact, Asks.ENDED, plant.time_of(fixed.end))
        return None
    return Doubt(fact, Asks.UNCONFIRMED) if confirms and _is_old(fact, now) else None


def _is_finished(report: FloorReport, facts: Sequence[Fact]) -> bool:
    """Whether the operation that was reported as started is reported as finished too, itself or one behind it."""
    later = (one.change for one in facts if one.kind == "operation-finished")
    return isinstance(report, OperationStarted) and any(
        isinstance(end, FloorReport) and end.job == report.job and end.sequence >= report.sequence for end in later
    )


def _is_old(fact: Fact, now: datetime) -> bool:
    return fact.since + CONFIRMED_WITHIN <= now
