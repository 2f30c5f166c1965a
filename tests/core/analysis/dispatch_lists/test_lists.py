"""Dispatch lists of a plan small enough to be read off a drawing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from scheduler_core.analysis.dispatch_lists import Shift, dispatch_lists, late_orders
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import Fixed, MachineType, Plant
from scheduler_core.schedule import Schedule
from tests.support.plants import at, job, machine, operation, plant, schedule

SHIFT = Shift(100, 200, 300)


def small() -> Plant:
    made = plant(
        job("J1", operation(90, 1), operation(60, 3), due=200),
        job("J2", operation(80, 1, 2), due=1000),
        job("J3", operation(250, 2, fixed=Fixed((2,), 0, 250)), due=100, important=True),
        job("J4", operation(50, 1, 3, requires_all=True)),
        job("J5", operation(10, 1), due=5),
        machines=[machine(1), machine(2), machine(3, type=2), machine(4, type=3)],
    )
    return replace(made, machine_types=(MachineType(1, "Press"), MachineType(2, "Lathe"), MachineType(3, "Oven")))


def plan() -> Schedule:
    return schedule(
        at("J1", 1, 1, 20, 110), at("J1", 2, 3, 150, 210), at("J2", 1, 1, 250, 330), at("J3", 1, 2, 0, 250),
        at("J4", 1, (1, 3), 110, 150), at("J5", 1, 1, 0, 10),
    )  # fmt: skip


def test_each_work_centre_gets_its_operations_by_machine_and_in_sequence() -> None:
    lists = dispatch_lists(small(), plan(), SHIFT, job_lateness(small(), plan()))
    assert [one.machine_type.name for one in lists] == ["Press", "Lathe", "Oven"]
    rows = [[(x.machine.name, x.position, x.job.id, x.operation.sequence) for x in one.lines] for one in lists]
    assert rows == [
        [("M1", 1, "J1", 1), ("M1", 2, "J4", 1), ("M1", 3, "J2", 1), ("M2", 1, "J3", 1)],
        [("M3", 1, "J4", 1), ("M3", 2, "J1", 2)],
        [],
    ]


def test_what_has_begun_is_fixed_or_goes_on_is_said() -> None:
    lists = dispatch_lists(small(), plan(), SHIFT, job_lateness(small(), plan()))
    said = {(x.job.id, x.operation.sequence): (x.begun, x.fixed, x.goes_on, x.lateness) for x in lists[0].lines}
    assert said == {
        ("J1", 1): (True, False, False, 10),
        ("J4", 1): (False, False, False, None),
        ("J2", 1): (False, False, True, -670),
        ("J3", 1): (True, True, False, 150),
    }
    running = dispatch_lists(small(), plan(), Shift(0, 50, 100), {})
    assert [(x.job.id, x.begun) for x in running[0].lines] == [("J5", False), ("J1", False), ("J3", True)]


def test_an_operation_on_several_machines_names_the_others() -> None:
    lists = dispatch_lists(small(), plan(), SHIFT, {})
    assert [m.name for m in lists[0].lines[1].beside] == ["M3"]
    assert [m.name for m in lists[1].lines[0].beside] == ["M1"]


def test_every_start_stands_in_exactly_one_shift() -> None:
    made, cuts = small(), [0, 20, 110, 111, 250, 400]
    starts = [
        (x.job.id, x.operation.sequence)
        for a, b in pairwise(cuts)
        for one in dispatch_lists(made, plan(), Shift(a, b, b), {})
        for x in one.lines
        if x.assignment.start >= a
    ]
    assert sorted(starts) == sorted((a.job, a.sequence) for a in plan().assignments for _ in a.machines)


def test_late_orders_are_the_unfinished_ones_the_heaviest_first() -> None:
    found = late_orders(small(), plan(), SHIFT, job_lateness(small(), plan()))
    assert [(x.job.id, x.lateness, x.end, x.next.sequence, x.in_shift) for x in found] == [
        ("J3", 150, 250, 1, True), ("J1", 10, 210, 1, True),
    ]  # fmt: skip
    later = late_orders(small(), plan(), Shift(120, 130, 140), job_lateness(small(), plan()))
    assert [(x.job.id, x.next.sequence, x.in_shift) for x in later] == [("J3", 1, True), ("J1", 2, False)]
