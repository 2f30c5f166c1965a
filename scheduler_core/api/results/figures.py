"""A plan's orders and work centres in figures, and what has changed on the floor since its pull."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from scheduler_core.analysis.job_status import JobStatus, status_of
from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.analysis.shop_floor_changes import JobFact, JobStep, MachineEvent, ShopFloorChanges
from scheduler_core.api.documents import Document
from scheduler_core.api.loaded_plans import LoadedPlan
from scheduler_core.api.plant_time import At, typed
from scheduler_core.plant import Job
from scheduler_core.schedule import Schedule


class PlannedOrder(Document):
    """An order of a plan."""

    job: str
    product: str | None
    quantity: int | float | None
    important: bool
    start: At
    end: At
    due: At | None
    minutes_late: int | None = Field(description="Negative: early; null without a due date")
    status: JobStatus


class PlannedOrders(Document):
    """All orders of a plan, the latest first; those without a due date last."""

    plan: str
    items: list[PlannedOrder]


class CentreLoad(Document):
    """A work centre's machine minutes."""

    work_centre: str
    machine_type: int
    machines: int
    open_minutes: int
    run_minutes: int
    setup_minutes: int
    utilization: float = Field(description="Share of the open minutes that are used, 0 to 1")


class DayLoads(Document):
    """The work centres on one day; the first day begins with the plan."""

    day: date
    work_centres: list[CentreLoad]


class Loads(Document):
    """A plan's load day by day."""

    plan: str
    days: list[DayLoads]


class FamilySetups(Document):
    """What a setup family costs; null: orders without one."""

    family: str | None
    operations: int
    setups: int
    setup_minutes: int
    run_minutes: int
    share: float = Field(description="Setup in the family's minutes, 0 to 1")


class Setups(Document):
    """The families, the one with most setup first."""

    plan: str
    items: list[FamilySetups]


class Step(Document):
    """An operation of an order."""

    job: str
    operation: int


class OverdueStep(Document):
    """An operation that the plan has begun and the floor has not."""

    job: str
    operation: int
    machines: list[int]
    planned_at: At
    minutes: int


class OrderChange(Document):
    """What differs about an open order; moments, truth values and quantities as text."""

    job: str
    what: JobFact
    before: str | None
    after: str | None


class MachineChanged(Document):
    """A machine that went down, came back or gets an outage."""

    machine: int
    name: str
    event: MachineEvent
    start: At | None
    end: At | None
    reason: str


class FloorChanges(Document):
    """What has changed between the pull of a plan and the latest one."""

    plan: str
    snapshot: str = Field(description="The latest snapshot")
    count: int
    arrived: list[str]
    gone: list[str] = Field(description="No longer open, or no longer usable")
    finished: list[Step]
    added: list[Step]
    begun: list[Step]
    overdue: list[OverdueStep] = Field(description="The longest first")
    orders: list[OrderChange]
    machines: list[MachineChanged]


def planned_orders(loaded: LoadedPlan) -> PlannedOrders:
    """The orders of a plan."""
    starts, ends = _spans(loaded.schedule)
    clock = loaded.plant.clock

    def row(job: Job) -> dict[str, object]:
        late = loaded.lateness.get(job.id)
        return {
            "job": job.id, "product": job.product, "quantity": job.quantity, "important": job.important,
            "start": clock.text(starts[job.id]), "end": clock.text(ends[job.id]),
            "due": None if job.due is None else clock.text(job.due), "minutes_late": late, "status": status_of(late),
        }  # fmt: skip

    def urgency(job: Job) -> tuple[bool, int, str]:
        late = loaded.lateness.get(job.id)
        return late is None, -(late or 0), job.id

    jobs = sorted((job for job in loaded.plant.jobs if job.id in ends), key=urgency)
    document = {"plan": loaded.stored.id, "items": [row(job) for job in jobs]}
    return typed(PlannedOrders, document, loaded.plant.timezone)


def centre_load(load: WorkCentreLoad) -> CentreLoad:
    """A work centre."""
    return CentreLoad(
        work_centre=load.machine_type.name, machine_type=load.machine_type.id, machines=load.machines,
        open_minutes=load.open, run_minutes=load.processing, setup_minutes=load.setup, utilization=load.utilization,
    )  # fmt: skip


def floor_changes(plan: str, snapshot: str, timezone: str, found: ShopFloorChanges) -> FloorChanges:
    """Changes since a plan's pull."""
    zone = ZoneInfo(timezone)
    document = {
        "plan": plan, "snapshot": snapshot, "count": found.count,
        "arrived": [job.id for job in found.arrived], "gone": [job.id for job in found.gone],
        "finished": _steps(found.finished), "added": _steps(found.added), "begun": _steps(found.begun),
        "overdue": [
            {"job": one.job.id, "operation": one.operation.sequence, "machines": list(one.machines),
             "planned_at": one.planned, "minutes": one.minutes}
            for one in found.overdue
        ],
        "orders": [
            {"job": one.job.id, "what": one.fact, "before": _text(one.before, zone), "after": _text(one.after, zone)}
            for one in found.facts
        ],
        "machines": [
            {"machine": one.machine.id, "name": one.machine.name, "event": one.event, "start": one.start,
             "end": one.end, "reason": one.reason}
            for one in found.machines
        ],
    }  # fmt: skip
    return typed(FloorChanges, document, timezone)


def _spans(schedule: Schedule) -> tuple[dict[str, int], dict[str, int]]:
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for a in schedule.assignments:
        starts[a.job] = min(starts.get(a.job, a.start), a.start)
        ends[a.job] = max(ends.get(a.job, a.end), a.end)
    return starts, ends


def _steps(found: Iterable[JobStep]) -> list[dict[str, object]]:
    return [{"job": one.job.id, "operation": one.operation.sequence} for one in found]


def _text(value: object, zone: ZoneInfo) -> str | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone).isoformat()
    return None if value is None else str(value)
