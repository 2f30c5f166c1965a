"""Reservations: operations whose place is settled before any decision.

These are the plant's fixed operations, and every operation that comes before a fixed one of the same job: it must end in
time, which no rule that only looks ahead from the clock can promise. Such predecessors are placed as early as possible,
jobs with the earliest fixed operation first. So that no later decision changes the setup before a placed predecessor, its
machine is held from the end of the reservation before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Operation, Plant
from scheduler_core.simulator.working_time import Mask, intersection


@dataclass(frozen=True)
class Reservation:
    """A settled operation: job index, position in the job, machine indices, [start, end), setup inside it."""

    job: int
    position: int
    machines: tuple[int, ...]
    start: int
    end: int
    setup: int


@dataclass(frozen=True)
class Block:
    """A span of a machine that a reservation takes: held from ``hold``, busy until ``end``, then set up for ``family``."""

    hold: int
    end: int
    family: str | None


@dataclass
class Reservations:
    """All reservations of a plant, and the blocks that they make on each machine index, in time order."""

    operations: list[Reservation] = field(default_factory=list)
    blocks: dict[int, list[Block]] = field(default_factory=dict)

    def add(self, reservation: Reservation, family: str | None, holds: Mapping[int, int]) -> None:
        self.operations.append(reservation)
        for m in reservation.machines:
            row = self.blocks.setdefault(m, [])
            row.append(Block(holds[m], reservation.end, family))
            row.sort(key=lambda b: b.end)


def fixed_operations(plant: Plant) -> Reservations:
    """The plant's fixed operations alone (rule 9)."""
    found = Reservations()
    index = {m.id: i for i, m in enumerate(plant.machines)}
    for j, job in enumerate(plant.jobs):
        for p, op in enumerate(job.operations):
            if op.fixed is not None:
                machines = tuple(sorted(index[m] for m in op.fixed.machines))
                holds = dict.fromkeys(machines, op.fixed.start)
                found.add(Reservation(j, p, machines, op.fixed.start, op.fixed.end, 0), job.family, holds)
    return found


def reserve(plant: Plant, masks: Sequence[Mask]) -> Reservations:
    """Reservations of the plant; ``masks[i]`` tells the working minutes of machine i up to beyond the last fixed end.

    Raises Unschedulable where a predecessor of a fixed operation does not fit before it.
    """
    found = fixed_operations(plant)
    index = {m.id: i for i, m in enumerate(plant.machines)}
    deadlines: list[tuple[int, int]] = []
    for j, job in enumerate(plant.jobs):
        fixed = [p for p, op in enumerate(job.operations) if op.fixed is not None]
        if fixed and fixed[-1] + 1 > len(fixed):
            first_open = next(p for p, op in enumerate(job.operations) if op.fixed is None)
            following = next(op.fixed.start for op in job.operations[first_open:] if op.fixed is not None)
            deadlines.append((following, j))
    for _, j in sorted(deadlines):
        _reserve_predecessors(plant, j, index, masks, found)
    return found


def _reserve_predecessors(
    plant: Plant, j: int, index: Mapping[int, int], masks: Sequence[Mask], found: Reservations
) -> None:
    job = plant.jobs[j]
    last_fixed = max(p for p, op in enumerate(job.operations) if op.fixed is not None)
    # Rule 8.
    ready = max(0, job.release)
    for p, op in enumerate(job.operations[:last_fixed]):
        if op.fixed is not None:
            ready = max(0, op.fixed.end)
            continue
        following = next(o for o in job.operations[p:] if o.fixed is not None)
        assert following.fixed is not None
        ids = plant.eligible_machines(op)
        choices = [ids] if op.requires_all else [(m,) for m in ids]
        placed = [_earliest(plant, j, p, op, tuple(index[m] for m in c), ready, masks, found) for c in choices]
        best = min((r for r in placed if r is not None), key=lambda r: (r[0].end, r[0].setup), default=None)
        if best is None or best[0].end > following.fixed.start:
            raise Unschedulable(
                f"job {job.id} operation {op.sequence} ({op.process}) does not fit before operation {following.sequence}, "
                f"which is fixed at {plant.time_of(following.fixed.start)}"
            )
        found.add(best[0], job.family, best[1])
        ready = best[0].end


def _earliest(
    plant: Plant,
    j: int,
    position: int,
    op: Operation,
    machines: tuple[int, ...],
    ready: int,
    masks: Sequence[Mask],
    found: Reservations,
) -> tuple[Reservation, dict[int, int]] | None:
    """Rule 6: the first place from ``ready`` on that is free on all machines, with the minute from which each is held."""
    minutes = op.processing_minutes(plant.machines[m].id for m in machines)
    working = np.flatnonzero(intersection(masks[m] for m in machines))
    # A place can only begin at ready or where some reservation ends.
    begins = sorted({ready, *(b.end for m in machines for b in found.blocks.get(m, ()) if b.end > ready)})
    for begin in begins:
        setups, holds, room = [], {}, None
        for m in machines:
            earlier = [b for b in found.blocks.get(m, ()) if b.end <= begin]
            later = [b for b in found.blocks.get(m, ()) if b.end > begin]
            setups.append(setup_after(plant, m, earlier[-1].family if earlier else None, bool(earlier), j, op))
            holds[m] = earlier[-1].end if earlier else 0
            if later:
                room = later[0].hold if room is None else min(room, later[0].hold)
        first = int(np.searchsorted(working, begin))
        last = first + max(setups) + minutes - 1
        if last >= len(working):
            continue
        start, end = int(working[first]), int(working[last]) + 1
        if room is None or end <= room:
            return Reservation(j, position, machines, start, end, max(setups)), holds
    return None


def setup_after(plant: Plant, machine: int, family: str | None, anything: bool, j: int, op: Operation) -> int:
    """Rule 5: setup minutes of the operation on machine index ``machine`` after ``family`` (``anything``: something ran
    before)."""
    own = plant.jobs[j].family
    before = family if anything else plant.machines[machine].initial_family
    if not anything and before is None:
        return op.setup_minutes
    if before == own:
        return 0
    entry = plant.setup_matrix_minutes(plant.machines[machine].type, before, own)
    return op.setup_minutes if entry is None else entry
