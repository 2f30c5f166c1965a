"""What the floor does and did: lists of work, what a machine should begin next, actuals, figures by week."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AliasChoices, Field

from scheduler_core.api.documents import Document, Moment
from scheduler_core.api.plant_time import At
from scheduler_core.api.results.odds import ReliabilityDocument


class ShiftDocument(Document):
    """Working hours of a shift, plant time; its list holds what starts before `until`, where the next shift starts."""

    start: At
    end: At
    until: At


class Shifts(Document):
    """The shifts of a plan, from the one that holds its start to the last in which something starts."""

    plan: str
    items: list[ShiftDocument]


class DispatchLine(Document):
    """One operation on one machine, plant time."""

    work_centre: str
    machine: int
    machine_name: str
    position: int = Field(description="Counts from 1 for each machine")
    beside: list[int] = Field(description="Machines that the operation holds as well")
    job: str
    product: str | None
    quantity: int | float | None
    operation: int
    process: str
    setup_minutes: int
    start: At
    end: At
    due: At | None
    minutes_late: int | None = Field(description="Of the order; negative: early")
    begun: bool
    fixed: bool
    goes_on: bool = Field(description="It ends after the next shift's start")
    notes: list[str] = Field(description="What planners have noted for its order and its machines")


class LateOrderOfShift(Document):
    """A late order that is not finished when the shift starts."""

    job: str
    minutes_late: int
    end: At
    next_operation: int
    next_machines: list[int]
    next_start: At
    in_shift: bool


class DispatchList(Document):
    """The work of one shift, by work centre, machine and start."""

    plan: str
    shift: ShiftDocument
    lines: list[DispatchLine]
    late_orders: list[LateOrderOfShift]


class DispatchRowDocument(Document):
    """One line as it was released for the shop floor: an operation on one machine, plant time."""

    machine: int
    machine_name: str
    position: int = Field(description="Counts from 1 for each machine")
    job: str
    operation: int
    process: str
    product: str | None
    quantity: int | float | None
    setup_minutes: int
    start: At
    end: At
    due: At | None


class ReleasedList(Document):
    """All lines of a release, by machine and position."""

    release: str
    version: int
    plan: str
    lines: list[DispatchRowDocument]


class FrozenCentre(Document):
    """A work centre with hours of its own."""

    machine_type: int
    name: str | None = Field(description="Null for one that the latest jobs do not have")
    hours: float


class FrozenZoneDocument(Document):
    """Hours from now in which a replan leaves operations where they are."""

    plant: str
    hours: float
    work_centres: list[FrozenCentre]
    set_by: str | None = Field(description="Null: it was never set")
    set_at: Moment | None


class NextPlace(Document):
    """Where an operation stands."""

    job: str
    operation: int
    machines: list[int]
    start: At
    end: At


class NextCandidate(Document):
    """An operation that the machine may begin at once or later."""

    job: str
    product: str | None
    operation: int
    process: str
    standing: str = Field(description="ready, or why it is not")
    score: float = Field(description="The live rule's; higher is better")
    would_be_first: bool
    ready: At | None
    start: At
    end: At
    setup_minutes: int
    same_family: bool
    planned: NextPlace | None
    due: At | None
    slack_working_minutes: int | None
    waits_for: NextPlace | None
    machines: list[int]
    words: str


class NextMachine(Document):
    """A machine."""

    id: int
    name: str


class NextDowntime(Document):
    """A machine that is down."""

    until: At
    until_is_known: bool
    reason: str


class NextAtMachine(Document):
    """What a machine should begin next."""

    plan: str
    plant: str
    machine: NextMachine
    now: At
    free: At | None = Field(description="When it can begin anything; null where it works no more")
    running: NextPlace | None
    down: NextDowntime | None
    rule: str
    words: str
    ready: list[NextCandidate]
    later: list[NextCandidate]


class KeptStarts(Document):
    """Starts within a tolerance; pulls leave some unknown."""

    kept: int
    missed: int
    unknown: int
    share: float | None
    at_least: float
    at_most: float


class AdherenceDocument(Document):
    """How far starts were kept to the plan in force."""

    within_15_minutes: KeptStarts
    within_1_hour: KeptStarts
    in_the_shift: KeptStarts
    unplanned: int
    other_machine: int
    machine_known: int


class ProcessRatio(Document):
    """Real over planned minutes of a process."""

    process: str
    count: int
    mean: float
    variation: float | None


class MachineRatio(Document):
    """Real over planned minutes of machines."""

    machines: list[int]
    count: int
    mean: float
    variation: float | None


class ActualNoise(Document):
    """How much durations vary; fitted where enough operations are known, otherwise stated."""

    fitted: bool
    used: int
    ended: int
    variation: float
    by_process: dict[str, float]
    machine_share: float
    day_share: float


class DelayedOrder(Document):
    """An order that ended after its planned end, at least by so many minutes."""

    job: str
    later_minutes: int
    added_minutes: int


class PlannedPlaceDocument(Document):
    """What the plan in force had said."""

    plan: str
    machines: list[int]
    start: At
    end: At
    setup_minutes: int


class ActualOperation(Document):
    """One operation that began. Pairs are ranges, of which pulls may leave one end open (null)."""

    job: str
    operation: int = Field(validation_alias=AliasChoices("operation", "sequence"))
    process: str
    machines: list[int]
    began: list[At | None]
    ended: list[At | None] | None
    evidence: str
    interrupted: bool
    planned_minutes: int | None
    worked_minutes: list[int | None] | None
    start_late_minutes: list[int | None] | None
    end_late_minutes: list[int | None] | None
    planned: PlannedPlaceDocument | None


class Actuals(Document):
    """What successive pulls tell of operations."""

    plant: str
    pulls: int
    adherence: AdherenceDocument
    durations_by_process: list[ProcessRatio]
    durations_by_machine: list[MachineRatio]
    noise: ActualNoise
    late_orders: list[DelayedOrder]
    operations: list[ActualOperation]
    reliability: ReliabilityDocument | None = Field(description="How the odds of releases came true; null: nothing yet")


class WeekOrders(Document):
    """The orders that were due in a week."""

    due: int
    on_time: int
    late: int
    unknown: int
    on_time_share: float | None


class EstimatedShare(Document):
    """A share of `count` operations: estimated, and the least and the most that it can be."""

    count: int
    estimate: float | None
    least: float | None
    most: float | None


class WeekStarts(Document):
    """Starts within 15 minutes and within an hour of the planned start, and in its shift."""

    quarter: EstimatedShare
    hour: EstimatedShare
    shift: EstimatedShare


class WhyOrdersWereLate(Document):
    """Late orders of a week by reason."""

    planned: dict[str, int] = Field(description="Late already in the plan, by its cause")
    later: int = Field(description="On time in the plan, delayed after that")
    unplanned: int


class Week(Document):
    """One week from Monday to Sunday."""

    monday: date
    sunday: date
    whole: bool = Field(description="Whether pulls reach over all of it")
    orders: WeekOrders
    days_late: float | None
    starts: WeekStarts
    setup_hours: float | None
    overtime_hours: float | None
    reasons: WhyOrdersWereLate | None


class DayStarts(WeekStarts):
    """The same of one day."""

    day: date


class KpiTargetsDocument(Document):
    """What the plant aims at; null: no target. Shares are least values, all others are most values."""

    otif: float | None
    adherence: float | None
    days_late: float | None
    setup_hours: float | None
    overtime_hours: float | None


class PerformanceDocument(Document):
    """The floor's figures week by week, oldest first."""

    kind: Literal["performance"] = "performance"
    plant: str
    since: At
    until: At
    targets: KpiTargetsDocument
    usual_week: date | None = Field(description="Monday of the newest week that is over")
    weeks: list[Week]
    starts_by_day: list[DayStarts]
