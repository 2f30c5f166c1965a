"""One order sooner: the plans that were found, and who pays for each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scheduler_core.api.documents import Document
from scheduler_core.api.plant_time import At
from scheduler_core.api.results.causes import OddsChangeDocument


class Payer(Document):
    """Another order that ends later."""

    job: str
    before: At
    end: At
    extra_minutes: int = Field(description="Minutes by which its tardiness grows; 0 where it still is in time")
    newly_late: bool
    weighted_days: float


class CurvePoint(Document):
    """One plan of the curve. Its number, from 1 on, is its place in the list."""

    end: At = Field(description="When the order is complete: the date that can be promised with this plan")
    weighted_days: float = Field(description="What the paying orders lose; 0: nobody is harmed")
    newly_late: int
    moved: int
    moved_72h: int
    later: list[Payer]
    odds: OddsChangeDocument


class Curve(Document):
    """Plans in which the order is done sooner, earliest and dearest first; the last one harms nobody. Plant time."""

    kind: Literal["expedite"] = "expedite"
    plan: str
    plant: str
    job: str
    due: At | None
    bound: At = Field(description="Not possible before, even alone in the plant")
    in_plan: At | None = Field(description="Where the plan has it; null for a rush order")
    right_shift: At | None = Field(description="Where the first gaps of the plan put a rush order")
    points: list[CurvePoint]


class KeptPointDocument(Document):
    """A point of a curve that was kept as a what-if plan."""

    what_if: str
    plan: str
