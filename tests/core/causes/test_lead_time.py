"""The parts of a lead time add up to it exactly, on random plants and on plants whose cause is known."""

from __future__ import annotations

import pytest

from scheduler_core.causes import Explainer, Wait
from scheduler_core.judge.working_minutes import PlantTime
from scheduler_core.plant import Fixed
from tests.support.own_time import own_time
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plans import random_plans


@pytest.mark.slow
def test_parts_add_up_to_the_lead_time_on_random_plants() -> None:
    jobs = 0
    for factory, plan in random_plans():
        why, time = Explainer(factory, plan), PlantTime(factory)
        for one in factory.jobs:
            lead = why.lead_time(one)
            chain = [plan.by_operation[one.id, o.sequence] for o in one.operations]
            assert lead.end == max(a.end for a in chain)
            assert lead.start == min(0, chain[0].start)
            assert lead.total == lead.end - lead.start
            parts = [lead.processing, lead.setup, lead.waiting, lead.held_back, lead.closed, lead.released_late]
            assert min(parts) >= 0
            for wait in lead.waits:
                assert sum(minutes for _, minutes in wait.jobs) == wait.minutes
            for step in lead.steps:
                shares = (step.waiting, step.held_back, step.setup, step.processing, step.closed_before, step.closed_inside)
                assert sum(shares) == max(0, step.assignment.end - step.ready)
                assert step.waiting + step.held_back == time.of(tuple(sorted(step.assignment.machines))).between(
                    step.ready, step.assignment.start
                )
            jobs += 1
    assert jobs > 400


def test_every_part_of_a_known_case() -> None:
    # Monday 08:00. "j" gets its material at 09:00, waits for "x" until 10:00, runs with a setup over lunch, is left lying
    # for half an hour, and ends on the second machine, which works around the clock.
    p = plant(
        job("x", operation(120, 1), family="B"),
        job("j", operation(150, 1, setup_minutes=15), operation(60, 2), release=60, due=100),
        machines=[machine(1, calendar="office", initial_family="B"), machine(2)],
    )
    s = schedule(at("x", 1, 1, 0, 120), at("j", 1, 1, 120, 345, 15), at("j", 2, 2, 375, 435))
    lead = Explainer(p, s).lead_time(p.job_by_id["j"])
    assert lead.waits == (Wait(1, 60, (("x", 60),)),)
    assert (lead.released_late, lead.setup, lead.processing, lead.closed, lead.held_back) == (60, 15, 210, 60, 30)
    assert lead.total == 435
    assert lead.lateness == 335


def test_a_job_that_already_runs_counts_from_its_first_operation() -> None:
    p = plant(job("j", operation(60, 1, fixed=Fixed((1,), -20, 40)), operation(30, 1)))
    lead = Explainer(p, s := schedule(at("j", 1, 1, -20, 40), at("j", 2, 1, 40, 70))).lead_time(p.jobs[0])
    assert s.end == 70
    assert (lead.start, lead.processing, lead.total) == (-20, 90, 90)


def test_a_wait_is_shared_out_by_the_minutes_in_which_each_job_held_the_machine() -> None:
    waits = 0
    for factory, plan in random_plans():
        why, time = Explainer(factory, plan), PlantTime(factory)
        for one in factory.jobs:
            for step in why.lead_time(one).steps:
                if step.wait is None:
                    continue
                own = time.of(tuple(sorted(step.assignment.machines)))
                held: dict[str, int] = {}
                for other in plan.by_machine[step.wait.machine]:
                    begin, end = max(other.start, step.ready), min(other.end, step.assignment.start)
                    if begin < end and (minutes := own.between(begin, end)):
                        held[other.job] = held.get(other.job, 0) + minutes
                assert dict(step.wait.jobs) == held
                assert [m for _, m in step.wait.jobs] == sorted(held.values(), reverse=True)
                waits += 1
    assert waits > 200


def test_overlapping_rows_of_a_faulty_schedule_count_no_minute_of_the_gap_twice() -> None:
    p = plant(
        job("long", operation(100, 1)), job("short", operation(10, 1)), job("x", operation(50, 1)),
        job("j", operation(5, 1)),
        machines=[machine(1)],
    )  # fmt: skip
    s = schedule(at("long", 1, 1, 0, 100), at("short", 1, 1, 10, 20), at("x", 1, 1, 60, 110), at("j", 1, 1, 110, 115))
    (wait,) = Explainer(p, s).lead_time(p.job_by_id["j"]).waits
    assert wait == Wait(1, 110, (("long", 100), ("short", 10)))


@pytest.mark.slow
def test_thousands_of_late_jobs_behind_one_machine_are_explained_in_seconds() -> None:
    count = 2000
    p = plant(*(job(f"j{i}", operation(60, 1), due=1) for i in range(count)), machines=[machine(1)])
    why = Explainer(p, schedule(*(at(f"j{i}", 1, 1, 60 * i, 60 * i + 60) for i in range(count))))
    with own_time() as took:
        late = why.late_jobs()
    assert took.seconds < 5
    assert len(late) == count
    assert late[0].lead_time.waiting == 60 * (count - 1)
