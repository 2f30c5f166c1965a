"""How likely orders are to be on time when durations vary."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scheduler_core.api.documents import Document
from scheduler_core.api.plant_time import At


class SpreadValues(Document):
    """Values that 10, 50, 80, 90 and 95 of 100 runs do not exceed, and the mean of all."""

    mean: float
    p10: float
    p50: float
    p80: float
    p90: float
    p95: float


class SpreadMoments(Document):
    """The same of moments, plant time."""

    mean: At
    p10: At
    p50: At
    p80: At
    p90: At
    p95: At


class OrderChance(Document):
    """One order. A date promised for the P80 is met in 80 of 100 runs."""

    job: str
    due: At | None
    planned_end: At
    on_time: float | None = Field(description="Share of the runs in which it is on time; null without a due date")
    ends: SpreadMoments


class AssumedNoiseDocument(Document):
    """How much durations are taken to vary (coefficients of variation)."""

    stated: bool = Field(description="Whether it is an assumption and not fitted to the plant's actuals")
    operations: int = Field(description="Finished operations that it was fitted to")
    variation: float
    by_process: dict[str, float]
    machine_share: float
    day_share: float


class PlanOddsDocument(Document):
    """The odds of a plan."""

    kind: Literal["odds"] = "odds"
    plan: str
    plant: str
    runs: int
    variation: float
    assumed: AssumedNoiseDocument
    weighted_tardiness_days: SpreadValues
    late_orders: SpreadValues
    end: SpreadMoments
    orders: list[OrderChance]
    at_risk: list[str] = Field(description="Orders that the plan has on time with a chance below 0.8")


class SaferDocument(Document):
    """Two plans' late orders among the `orders` that both have."""

    before: str
    after: str
    orders: int
    late_before: SpreadValues
    late_after: SpreadValues
    before_fewer: float = Field(description="Share of the runs in which the plan before has fewer late orders")
    after_fewer: float


class ChanceClass(Document):
    """Orders with a chance from `low` up to `high`."""

    low: float
    high: float
    orders: int
    told: float | None = Field(description="Their mean chance")
    came_true: float | None = Field(description="The share of them that was on time")


class PromisedDates(Document):
    """Promised dates that have passed."""

    orders: int
    met: int


class ReliabilityDocument(Document):
    """How the odds of releases came true in the weeks before the last pull."""

    orders: int
    unknown: int
    brier: float | None
    brier_of_plan: float | None
    classes: list[ChanceClass]
    dates: dict[str, PromisedDates]
