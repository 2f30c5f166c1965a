"""A schedule may be wrong, and its views of itself stay well defined; a result may not be."""

from __future__ import annotations

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.schedule import Result, Status
from tests.support.plants import at, schedule


def test_views_of_a_schedule() -> None:
    late, early, both = at("J", 2, 1, 30, 40), at("J", 1, 1, 0, 30), at("K", 1, (1, 2), 40, 90)
    plan = schedule(late, both, early)
    assert plan.by_operation[("J", 2)] is late
    assert plan.by_machine == {1: (early, late, both), 2: (both,)}
    assert plan.end == 90


def test_of_duplicates_the_first_counts() -> None:
    first, second = at("J", 1, 1, 50, 60), at("J", 1, 1, 0, 10)
    assert schedule(first, second).by_operation == {("J", 1): first}


def test_an_empty_schedule_ends_at_plan_start() -> None:
    assert schedule().end == 0
    assert schedule().by_machine == {}


@pytest.mark.parametrize("status", [Status.FEASIBLE, Status.OPTIMAL])
def test_success_needs_a_schedule(status: Status) -> None:
    with pytest.raises(InvalidValue):
        Result("greedy", status, None)
    assert Result("greedy", status, schedule()).schedule == schedule()


@pytest.mark.parametrize("status", [Status.INFEASIBLE, Status.TOO_LARGE, Status.NO_SOLUTION])
def test_failure_has_no_schedule(status: Status) -> None:
    with pytest.raises(InvalidValue):
        Result("exact", status, schedule())
    assert Result("exact", status, None).schedule is None
