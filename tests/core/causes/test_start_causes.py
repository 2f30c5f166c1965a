"""Every link of a chain is proven from the plant alone, by the judge's own working minutes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from scheduler_core.causes import Closure, Explainer, Link, Reason
from scheduler_core.judge.validator import violations
from scheduler_core.judge.working_minutes import PlantTime
from scheduler_core.plant import Downtime, Plant
from scheduler_core.schedule import Assignment, Schedule
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plans import random_plans


def prove(plant: Plant, plan: Schedule, link: Link) -> None:
    """The start is what the reason implies."""
    a = link.assignment
    job = plant.job_by_id[a.job]
    work = PlantTime(plant).of(tuple(sorted(a.machines)))
    blocker = link.blocker
    if link.reason is Reason.FIXED:
        fixed = next(o for o in job.operations if o.sequence == a.sequence).fixed
        assert fixed is not None
        assert a.start == fixed.start
        return
    # What the reason names does end at ``since``.
    match link.reason:
        case Reason.PREVIOUS_OPERATION:
            assert blocker is not None
            assert blocker.job == a.job
            assert [o.sequence for o in job.operations].index(a.sequence) == (
                [o.sequence for o in job.operations].index(blocker.sequence) + 1
            )
        case Reason.MACHINE_BUSY | Reason.SIMULTANEOUS_MACHINE:
            assert blocker is not None
            assert link.machine in a.machines
            assert link.machine in blocker.machines
            assert (link.reason is Reason.SIMULTANEOUS_MACHINE) == (len(a.machines) > 1)
        case Reason.MATERIAL:
            assert link.since == job.release
        case Reason.PLAN_START:
            assert link.since == 0
    if blocker is not None:
        assert link.since == blocker.end
    # And the start follows from it: closed until then, or held back by so many working minutes.
    assert work.between(link.since, a.start) == link.held_back
    assert work.works(a.start)
    assert (link.reason is Reason.HELD_BACK) == (link.held_back > 0)
    if link.reason is not Reason.HELD_BACK:
        assert a.start - link.since == link.waits_for_shift
        assert (link.closure is not None) == (link.waits_for_shift > 0)
    assert link.minutes >= 0


def test_every_link_of_random_plans_is_proven_and_every_chain_reaches_a_root() -> None:
    seen = set[Reason]()
    closures = set[Closure | None]()
    for factory, plan in random_plans():
        why = Explainer(factory, plan)
        for a in plan.assignments:
            chain = why.chain(a)
            for link, following in pairwise(chain):
                assert link.blocker is following.assignment
            assert chain[-1].reason in (Reason.FIXED, Reason.MATERIAL, Reason.PLAN_START, Reason.HELD_BACK)
            assert chain[-1].blocker is None
            for link in chain:
                prove(factory, plan, link)
                seen.add(link.reason)
                closures.add(link.closure)
    assert seen >= set(Reason) - {Reason.HELD_BACK}
    assert closures == {None, *Closure}


@pytest.mark.slow
def test_an_operation_that_is_moved_later_is_held_back_by_what_it_was_moved() -> None:
    found = 0
    for factory, plan in random_plans():
        for i, a in enumerate(plan.assignments):
            later = replace(a, start=a.start + 1, end=a.end + 1)
            moved = Schedule((*plan.assignments[:i], later, *plan.assignments[i + 1 :]))
            if violations(factory, moved):
                continue
            link = Explainer(factory, moved).link(later)
            prove(factory, moved, link)
            assert link.reason is Reason.HELD_BACK
            found += 1
    assert found > 50


def test_without_the_reason_the_start_would_be_earlier_by_its_minutes() -> None:
    p = plant(job("a", operation(50, 1)), job("b", operation(30, 2), operation(20, 1)), machines=[machine(1), machine(2)])
    s = schedule(at("a", 1, 1, 0, 50), at("b", 1, 2, 0, 30), at("b", 2, 1, 50, 70))
    link = Explainer(p, s).link(s.by_operation["b", 2])
    assert (link.reason, link.machine, link.minutes) == (Reason.MACHINE_BUSY, 1, 20)


def test_the_machine_needed_at_once_that_is_busy_longest_is_named() -> None:
    p = plant(
        job("a", operation(50, 1)), job("b", operation(30, 2)), job("c", operation(20, 1, 2, requires_all=True)),
        machines=[machine(1), machine(2)],
    )  # fmt: skip
    s = schedule(at("a", 1, 1, 0, 50), at("b", 1, 2, 0, 30), Assignment("c", 1, (1, 2), 50, 70))
    link = Explainer(p, s).link(s.by_operation["c", 1])
    assert (link.reason, link.machine, link.minutes) == (Reason.SIMULTANEOUS_MACHINE, 1, 20)


def test_what_closed_the_machine_is_named() -> None:
    # Monday 08:00; lunch at 12:00, shift end at 18:00, Wednesday off.
    cases = [(240, 300, Closure.BREAK), (600, 1440, Closure.SHIFT), (1440 + 600, 3 * 1440, Closure.SHIFT)]
    for release, start, closure in cases:
        p = plant(job("a", operation(10, 1), release=release), machines=[machine(1, calendar="office")])
        link = Explainer(p, s := schedule(at("a", 1, 1, start, start + 10))).link(s.assignments[0])
        assert (link.reason, link.waits_for_shift, link.closure) == (Reason.MATERIAL, start - release, closure)
    for extra, closure in (
        ({"downtime": (Downtime(0, 90),)}, Closure.DOWN),
        ({"available_from": 90}, Closure.NOT_YET_AVAILABLE),
    ):
        p = plant(job("a", operation(10, 1)), machines=[machine(1, **extra)])
        link = Explainer(p, s := schedule(at("a", 1, 1, 90, 100))).link(s.assignments[0])
        assert (link.reason, link.closure) == (Reason.PLAN_START, closure)
