"""What counts as a move: hand-made cases, and the engines' own count beside the judge's on random plants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair.carry_over import carry_over
from scheduler_core.errors import Unschedulable
from scheduler_core.judge.moves import moves
from scheduler_core.plant import Downtime, Fixed, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.arrays import pack
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plants import small_plant

SHOP = plant(
    job("A", operation(60, 1), operation(30, 2)), job("B", operation(60, 1, 2)), job("C", operation(40, 2)),
    machines=(machine(1), machine(2)),
)  # fmt: skip
OLD = schedule(at("A", 1, 1, 0, 60), at("A", 2, 2, 60, 90), at("B", 1, 1, 60, 120), at("C", 1, 2, 200, 240))


def with_row(row: Assignment) -> Schedule:
    return Schedule(tuple(row if a.key == row.key else a for a in OLD.assignments))


def down(of: Plant, number: int, start: int, end: int) -> Plant:
    return replace(
        of,
        machines=tuple(
            replace(m, downtime=(*m.downtime, Downtime(start, end))) if m.id == number else m for m in of.machines
        ),
    )


def test_the_same_plan_moves_nothing() -> None:
    counted = moves(SHOP, OLD, OLD)
    assert (counted.due, counted.moved, counted.forced) == (4, (), 0)


def test_a_quarter_of_an_hour_is_no_move_and_a_minute_more_is_one() -> None:
    assert moves(SHOP, OLD, with_row(at("C", 1, 2, 215, 255))).moved == ()
    assert moves(SHOP, OLD, with_row(at("C", 1, 2, 185, 225))).moved == ()
    assert moves(SHOP, OLD, with_row(at("C", 1, 2, 216, 256))).moved == (("C", 1),)
    assert moves(SHOP, OLD, with_row(at("C", 1, 2, 184, 224))).moved == (("C", 1),)


def test_another_machine_at_the_same_time_is_a_move() -> None:
    assert moves(SHOP, OLD, with_row(at("B", 1, 2, 60, 120))).moved == (("B", 1),)


def test_what_starts_after_three_days_is_free() -> None:
    late = Schedule(tuple(replace(a, start=4320, end=4360) if a.job == "C" else a for a in OLD.assignments))
    changed = Schedule(tuple(replace(a, start=9000, end=9040) if a.job == "C" else a for a in OLD.assignments))
    assert moves(SHOP, late, changed).moved == ()
    assert moves(SHOP, late, late).due == 3
    early = Schedule(tuple(replace(a, start=4319, end=4359) if a.job == "C" else a for a in OLD.assignments))
    assert moves(SHOP, early, changed).moved == (("C", 1),)


def test_what_a_breakdown_pushes_is_no_move_until_it_goes_elsewhere() -> None:
    """Machine 1 is down from 20 to 50: right-shift has A end at 90, and its second step and B start 30 minutes later."""
    hit = down(SHOP, 1, 20, 50)
    pushed = schedule(at("A", 1, 1, 0, 90), at("A", 2, 2, 90, 120), at("B", 1, 1, 90, 150), at("C", 1, 2, 200, 240))
    counted = moves(hit, OLD, pushed)
    assert (counted.due, counted.moved, counted.forced) == (4, (), 2)
    between = schedule(at("A", 1, 1, 0, 90), at("A", 2, 2, 90, 120), at("B", 1, 1, 105, 165), at("C", 1, 2, 200, 240))
    assert moves(hit, OLD, between).moved == ()
    later = schedule(at("A", 1, 1, 0, 90), at("A", 2, 2, 90, 120), at("B", 1, 1, 106, 166), at("C", 1, 2, 200, 240))
    assert moves(hit, OLD, later).moved == (("B", 1),)
    elsewhere = schedule(at("A", 1, 1, 0, 90), at("A", 2, 2, 90, 120), at("B", 1, 2, 60, 120), at("C", 1, 2, 120, 160))
    assert moves(hit, OLD, elsewhere).moved == (("B", 1), ("C", 1))


def test_an_operation_without_its_machine_goes_where_right_shift_puts_it() -> None:
    only_two = replace(SHOP.jobs[1], operations=(replace(SHOP.jobs[1].operations[0], machines=(2,)),))
    changed = replace(SHOP, jobs=(SHOP.jobs[0], only_two, SHOP.jobs[2]))
    counted = moves(changed, OLD, with_row(at("B", 1, 2, 90, 150)))
    assert (counted.due, counted.moved, counted.forced) == (4, (), 1)
    assert moves(changed, OLD, with_row(at("B", 1, 2, 240, 300))).moved == (("B", 1),)


def test_finished_and_fixed_operations_do_not_count() -> None:
    gone = replace(SHOP, jobs=(SHOP.jobs[0], SHOP.jobs[2]))
    assert moves(gone, OLD, OLD).due == 3
    runs = replace(SHOP.jobs[2], operations=(replace(SHOP.jobs[2].operations[0], fixed=Fixed((2,), 300, 340)),))
    counted = moves(replace(SHOP, jobs=(*SHOP.jobs[:2], runs)), OLD, with_row(at("C", 1, 2, 300, 340)))
    assert (counted.due, counted.moved) == (3, ())


def test_what_goes_behind_a_fixed_operation_that_came_between_is_no_move() -> None:
    """C was at 200; it is fixed at 70 now, so A's second step goes behind it."""
    runs = replace(SHOP.jobs[2], operations=(replace(SHOP.jobs[2].operations[0], fixed=Fixed((2,), 70, 110)),))
    fixed = replace(SHOP, jobs=(*SHOP.jobs[:2], runs))
    counted = moves(fixed, OLD, with_row(at("A", 2, 2, 110, 140)))
    assert (counted.due, counted.moved, counted.forced) == (3, (), 1)


@pytest.mark.slow
def test_two_right_shifts_agree_on_what_is_forced() -> None:
    """The judge's and the engines', which share no code."""
    compared = forced = 0
    for seed in range(150):
        shop = small_plant(seed)
        try:
            old = greedy.schedule(replace(shop, jobs=shop.jobs[:-1] or shop.jobs), EngineConfig(rule="EDD")).schedule
            hit = down(shop, shop.machines[0].id, 30, 300)
            carried = carry_over(hit, pack(hit), EngineConfig(warm_start=old))
        except Unschedulable:
            continue
        assert old is not None
        counted = moves(hit, old, carried.schedule)
        assert counted.moved == (), seed
        assert counted.due == len(carried.due), seed
        compared += 1
        forced += counted.forced
    assert compared > 80
    assert forced > 50
