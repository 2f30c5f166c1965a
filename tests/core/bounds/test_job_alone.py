"""How early a job alone could be complete, by hand: calendars, machine choice, least setups, fixed operations."""

from __future__ import annotations

import pytest

from scheduler_core.bounds import job_bound, job_bounds
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Calendar, Downtime, Fixed, Plant, SetupEntry
from tests.support.plants import DAY, HOUR, job, machine, operation, plant


def complete(made: Plant, name: str = "A") -> int:
    return job_bound(made, name).completion


def test_steps_follow_each_other_on_the_best_machine() -> None:
    made = plant(
        job("A", operation(60, 1, 2, minutes_by_machine={2: 50}), operation(30, 1), release=100),
        machines=[machine(1), machine(2)],
    )
    assert complete(made) == 100 + 50 + 30


def test_pauses_and_days_off_count() -> None:
    """From 08:00 on Monday: 9 working hours a day (lunch off); Wednesday is a holiday."""
    made = plant(job("A", operation(20 * HOUR)), machines=[machine(1, calendar="office")])
    assert complete(made) == 3 * DAY + 2 * HOUR


def test_the_machine_that_ends_first_counts_not_the_fastest() -> None:
    made = plant(
        job("A", operation(100, 1, 2, minutes_by_machine={2: 40})),
        machines=[machine(1), machine(2, downtime=(Downtime(0, 200),))],
    )
    assert complete(made) == 100


def test_machines_needed_at_once_must_all_work() -> None:
    made = plant(
        job("A", operation(60, 1, 2, requires_all=True, minutes_by_machine={2: 90})),
        machines=[machine(1, downtime=(Downtime(30, 100),)), machine(2)],
    )
    assert complete(made) == 30 + 70 + 60


@pytest.mark.parametrize(
    ("others", "more", "setup"),
    [
        ((), {}, 25),  # nothing before it
        ((), {"initial_family": "A"}, 0),
        ((), {"initial_family": "B"}, 7),  # the matrix
        ((job("B", operation(5), family="B"),), {"initial_family": "C"}, 7),  # after B, or 25 after C
        ((job("B", operation(5), family="A"),), {}, 0),  # after its own family
        ((job("B", operation(5), family="C"),), {}, 25),
    ],
)
def test_only_the_least_setup_counts(others: tuple[object, ...], more: dict[str, str], setup: int) -> None:
    made = plant(
        job("A", operation(60, setup_minutes=25)),
        *others,  # type: ignore[arg-type]
        machines=[machine(1, **more)],
        setups=[SetupEntry(1, "B", "A", 7)],
    )
    assert complete(made) == 60 + setup


def test_a_fixed_operation_settles_what_comes_before_it_and_holds_its_machine() -> None:
    made = plant(
        job("A", operation(10), operation(20, fixed=Fixed((1,), 200, 260)), operation(30, 2)),
        job("B", operation(50)),
        job("C", operation(20, 2, fixed=Fixed((2,), -30, 40))),
        machines=[machine(1), machine(2)],
    )
    assert complete(made) == 260 + 30
    assert complete(made, "B") == 50
    assert complete(made, "C") == 40
    held = plant(job("A", operation(20, fixed=Fixed((1,), -30, 40))), job("B", operation(50)))
    assert complete(held, "B") == 90


def test_lateness_is_weighted_and_answers_whether_a_job_can_be_on_time() -> None:
    made = plant(
        job("A", operation(100), due=40, important=True), job("B", operation(100), due=100), job("C", operation(100))
    )
    bounds = job_bounds(made)
    assert [bounds[j].minutes_late for j in "ABC"] == [60, 0, 0]
    assert [bounds[j].can_be_on_time for j in "ABC"] == [False, True, True]
    assert bounds["A"].weighted_days_late == pytest.approx(3 * 60 / DAY)


def test_beyond_the_listed_weeks_the_last_one_repeats() -> None:
    made = plant(job("A", operation(9 * HOUR), release=700 * DAY), machines=[machine(1, calendar="office")])
    # Minute 0 is Monday 08:00, and 700 days are whole weeks.
    assert complete(made) == 700 * DAY + 10 * HOUR


def test_an_operation_that_can_never_run_is_named() -> None:
    made = plant(
        job("A", operation(60)), machines=[machine(1, calendar="never")], calendars=[Calendar("never", ())]
    )  # fmt: skip
    with pytest.raises(Unschedulable, match="job A operation 1"):
        job_bound(made, "A")
    with pytest.raises(KeyError):
        job_bound(plant(job("A", operation(60))), "B")
