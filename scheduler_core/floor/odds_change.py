"""What a change of a plan does to the odds: of the order that it is made for, and of the others.

Both plans meet the same durations in the same run (common random numbers), so that a difference is the change's and not
chance's. An order gets worse or better if its chance to be on time changes by NOTICEABLE or more.
"""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.order_odds import AssumedNoise, PlanOdds

NOTICEABLE = 0.05


@dataclass(frozen=True)
class OddsChange:
    """``before``, ``after``: the order's chance to be on time, from 0 to 1; None where that plan does not have the order or
    it has no due date. ``worse``, ``better``: ids of other orders, those first whose chance changes most. ``late_before``,
    ``late_after``: expected number of late orders of each plan."""

    job: str
    before: float | None
    after: float | None
    worse: tuple[str, ...]
    better: tuple[str, ...]
    late_before: float
    late_after: float
    runs: int
    assumed: AssumedNoise


def odds_change(before: PlanOdds, after: PlanOdds, job: str) -> OddsChange:
    """The change of odds from one plan to another, made for ``job``. Raises InvalidValue for odds of another number of runs
    or another noise, which cannot be compared run by run."""
    old, new = before.odds, after.odds
    if old.runs != new.runs or before.assumed != after.assumed:
        raise InvalidValue("after", new.runs, f"must have the {old.runs} runs and the noise of the odds before")
    changes = {
        one.job: one.on_time - was
        for one in new.orders
        if one.job != job and one.on_time is not None
        and one.job in old.by_job and (was := old.by_job[one.job].on_time) is not None
    }  # fmt: skip
    return OddsChange(
        job=job,
        before=old.by_job[job].on_time if job in old.by_job else None,
        after=new.by_job[job].on_time if job in new.by_job else None,
        worse=tuple(sorted((j for j, by in changes.items() if by <= -NOTICEABLE), key=lambda j: (changes[j], j))),
        better=tuple(sorted((j for j, by in changes.items() if by >= NOTICEABLE), key=lambda j: (-changes[j], j))),
        late_before=old.late.mean,
        late_after=new.late.mean,
        runs=new.runs,
        assumed=after.assumed,
    )
