"""Why operations start when they do and why jobs are late: small cases by hand, and sums that always add up."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from scheduler_core.causes import Cause, Explainer, Reason, Wait
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Fixed, Plant
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.strategies import plants


def test_a_start_waits_for_the_machine_then_for_the_operation_before() -> None:
    p = plant(
        job("first", operation(60, 1)),
        job("second", operation(30, 1), operation(40, 2)),
        machines=[machine(1), machine(2)],
    )
    s = schedule(at("first", 1, 1, 0, 60), at("second", 1, 1, 60, 90), at("second", 2, 2, 90, 130))
    chain = Explainer(p, s).chain(s.by_operation["second", 2])
    assert [(link.assignment.key, link.reason) for link in chain] == [
        (("second", 2), Reason.PREVIOUS_OPERATION),
        (("second", 1), Reason.MACHINE_BUSY),
        (("first", 1), Reason.PLAN_START),
    ]
    assert chain[1].blocker is not None
    assert chain[1].blocker.job == "first"


def test_material_shift_fixed_and_held_back_are_told_apart() -> None:
    p = plant(
        job("late material", operation(10, 1), release=50),
        job("next shift", operation(10, 2), release=11 * 60),
        job("running", operation(10, 3, fixed=Fixed((3,), -5, 5))),
        job("lazy", operation(10, 4)),
        machines=[machine(1), machine(2, calendar="office"), machine(3), machine(4)],
    )
    # The plan starts on Monday 08:00; the office closes at 18:00 and opens on Tuesday at 08:00.
    s = schedule(
        at("late material", 1, 1, 50, 60), at("next shift", 1, 2, 1440, 1450), at("running", 1, 3, -5, 5),
        at("lazy", 1, 4, 25, 35),
    )  # fmt: skip
    why = Explainer(p, s)
    links = {a.job: why.link(a) for a in s.assignments}
    assert (links["late material"].reason, links["late material"].since) == (Reason.MATERIAL, 50)
    assert (links["next shift"].reason, links["next shift"].waits_for_shift) == (Reason.MATERIAL, 13 * 60)
    assert links["running"].reason is Reason.FIXED
    assert (links["lazy"].reason, links["lazy"].held_back) == (Reason.HELD_BACK, 25)


def test_lead_time_names_the_machine_and_who_held_it() -> None:
    p = plant(
        job("big", operation(300, 1)),
        job("small", operation(20, 1)),
        job("victim", operation(30, 1), operation(40, 2, setup_minutes=5), due=200),
        machines=[machine(1), machine(2)],
    )
    s = schedule(
        at("big", 1, 1, 0, 300), at("small", 1, 1, 300, 320), at("victim", 1, 1, 320, 350),
        at("victim", 2, 2, 360, 405, 5),
    )  # fmt: skip
    why = Explainer(p, s)
    (late,) = why.late_jobs()
    assert late.cause is Cause.MACHINE
    assert late.minutes == 320
    lead = late.lead_time
    assert lead.waits == (Wait(1, 320, (("big", 300), ("small", 20))),)
    assert (lead.processing, lead.setup, lead.held_back, lead.closed, lead.released_late) == (70, 5, 10, 0, 0)
    assert lead.lateness == 205
    assert why.late_job(p.job_by_id["big"]) is None


@pytest.mark.parametrize(
    ("release", "due", "start", "cause", "minutes"),
    [
        (0, -100, 0, Cause.ALREADY_OVERDUE, 100),
        (500, 400, 500, Cause.RELEASED_LATE, 500),
        (0, 50, 0, Cause.TOO_MUCH_WORK, 60),
        (30, 100, 90, Cause.HELD_BACK, 60),
        (60, 140, 90, Cause.RELEASED_LATE, 60),
    ],
)
def test_each_cause_is_named_where_it_explains_most(release: int, due: int, start: int, cause: Cause, minutes: int) -> None:
    p = plant(job("a", operation(60, 1), release=release, due=due))
    (late,) = Explainer(p, schedule(at("a", 1, 1, start, start + 60))).late_jobs()
    assert (late.cause, late.minutes) == (cause, minutes)


def test_nights_are_the_cause_only_where_nothing_was_waited_for() -> None:
    p = plant(job("a", operation(60, 1), operation(600, 1), due=1000), machines=[machine(1, calendar="office")])
    # Monday 08:00 to 18:00 less an hour's lunch: 9 working hours; the rest on Tuesday. Nothing could have been faster.
    s = schedule(at("a", 1, 1, 0, 60), at("a", 2, 1, 60, 1440 + 120))
    (late,) = Explainer(p, s).late_jobs()
    assert late.cause is Cause.TOO_MUCH_WORK
    assert late.lead_time.closed == 900


def test_late_jobs_come_worst_first_by_weight() -> None:
    p = plant(
        job("plain", operation(10, 1), due=1),
        job("dear", operation(10, 2), due=5, important=True),
        job("fine", operation(10, 3), due=50),
        machines=[machine(1), machine(2), machine(3)],
    )
    s = schedule(at("plain", 1, 1, 0, 10), at("dear", 1, 2, 0, 10), at("fine", 1, 3, 0, 10))
    assert [late.job.id for late in Explainer(p, s).late_jobs()] == ["dear", "plain"]


@settings(max_examples=60, deadline=None)
@given(plants())
def test_parts_add_up_and_every_chain_ends(plant: Plant) -> None:
    try:
        made = greedy.schedule(plant, EngineConfig(rule="EDD")).schedule
    except Unschedulable:
        assume(False)
    assert made is not None
    why = Explainer(plant, made)
    for one in plant.jobs:
        lead = why.lead_time(one)
        assert lead.total == lead.end - lead.start
        parts = (lead.processing, lead.setup, lead.waiting, lead.held_back, lead.closed, lead.released_late)
        assert min(parts) >= 0
    for a in made.assignments:
        chain = why.chain(a, limit=1000)
        assert len(chain) <= len(made.assignments)
        assert chain[-1].blocker is None
        for link in chain:
            assert link.since <= link.assignment.start or link.reason is Reason.FIXED
