"""Why orders were delivered late: planned so, and for which cause, or planned on time and delayed after that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from scheduler_core.actuals.order_outcomes import OrderOutcome, Verdict
from scheduler_core.causes.explainer import Cause, Explainer
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class ReleasedPlan:
    """A plan that came into force at ``begin`` (naive plant time)."""

    begin: datetime
    plant: Plant
    schedule: Schedule

    @cached_property
    def explainer(self) -> Explainer:
        """Its causes, found once."""
        return Explainer(self.plant, self.schedule)


@dataclass(frozen=True)
class WhyLate:
    """Late orders by reason.

    planned: late already in the first plan that counts, by its cause there, most first. later: on time in that plan, so that
    what delayed them came after it. unplanned: in no plan before their due date.
    """

    planned: Mapping[Cause, int]
    later: int
    unplanned: int

    @property
    def total(self) -> int:
        """All late orders."""
        return sum(self.planned.values()) + self.later + self.unplanned


def why_late(outcomes: Iterable[OrderOutcome], plans: Sequence[ReleasedPlan]) -> WhyLate:
    """The reasons of the late ones among ``outcomes``.

    ``plans``: that with which the week began and those that came into force in it, oldest first. For each order the first
    of them counts that has it.
    """
    planned, later, unplanned = Counter[Cause](), 0, 0
    for one in outcomes:
        if one.verdict is not Verdict.LATE:
            continue
        plan = next((p for p in plans if p.begin < one.due and one.job in p.plant.job_by_id), None)
        if plan is None:
            unplanned += 1
            continue
        late = plan.explainer.late_job(plan.plant.job_by_id[one.job])
        if late is None:
            later += 1
        else:
            planned[late.cause] += 1
    return WhyLate(dict(planned.most_common()), later, unplanned)
