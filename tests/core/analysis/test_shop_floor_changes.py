"""What happened between two snapshots, on plants small enough to see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduler_core.analysis.shop_floor_changes import FactChange, JobFact, MachineEvent, ShopFloorChanges, changes
from scheduler_core.plant import Downtime, Fixed
from tests.support.plants import DAY, PLAN_START, at, job, machine, operation, plant, schedule

LATER = PLAN_START + timedelta(hours=2)


def test_two_pulls_of_the_same_rows_differ_in_nothing() -> None:
    early = plant(job("a", operation(60, 1), due=DAY, release=0))
    late = plant(job("a", operation(60, 1), due=DAY - 120, release=0), start=LATER)
    assert changes(early, late, None, LATER) == ShopFloorChanges()
    assert ShopFloorChanges().count == 0


def test_jobs_and_operations_come_and_go() -> None:
    before = plant(job("a", operation(60, 1), operation(30, 1)), job("done", operation(10, 1)))
    after = plant(
        job("a", operation(30, 1, sequence=2), operation(5, 1, sequence=3)), job("new", operation(10, 1)), start=LATER
    )
    found = changes(before, after, None, LATER)
    assert [j.id for j in found.arrived] == ["new"]
    assert [j.id for j in found.gone] == ["done"]
    assert [(s.job.id, s.operation.sequence) for s in found.finished] == [("a", 1)]
    assert [(s.job.id, s.operation.sequence) for s in found.added] == [("a", 3)]
    assert found.count == 4


def test_an_operation_that_runs_now_has_begun_and_one_that_ran_before_is_no_news() -> None:
    running = operation(60, 1, fixed=Fixed((1,), 0, 60))
    before = plant(job("a", operation(60, 2)), job("b", running), machines=[machine(1), machine(2)])
    after = plant(
        job("a", operation(50, 2, fixed=Fixed((2,), 0, 50))), job("b", running), machines=[machine(1), machine(2)],
        start=LATER,
    )  # fmt: skip
    assert [s.job.id for s in changes(before, after, None, LATER).begun] == ["a"]


def test_overdue_is_what_should_have_begun_and_neither_runs_nor_is_finished() -> None:
    two = [machine(1), machine(2)]
    before = plant(
        job("late", operation(60, 1)), job("runs", operation(60, 2)), job("later", operation(60, 1)),
        job("just", operation(10, 2)), job("done", operation(10, 2)), machines=two,
    )  # fmt: skip
    after = plant(
        job("late", operation(60, 1)), job("runs", operation(60, 2, fixed=Fixed((2,), 0, 60))),
        job("later", operation(60, 1)), job("just", operation(10, 2)), job("new", operation(5, 1)), machines=two,
        start=LATER,
    )  # fmt: skip
    released = schedule(
        at("late", 1, 1, 0, 60), at("runs", 1, 2, 0, 60), at("later", 1, 1, 180, 240), at("just", 1, 2, 105, 115),
        at("done", 1, 2, 60, 70),
    )  # fmt: skip
    (found,) = changes(before, after, released, LATER).overdue
    assert (found.job.id, found.planned, found.minutes, found.machines) == ("late", PLAN_START, 120, (1,))
    a_minute_on = changes(before, after, released, LATER + timedelta(minutes=1)).overdue
    assert [(o.job.id, o.minutes) for o in a_minute_on] == [("late", 121), ("just", 16)]
    assert changes(before, after, None, LATER).overdue == ()


def test_dates_importance_and_quantity_are_compared_on_the_wall_clock() -> None:
    was = job("a", operation(60, 1), due=DAY, quantity=10, release=-600)
    now = job("a", operation(60, 1), due=DAY, quantity=12, important=True, release=60)
    before, after = plant(was), plant(now, start=LATER)
    found = changes(before, after, None, LATER).facts
    assert found == (
        FactChange(now, JobFact.DUE, PLAN_START + timedelta(days=1), LATER + timedelta(days=1)),
        FactChange(now, JobFact.IMPORTANT, False, True),
        FactChange(now, JobFact.QUANTITY, 10, 12),
        FactChange(now, JobFact.MATERIAL, PLAN_START - timedelta(hours=10), LATER + timedelta(hours=1)),
    )


def test_a_due_date_may_appear_and_vanish() -> None:
    dated, open_ = job("a", operation(60, 1), due=DAY), job("a", operation(60, 1))
    (gone,) = changes(plant(dated), plant(open_), None, PLAN_START).facts
    assert (gone.before, gone.after) == (PLAN_START + timedelta(days=1), None)
    (came,) = changes(plant(open_), plant(dated), None, PLAN_START).facts
    assert (came.before, came.after) == (None, PLAN_START + timedelta(days=1))


def test_machines_go_down_and_come_back() -> None:
    work = job("a", operation(60, 1))
    outage = Downtime(60, 240, "bearing")
    before = plant(work, machines=[machine(1), machine(2), machine(3, downtime=(outage,)), machine(4)])
    shifted = Downtime(-60, 120, "belt")
    after = plant(
        work, start=LATER,
        machines=[machine(1), machine(3), machine(4, downtime=(shifted, Downtime(300, 360, "service"))), machine(5)],
    )  # fmt: skip
    found = [(c.machine.name, c.event, c.end, c.reason) for c in changes(before, after, None, LATER).machines]
    assert found == [
        ("M2", MachineEvent.DOWN, None, ""),
        ("M3", MachineEvent.BACK, None, ""),
        ("M4", MachineEvent.DOWN, LATER + timedelta(hours=2), "belt"),
        ("M4", MachineEvent.OUTAGE, LATER + timedelta(hours=6), "service"),
        ("M5", MachineEvent.BACK, None, ""),
    ]


def test_an_outage_that_was_known_and_one_that_is_over_are_no_news() -> None:
    work = job("a", operation(60, 1))
    before = plant(work, machines=[machine(1, downtime=(Downtime(100, 400), Downtime(500, 600)))])
    after = plant(work, start=LATER, machines=[machine(1, downtime=(Downtime(-20, 280), Downtime(380, 480)))])
    assert changes(before, after, None, LATER).machines == ()
    waiting = replace(before, machines=(machine(1, available_from=200),))
    (down,) = changes(replace(before, machines=(machine(1),)), waiting, None, LATER).machines
    assert (down.event, down.end) == (MachineEvent.DOWN, PLAN_START + timedelta(minutes=200))
