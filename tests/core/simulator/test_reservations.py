"""Reservations: what comes before a fixed operation is placed in time, or the plant is refused with names."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Downtime, Fixed, Job, Operation, Plant, SetupEntry
from scheduler_core.simulator.reservations import Block, Reservation, Reservations, reserve
from scheduler_core.simulator.working_time import calendar_mask, horizon_of, machine_mask
from tests.support.plants import HOUR, job, machine, operation, plant


def reserved(shop: Plant) -> Reservations:
    horizon = horizon_of(shop)
    calendars = {c.id: calendar_mask(c, shop.clock, horizon) for c in shop.calendars}
    return reserve(shop, [machine_mask(m, calendars[m.calendar]) for m in shop.machines])


def fixed(start: int, end: int, *machines: int, **more: Any) -> Operation:
    return operation(end - start, *machines, fixed=Fixed(machines or (1,), start, end), **more)


def spans(shop: Plant, job: int = 0) -> list[tuple[tuple[int, ...], int, int, int]]:
    """(machine indices, start, end, setup) of the job's reservations, in the order of its operations."""
    rows = sorted((r for r in reserved(shop).operations if r.job == job), key=lambda r: r.position)
    return [(r.machines, r.start, r.end, r.setup) for r in rows]


def test_without_fixed_operations_nothing_is_reserved() -> None:
    found = reserved(plant(job("J", operation(30), operation(5))))
    assert found.operations == []
    assert found.blocks == {}


def test_a_fixed_operation_holds_its_machine_from_its_start() -> None:
    found = reserved(plant(job("J", fixed(50, 90), operation(5), family="F")))
    assert found.operations == [Reservation(0, 0, (0,), 50, 90, 0)]
    assert found.blocks == {0: [Block(50, 90, "F")]}


def test_a_predecessor_is_placed_as_early_as_possible_and_holds_its_machine_from_before() -> None:
    found = reserved(plant(job("J", operation(30, setup_minutes=10), fixed(500, 600), family="F")))
    assert found.operations[1] == Reservation(0, 0, (0,), 0, 40, 10)
    assert found.blocks == {0: [Block(0, 40, "F"), Block(500, 600, "F")]}


def test_a_predecessor_waits_for_release() -> None:
    assert spans(plant(job("J", operation(30), fixed(500, 600), release=100)))[0] == ((0,), 100, 130, 0)


def test_a_predecessor_waits_for_the_fixed_operation_before_it() -> None:
    shop = plant(job("J", fixed(-20, 35, 2), operation(30), fixed(500, 600)), machines=[machine(1), machine(2)])
    assert spans(shop) == [((1,), -20, 35, 0), ((0,), 35, 65, 0), ((0,), 500, 600, 0)]


def test_predecessors_follow_each_other() -> None:
    assert spans(plant(job("J", operation(30), operation(20), fixed(50, 60)))) == [
        ((0,), 0, 30, 0), ((0,), 30, 50, 0), ((0,), 50, 60, 0),
    ]  # fmt: skip


def test_what_comes_after_the_last_fixed_operation_is_left_to_the_engine() -> None:
    assert len(spans(plant(job("J", operation(30), fixed(50, 60), operation(30))))) == 2


def test_a_predecessor_takes_the_machine_on_which_it_ends_first_then_the_one_with_less_setup() -> None:
    def shop(*machines: Any) -> Plant:
        step = operation(30, 1, 2, setup_minutes=10, minutes_by_machine={2: 40})
        return plant(job("J", step, fixed(500, 600)), machines=machines)

    assert spans(shop(machine(1), machine(2)))[0] == ((0,), 0, 40, 10)
    assert spans(shop(machine(1, available_from=60), machine(2)))[0] == ((1,), 0, 50, 10)
    assert spans(shop(machine(1), machine(2, initial_family="A")))[0] == ((1,), 0, 40, 0)


def test_a_predecessor_passes_a_gap_that_is_too_short() -> None:
    shop = plant(
        job("J", operation(30), fixed(500, 600)),
        job("A", fixed(0, 20)),
        job("B", fixed(45, 80)),
    )
    assert spans(shop)[0] == ((0,), 80, 110, 0)


def test_a_predecessor_uses_a_gap_that_just_fits() -> None:
    shop = plant(job("J", operation(30), fixed(500, 600)), job("A", fixed(0, 20)), job("B", fixed(50, 80)))
    assert spans(shop)[0] == ((0,), 20, 50, 0)


def test_setups_follow_what_the_machine_did_before() -> None:
    shop = plant(
        job("J", operation(30, setup_minutes=10), fixed(500, 600), family="B"),
        job("A", fixed(0, 20), family="A"),
        setups=[SetupEntry(1, "A", "B", 25)],
    )
    assert spans(shop)[0] == ((0,), 20, 75, 25)


def test_several_machines_at_once_are_held_from_their_own_last_reservation() -> None:
    shop = plant(
        job("J", operation(30, 1, 2, requires_all=True), fixed(500, 600)),
        job("A", fixed(0, 20, 1)),
        machines=[machine(1), machine(2, initial_family="A")],
    )
    found = reserved(shop)
    assert found.blocks[0] == [Block(0, 20, "A"), Block(20, 50, "A"), Block(500, 600, "A")]
    assert found.blocks[1] == [Block(0, 50, "A")]


def test_predecessors_pause_over_time_that_does_not_work() -> None:
    shop = plant(
        job("J", operation(5 * HOUR), fixed(9 * HOUR, 10 * HOUR)),
        machines=[machine(1, calendar="office", downtime=(Downtime(60, 90),))],
    )
    assert spans(shop)[0] == ((0,), 0, 6 * HOUR + 30, 0)


def test_the_job_with_the_earliest_fixed_operation_is_placed_first() -> None:
    def urgent(start: int) -> Job:
        return job("urgent", operation(30), fixed(start, start + 10))

    relaxed = job("relaxed", operation(30), fixed(500, 600))
    shop = plant(relaxed, urgent(30))
    assert spans(shop, 1)[0] == ((0,), 0, 30, 0)
    assert spans(shop, 0)[0] == ((0,), 40, 70, 0)


def test_a_predecessor_that_does_not_fit_is_refused_by_name() -> None:
    shop = plant(job("J7", operation(30, process="cut"), fixed(29, 60, sequence=5)))
    with pytest.raises(Unschedulable) as refused:
        reserved(shop)
    assert str(refused.value) == (
        "job J7 operation 1 (cut) does not fit before operation 5, which is fixed at 2025-07-21 08:29:00"
    )


@pytest.mark.parametrize(
    "shop",
    [
        plant(job("J", operation(1), fixed(-10, 60))),
        plant(job("J", operation(10), fixed(100, 160), release=91)),
        plant(job("J", operation(10), operation(91), fixed(100, 160))),
        plant(job("J", operation(10), fixed(100, 160)), machines=[machine(1, available_from=91)]),
        plant(job("J", operation(10), fixed(100, 160)), job("K", fixed(0, 100))),
        plant(job("J", operation(10, setup_minutes=91), fixed(100, 160))),
    ],
    ids=["begun before the plan", "release", "two in a row", "machine late", "machine taken", "setup"],
)
def test_no_room_is_found_out(shop: Plant) -> None:
    with pytest.raises(Unschedulable, match="does not fit before operation"):
        reserved(shop)
