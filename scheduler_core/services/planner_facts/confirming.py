"""Reports from the floor and the ERP: which of them the ERP confirms, and which it contradicts.

A report counts until the ERP knows it. A pull shows that by its rows: an operation that was reported as started has output
or is gone, one that was reported as finished is gone, an order with scrapped pieces has another quantity. From then on the
ERP's own figures count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from scheduler_core.data.store import Store
from scheduler_core.data.store_errors import Refused
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.scenarios.breakdown import BEGUN
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.floor_reports import FloorReport, OperationFinished, OperationStarted
from scheduler_core.services.planner_facts.kinds import BY_ERP, Fact

KNOWN = "the ERP knows it"
"""Why a report has no effect that the ERP has confirmed."""
ORDER_GONE = "the ERP no longer has the order"
"""Why a report has no effect whose order is finished or cancelled."""


@dataclass(frozen=True)
class ErpWord:
    """What the ERP says of a report, instead of which it counts. ``settled``: it confirms the report, or counts anew; else
    it contradicts it."""

    reason: str
    settled: bool


def erp_word(pulled: Plant, report: FloorReport) -> ErpWord | None:
    """What the ERP says of a report; None where it does not know it yet. ``pulled``: the plant without facts."""
    job = pulled.job_by_id.get(report.job)
    if job is None:
        return None
    if isinstance(report, OperationStarted):
        return _of_start(pulled, job, report)
    if isinstance(report, OperationFinished):
        if job.operations[0].sequence <= report.sequence:
            return None
        if report.good is None or report.of is None or report.good >= report.of:
            return ErpWord(KNOWN, True)
    if report.of is None or job.quantity is None or job.quantity == report.of:
        return None
    return ErpWord(f"the ERP has {job.quantity:g} pieces of the order now", job.quantity < report.of)


def _of_start(pulled: Plant, job: Job, report: OperationStarted) -> ErpWord | None:
    op = next((op for op in job.operations if op.sequence == report.sequence), None)
    if op is None:
        return ErpWord(KNOWN, True)
    if op.fixed is None or not runs(op):
        return None
    if report.machine in op.fixed.machines:
        return ErpWord(KNOWN, True)
    names = ", ".join(pulled.machine_by_id[m].name for m in op.fixed.machines)
    return ErpWord(f"the ERP has it at work on {names}", False)


def runs(op: Operation) -> bool:
    """Whether a pull shows the operation at work."""
    return op.fixed is not None and op.fixed.start < BEGUN and not op.setup_minutes


def superseded(changes: Sequence[Change]) -> Mapping[int, str]:
    """The numbers of reported starts before plan_start behind which the same machine has started something else, and what:
    a machine does one thing at a time."""
    newest: dict[int, OperationStarted] = {}
    for change in changes:
        if isinstance(change, OperationStarted) and change.at <= 0:
            newest[change.machine] = max(newest.get(change.machine, change), change, key=lambda one: one.at)
    found = {}
    for number, change in enumerate(changes):
        if isinstance(change, OperationStarted) and change.at <= 0:
            last = newest[change.machine]
            if (last.job, last.sequence) != (change.job, change.sequence):
                found[number] = f"its machine has started operation {last.sequence} of {last.job} since"
    return found


def settle(store: Store, pulled: Plant, facts: Sequence[Fact], hidden: Collection[str]) -> int:
    """End the reports among a pull's facts that the ERP knows, and return how many. ``pulled``: the plant without facts;
    ``hidden``: orders in its quarantine, which the ERP still has."""
    ended = 0
    for fact in facts:
        if not isinstance(fact.change, FloorReport):
            continue
        word = erp_word(pulled, fact.change)
        gone = fact.change.job not in pulled.job_by_id and fact.change.job not in hidden
        reason = ORDER_GONE if gone else word.reason if word is not None and word.settled else None
        if reason is not None:
            ended += _ended(store, fact.id, reason)
    return ended


def _ended(store: Store, fact_id: str, reason: str) -> bool:
    try:
        return store.facts.undo(fact_id, request_id=f"erp-{fact_id}", actor=BY_ERP, reason=reason)
    except Refused:
        return False  # somebody has undone it meanwhile
