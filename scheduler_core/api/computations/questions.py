"""What can be computed: one typed question for each kind."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from scheduler_core.api.asking import Changes, FrozenHours, JobId, Now
from scheduler_core.api.documents import Body, Id


class FixesQuestion(Body):
    """Which changes of the plan would bring an order on time? Up to three are tried and judged."""

    kind: Literal["fixes"]
    plan: Id
    job: JobId


class ExpediteQuestion(Body):
    """How soon can an order be done, and who pays for it? With a rush order in `changes` the answer is its promise date."""

    kind: Literal["expedite"]
    plan: Id
    job: JobId = Field(description="Id of the order; a rush order must be among the changes")
    changes: Changes = Field([], description="Changes to apply first, such as a rush order")
    now: Now = None
    frozen_hours: FrozenHours = 0.0


class OddsQuestion(Body):
    """How likely is each order of the plan to be on time when durations vary?"""

    kind: Literal["odds"]
    plan: Id


class PerformanceQuestion(Body):
    """How did the floor do against its plans, week by week?"""

    kind: Literal["performance"]
    plant: str = Field(min_length=1, max_length=200, description="Name of the plant")
    reasons: bool = Field(default=False, description="Also why late orders were late; reads every released plan")


Question: TypeAlias = Annotated[
    FixesQuestion | ExpediteQuestion | OddsQuestion | PerformanceQuestion, Field(discriminator="kind")
]  # fmt: skip
