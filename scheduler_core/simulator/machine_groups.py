"""Groups of operations with the same eligible machines: when a machine opens, only its groups have to be looked at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler_core.simulator.array_types import Bool, Int32

AT_ONCE = 0
"""The group of all operations that need their machines at once: whether those may start does not only depend on which
machines are open, so they are looked at in every minute."""


class Groups(NamedTuple):
    """O operations, M machines; G groups on which n machines take part in all."""

    of_operation: Int32  # [O]
    machine_first: Int32  # [M + 1] first place of each machine in ``of_machine``
    of_machine: Int32  # [n] the groups that each machine belongs to, ascending


def groups_of(op_first: Int32, pair_machine: Int32, op_all: Bool, machines: int) -> Groups:
    """The groups of operations whose eligible machines are ``pair_machine[op_first[o] : op_first[o + 1]]``."""
    numbers: dict[bytes, int] = {}
    of_operation = np.full(len(op_all), AT_ONCE, np.int32)
    members: list[list[int]] = [[] for _ in range(machines)]
    for o in np.flatnonzero(~op_all):
        eligible = pair_machine[op_first[o] : op_first[o + 1]]
        key = eligible.tobytes()
        if key not in numbers:
            numbers[key] = len(numbers) + AT_ONCE + 1
            for m in eligible:
                members[m].append(numbers[key])
        of_operation[o] = numbers[key]
    return Groups(
        of_operation,
        np.cumsum([0, *(len(row) for row in members)], dtype=np.int32),
        np.array([g for row in members for g in row], np.int32),
    )
