"""Why a plan is as it is: starts, lateness, and fixes that were tried."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scheduler_core.api.documents import Document
from scheduler_core.api.plant_time import At


class LateCause(Document):
    """The one cause that explains most of an order's lateness."""

    kind: str = Field(description="The cause", examples=["waits for a machine"])
    minutes: int = Field(description="Minutes that belong to it")
    words: str


class OperationName(Document):
    """An operation of an order."""

    job: str
    operation: int


class StartCause(Document):
    """Why one operation starts when it does."""

    job: str
    operation: int
    machines: list[int]
    start: At
    reason: str = Field(description="What its start waited for last", examples=["machine busy"])
    since: At = Field(description="From when it could have started but for closed hours")
    minutes: int = Field(description="How much earlier that would be without this reason")
    closed_minutes: int = Field(description="Minutes until its machine opens")
    closed_by: str | None = Field(description="What closed the machine", examples=["break"])
    held_back_minutes: int = Field(description="Working minutes by which the plan starts it later than it could")
    setup_minutes: int
    waits_for: OperationName | None
    words: str
    setup_words: str | None


class LeadTimeMinutes(Document):
    """An order's lead time in parts that add up to `total`."""

    processing: int
    setup: int
    waiting: int = Field(description="For busy machines")
    held_back: int = Field(description="By the plan")
    closed: int = Field(description="Nights, breaks, days off")
    released_late: int = Field(description="Before its material comes")
    total: int


class MachineWait(Document):
    """Working minutes in which the order waited for a machine, and the orders that held it meanwhile."""

    machine: int
    minutes: int
    behind: dict[str, int]


class Explanation(Document):
    """Why an order of a plan is where it is."""

    plan: str
    job: str
    operation: int = Field(description="The operation whose start the chain explains")
    start: At
    end: At
    due: At | None
    minutes_late: int | None = Field(description="Negative: early; null without a due date")
    cause: LateCause | None = Field(description="Null for an order that is not late")
    earliest_end: At = Field(description="No plan can finish it before")
    can_be_on_time: bool
    words: str
    minutes: LeadTimeMinutes
    waits: list[MachineWait]
    chain: list[StartCause] = Field(description="From the operation back to the root cause")


class LateOrder(Document):
    """One late order."""

    job: str
    product: str | None
    weight: float
    due: At | None
    end: At
    minutes_late: int
    cause: LateCause


class LateOrders(Document):
    """The late orders of a plan, the worst (weight times lateness) first."""

    plan: str
    count: int
    items: list[LateOrder]


class PlanFigures(Document):
    """The order and the whole plan, before or after a fix."""

    minutes_late: int | None
    late_jobs: int
    weighted_tardiness_days: float


class BeforeAndAfter(Document):
    """Expected number of late orders of two plans."""

    before: float
    after: float


class OddsChangeDocument(Document):
    """What a change does to the odds. Both plans meet the same durations in the same run."""

    before: float | None = Field(description="The order's chance to be on time, from 0 to 1")
    after: float | None
    worse: list[str] = Field(description="Other orders whose chance falls by 0.05 or more")
    better: list[str]
    late_orders: BeforeAndAfter
    runs: int
    variation: float
    stated: bool = Field(description="Whether the variation is an assumption and not the plant's own")


class TriedFix(Document):
    """A change that was tried on the plan, and what came of it. `changes` is what `POST /v1/what-ifs` takes."""

    kind: str
    words: str
    before: PlanFigures
    after: PlanFigures
    became_late: list[str]
    recovered: list[str]
    odds: OddsChangeDocument
    on_time: bool
    changes: list[dict[str, object]]


class TriedFixes(Document):
    """Up to three fixes for a late order, those that make it on time first; none where it is not late or nothing helps."""

    kind: Literal["fixes"] = "fixes"
    plan: str
    job: str
    fixes: list[TriedFix]


class BottleneckDocument(Document):
    """A work centre that the plan uses. Waiting counts open minutes in which operations were ready and its machines busy."""

    work_centre: str
    machine_type: int
    utilization: float
    waiting_minutes: int
    late_waiting_minutes: int = Field(description="Of late orders")
    jobs: int
    late_jobs: int


class Bottlenecks(Document):
    """Work centres, the one that costs late orders the most first."""

    plan: str
    items: list[BottleneckDocument]
