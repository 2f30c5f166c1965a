"""Operations with the same eligible machines form a group; those that need several at once have one of their own."""

from __future__ import annotations

from scheduler_core.simulator.arrays import PlantArrays, pack
from scheduler_core.simulator.machine_groups import AT_ONCE
from tests.support.plants import job, machine, operation, plant


def arrays() -> PlantArrays:
    """Operations on 1 or 2, on 2, on 2 or 1, on both at once, and on 3."""
    operations = (operation(5, 1, 2), operation(6, 2), operation(7, 2, 1), operation(8, 1, 2, requires_all=True))
    return pack(plant(job("J1", *operations), job("J2", operation(9, 3)), machines=[machine(n) for n in (1, 2, 3)]))


def test_equal_machines_make_a_group() -> None:
    group = arrays().op_group.tolist()
    assert group[0] == group[2]
    assert group[3] == AT_ONCE
    assert len({group[0], group[1], group[3], group[4]}) == 4


def test_machines_know_the_groups_that_one_of_them_suffices_for() -> None:
    a = arrays()
    group = a.op_group
    known = [set(a.machine_group[a.machine_group_first[m] : a.machine_group_first[m + 1]].tolist()) for m in range(3)]
    assert known == [{group[0]}, {group[0], group[1]}, {group[4]}]
