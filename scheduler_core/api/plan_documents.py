"""Stored plans as programs get them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from scheduler_core.analysis.plan_diff import JobChange, JobChangeKind, OperationChange, Place, PlanDiff
from scheduler_core.api.documents import Document, Id, Moment, on_the_clock
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import StoredSchedule, StoredViolation
from scheduler_core.judge.kpis import Kpis
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule, Status


class KpisDocument(Document):
    """The key figures, in hours, days and shares from 0 to 1 (docs/formats.md)."""

    makespan_hours: float
    mean_days_late: float
    mean_days_late_of_late: float
    weighted_tardiness_days: float
    on_time_rate: float | None
    important_on_time_rate: float | None
    utilization_mean: float
    utilization_std: float
    setup_hours: float
    overtime_hours: float
    completion_rate: float


class PlanDocument(Document):
    """A plan, or a rejected schedule: then it has violations, and no key figures."""

    id: Id
    run: Id
    snapshot: Id
    engine: str
    status: Status
    rejected: bool
    violations: int = Field(description="How many constraints the schedule breaks; 0 for a plan")
    kpis: KpisDocument | None
    value: float | None = Field(description="Of the objective of its run; lower is better")
    lower_bound: float | None = Field(description="A value that no plan can be better than, where one was proven")
    seconds: float = Field(description="How long the engine worked")
    report: dict[str, Any] = Field(description="What the engine tells of its run")
    content_sha256: str
    created_at: Moment


class PlanList(Document):
    """A page of plans, newest first."""

    items: list[PlanDocument]
    next: str | None = Field(description="The cursor of the next page; null on the last")


class OperationDocument(Document):
    """Where and when an operation runs."""

    job: str
    operation: int
    machines: list[int]
    machine_names: list[str]
    start: Moment
    end: Moment
    setup_minutes: int


class ScheduleDocument(Document):
    """The operations of a plan, by order and operation."""

    plan: Id
    snapshot: Id
    plan_start: Moment
    timezone: str
    operations: list[OperationDocument]


class ViolationDocument(Document):
    """A constraint that a rejected schedule breaks, and where."""

    rule: str
    job: str
    operation: int | None
    machine: int | None
    message: str


class ViolationList(Document):
    """What the validator found in a rejected schedule; empty for a plan."""

    plan: Id
    items: list[ViolationDocument]


class PlaceDocument(Document):
    """Where an operation stands in one plan."""

    machines: list[int]
    start: Moment
    end: Moment


class OperationChangeDocument(Document):
    """An operation whose place differs; null where a plan does not have it."""

    job: str
    operation: int
    before: PlaceDocument | None
    after: PlaceDocument | None
    shift_minutes: int | None = Field(description="By how much it starts later (negative: earlier)")
    moved: bool = Field(description="On another machine, or over 15 minutes earlier or later")


class JobChangeDocument(Document):
    """An order whose completion differs."""

    job: str
    kind: JobChangeKind
    before_end: Moment | None
    after_end: Moment | None
    before_lateness_minutes: int | None
    after_lateness_minutes: int | None


class DifferenceDocument(Document):
    """What changes for the floor when one plan takes the place of another."""

    before: Id
    after: Id
    compared: int = Field(description="Operations that both plans have")
    changed: int
    moved: int
    changed_machine: int
    unchanged: int
    operations: list[OperationChangeDocument]
    jobs: list[JobChangeDocument]


def plan_documents(store: Store, stored: Iterable[StoredSchedule]) -> list[PlanDocument]:
    """Stored schedules with the best lower bounds that are known: those of their engines, and those that were found for
    their snapshots and objectives since."""
    bounds: dict[str, dict[Objective, float]] = {}
    told = []
    for one in stored:
        found = bounds.setdefault(one.snapshot_id, store.bounds.of(one.snapshot_id))
        known = found.get(store.runs.get(one.run_id).config.objective) if found and one.objective is not None else None
        told.append(plan_document(one, known))
    return told


def plan_document(stored: StoredSchedule, known: float | None = None) -> PlanDocument:
    """A stored schedule; ``known``: what no plan of its snapshot can be better than for its objective, None if unknown."""
    proven = [bound for bound in (stored.lower_bound, known) if bound is not None]
    least = max(proven, default=None)
    if least is not None and stored.objective is not None:
        least = min(least, stored.objective)
    return PlanDocument(
        id=stored.id, run=stored.run_id, snapshot=stored.snapshot_id, engine=stored.engine, status=stored.status,
        rejected=stored.rejected, violations=stored.fault_count, kpis=_kpis(stored.kpis), value=stored.objective,
        lower_bound=least, seconds=stored.seconds, report=dict(stored.detail),
        content_sha256=stored.content_sha256, created_at=stored.created_at,
    )  # fmt: skip


def schedule_document(stored: StoredSchedule, plant: Plant, schedule: Schedule) -> ScheduleDocument:
    """A plan's operations on the plant's clock."""
    names = {machine.id: machine.name for machine in plant.machines}

    def shown(minute: int) -> Moment:
        return on_the_clock(plant, plant.time_of(minute))

    return ScheduleDocument(
        plan=stored.id, snapshot=stored.snapshot_id, plan_start=shown(0), timezone=plant.timezone,
        operations=[
            OperationDocument(
                job=a.job, operation=a.sequence, machines=list(a.machines), machine_names=[names[m] for m in a.machines],
                start=shown(a.start), end=shown(a.end), setup_minutes=a.setup_minutes,
            )
            for a in schedule.assignments
        ],
    )  # fmt: skip


def violation_document(found: StoredViolation) -> ViolationDocument:
    """A stored violation."""
    return ViolationDocument(
        rule=found.rule, job=found.job, operation=found.sequence, machine=found.machine, message=found.message
    )  # fmt: skip


def difference_document(before: StoredSchedule, after: StoredSchedule, plant: Plant, diff: PlanDiff) -> DifferenceDocument:
    """A difference, on the clock of the newer plan's plant."""
    return DifferenceDocument(
        before=before.id, after=after.id, compared=diff.compared, changed=diff.changed, moved=diff.moved,
        changed_machine=diff.changed_machine, unchanged=diff.unchanged,
        operations=[_operation_change(plant, change) for change in diff.operations],
        jobs=[_job_change(plant, change) for change in diff.jobs],
    )  # fmt: skip


def _kpis(kpis: Kpis | None) -> KpisDocument | None:
    return None if kpis is None else KpisDocument.model_validate(kpis.as_dict())


def _operation_change(plant: Plant, change: OperationChange) -> OperationChangeDocument:
    return OperationChangeDocument(
        job=change.job, operation=change.sequence, before=_place(plant, change.before), after=_place(plant, change.after),
        shift_minutes=change.shift_minutes, moved=change.moved,
    )  # fmt: skip


def _place(plant: Plant, place: Place | None) -> PlaceDocument | None:
    if place is None:
        return None
    start, end = on_the_clock(plant, place.start), on_the_clock(plant, place.end)
    return PlaceDocument(machines=list(place.machines), start=start, end=end)


def _job_change(plant: Plant, change: JobChange) -> JobChangeDocument:
    return JobChangeDocument(
        job=change.job.id, kind=change.kind,
        before_end=None if change.before_end is None else on_the_clock(plant, change.before_end),
        after_end=None if change.after_end is None else on_the_clock(plant, change.after_end),
        before_lateness_minutes=change.before_lateness, after_lateness_minutes=change.after_lateness,
    )  # fmt: skip
