"""The bounds by hand on small plants: what binds, exact values, deadlines, and words."""

from __future__ import annotations

import pytest

from scheduler_core.bounds import binding_lines, bound_line, lower_bound
from scheduler_core.errors import Cancelled
from scheduler_core.objectives import Objective
from scheduler_core.plant import Downtime, Fixed, Plant, SetupEntry
from tests.support.plants import DAY, HOUR, job, machine, operation, plant


def minutes_late(made: Plant) -> int:
    """The tardiness bound in weighted minutes."""
    return round(lower_bound(made, Objective.TARDINESS, None).value * DAY)


def last_end(made: Plant) -> int:
    """The makespan bound in minutes."""
    return round(lower_bound(made, Objective.MAKESPAN, None).value * 60)


# ---------------------------------------------------------------------- tardiness
def test_two_jobs_that_want_the_same_machine_cannot_both_be_on_time() -> None:
    made = plant(job("A", operation(100), due=100), job("B", operation(100), due=100))
    found = lower_bound(made, Objective.TARDINESS, None)
    assert found.value * DAY == pytest.approx(100)
    assert (found.alone, found.jobs) == (0.0, ())
    assert [g.machines for g in found.groups] == [(1,)]
    assert minutes_late(plant(*made.jobs, machines=[machine(1), machine(2)])) == 100  # both need machine 1
    free = plant(*(job(n, operation(100, 1, 2), due=100) for n in "AB"), machines=[machine(1), machine(2)])
    assert minutes_late(free) == 0


def test_the_important_job_goes_first() -> None:
    made = plant(job("A", operation(100), due=100, important=True), job("B", operation(60), due=60))
    assert minutes_late(made) == 100  # B first would cost 3 * 60


def test_jobs_that_are_late_alone_are_named() -> None:
    made = plant(job("A", operation(100), due=40), job("B", operation(100), due=-60), job("C", operation(1, 2), due=-10),
                 machines=[machine(1), machine(2)])  # fmt: skip
    found = lower_bound(made, Objective.TARDINESS, None)
    assert [(j.job.id, j.minutes_late) for j in found.jobs] == [("B", 160), ("A", 60), ("C", 11)]
    assert found.alone * DAY == pytest.approx(231)
    assert found.value * DAY == pytest.approx(331)


def test_a_settled_job_counts_as_it_is() -> None:
    made = plant(
        job("A", operation(20, fixed=Fixed((1,), -30, 40)), due=-100, important=True), job("B", operation(50), due=60)
    )
    assert minutes_late(made) == 3 * 140 + 30


def test_every_family_must_be_set_up_once() -> None:
    jobs = [job(f"{f}{i}", operation(50, setup_minutes=30), family=f, due=110) for f in "AB" for i in (1, 2)]
    # The best plan's jobs end at 80, 130, 210 and 260; without setups they would at 50, 100, 150 and 200.
    assert 40 + 90 < minutes_late(plant(*jobs)) <= 20 + 100 + 150
    prepared = plant(*jobs, machines=[machine(1, initial_family="A")])
    assert 40 + 90 < minutes_late(prepared) <= 70 + 120
    assert minutes_late(plant(*jobs[:2], machines=[machine(1, initial_family="A")])) == 0


def test_the_bound_does_not_count_what_lies_beyond_its_horizon() -> None:
    """A job whose material comes after the listed weeks is bounded by itself."""
    made = plant(job("A", operation(10), release=700 * DAY, due=700 * DAY), job("B", operation(20), due=5))
    assert minutes_late(made) == 10 + 15


def test_late_jobs_are_counted() -> None:
    made = plant(*(job(n, operation(100), due=150) for n in "ABC"), job("D", operation(1)))
    assert lower_bound(made, Objective.ON_TIME, None).value == pytest.approx(2 / 3)
    without = plant(job("A", operation(100)))
    assert lower_bound(without, Objective.ON_TIME, None).value == 0.0
    assert lower_bound(without, Objective.TARDINESS, None).value == 0.0


# ---------------------------------------------------------------------- makespan
def test_the_longest_job_binds() -> None:
    made = plant(job("A", operation(100), operation(100, 2)), job("B", operation(50, 2)), machines=[machine(1), machine(2)])
    found = lower_bound(made, Objective.MAKESPAN, None)
    assert last_end(made) == 200
    assert [j.job.id for j in found.jobs] == ["A"]
    assert found.groups == ()


def test_heads_and_tails_count_on_one_machine() -> None:
    jobs = [job(n, operation(10, 2), operation(100, 1), operation(15, 3)) for n in "ABC"]
    made = plant(*jobs, machines=[machine(1), machine(2), machine(3)])
    found = lower_bound(made, Objective.MAKESPAN, None)
    assert last_end(made) == 10 + 300 + 15
    assert (found.groups[0].machines, found.groups[0].operations, found.groups[0].work) == ((1,), 3, 300)


def test_work_is_shared_among_the_machines_of_a_set_in_working_time() -> None:
    jobs = [job(str(i), operation(5 * HOUR, 1, 2)) for i in range(6)]
    made = plant(*jobs, machines=[machine(1, calendar="office"), machine(2, calendar="office")])
    # 30 hours on two machines of 9 hours a day, Wednesday off: 15 hours each, on Tuesday from 08:00 another 6 with lunch.
    assert last_end(made) == DAY + 7 * HOUR
    down = plant(
        *jobs, machines=[machine(1, calendar="office", downtime=(Downtime(0, DAY),)), machine(2, calendar="office")]
    )
    assert last_end(down) == 3 * DAY + int(1.5 * HOUR)


def test_setups_that_no_order_saves_count() -> None:
    jobs = [job(f"{f}{i}", operation(50, setup_minutes=30), family=f) for f in "AB" for i in (1, 2)]
    assert last_end(plant(*jobs)) == 4 * 50 + 2 * 30
    assert last_end(plant(*jobs, setups=[SetupEntry(1, "A", "B", 5), SetupEntry(1, "B", "A", 5)])) == 4 * 50 + 2 * 5
    assert last_end(plant(*jobs, machines=[machine(1, initial_family="B")])) == 4 * 50 + 30


def test_the_end_of_settled_work_counts() -> None:
    assert last_end(plant(job("A", operation(20, fixed=Fixed((1,), 100, 500))), job("B", operation(50)))) == 500
    assert last_end(plant(job("A", operation(20, fixed=Fixed((1,), 0, 500))), job("B", operation(50)))) == 550
    assert last_end(plant()) == 0


# ---------------------------------------------------------------------- time and words
def test_without_time_the_bound_is_what_jobs_alone_tell() -> None:
    made = plant(job("A", operation(100), due=100), job("B", operation(100), due=90))
    found = lower_bound(made, Objective.TARDINESS, 0.0)
    assert found.value == pytest.approx(found.alone) == pytest.approx(10 / DAY)


def test_progress_may_stop_it() -> None:
    seen: list[float] = []

    def tick(share: float) -> None:
        seen.append(share)
        if len(seen) == 3:
            raise Cancelled("enough")

    made = plant(job("A", operation(100), due=100), job("B", operation(100), due=90))
    with pytest.raises(Cancelled):
        lower_bound(made, Objective.TARDINESS, None, tick)
    assert sorted(seen) == seen
    assert 0 < seen[0] < seen[-1] <= 1


def test_the_gap_is_a_share_of_the_plans_value() -> None:
    found = lower_bound(plant(job("A", operation(100), due=100), job("B", operation(100), due=100)), Objective.TARDINESS)
    assert found.gap(200 / DAY) == pytest.approx(0.5)
    assert found.gap(0.0) is None


def test_words_name_jobs_and_machines() -> None:
    made = plant(
        job("A", operation(2 * DAY), due=DAY, product="P-1"), job("B", operation(100), due=100),
        job("C", operation(100), due=100),
    )  # fmt: skip
    found = lower_bound(made, Objective.TARDINESS, None)
    assert bound_line(made, found) == "No plan can have less weighted tardiness than 1.2 d."
    assert binding_lines(made, found) == [
        "Late even with the whole plant to themselves: P-1 A by 1.0 d.",
        "Jobs have to wait for each other, most of all for: type 1 (M1) 100%.",
    ]
    late = lower_bound(made, Objective.ON_TIME, None)
    assert bound_line(made, late) == "In every plan at least 2 of 3 jobs with a due date are late."
    end = lower_bound(made, Objective.MAKESPAN, None)
    assert bound_line(made, end) == "No plan can finish all jobs before Wed 23 Jul 11:20, 51.3 h after its start."
    assert binding_lines(made, end) == [
        "type 1 (M1): 3 operations with 51.3 h of work, with what comes before and after them, take as long."
    ]
    free = plant(job("A", operation(5), due=100))
    assert binding_lines(free, lower_bound(free, Objective.TARDINESS, None))[0].startswith("Alone in the plant")
