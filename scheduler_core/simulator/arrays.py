"""A plant packed into flat arrays, and the simulator's state: what the compiled kernel reads and writes.

Indices are positions in the plant's own order: jobs (J), operations (O, job by job), machines (M), families (F), working
tables (T); E counts pairs of an operation and an eligible machine. Minutes count from plan_start. glossary.md explains every
name that compiled code uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Plant
from scheduler_core.simulator.array_types import Bool, Int64
from scheduler_core.simulator.array_types import Float64 as Float64
from scheduler_core.simulator.array_types import Int32 as Int32
from scheduler_core.simulator.machine_groups import AT_ONCE, groups_of
from scheduler_core.simulator.reservations import Reservations, fixed_operations, reserve
from scheduler_core.simulator.working_time import (
    Mask,
    TableBuilder,
    WorkingTables,
    calendar_mask,
    horizon_of,
    intersection,
    machine_mask,
    overtime_mask,
)

NEVER = 2**40
"""A minute later than any plan."""
NO_FAMILY = -1
"""Family of a machine on which nothing ran yet and that has no initial family (rule 5)."""
SETUP_TAIL_SHARE = 0.7
"""Share of the stated setups that an average job really pays; used in estimates of remaining work, never in a schedule."""


class OvertimeTables(NamedTuple):
    """Working minutes in overtime windows, as tables that ``kernel.worked_before`` reads (see WorkingTables)."""

    table_start: Int32  # [V, n]
    table_end: Int32
    table_before: Int32
    table_count: Int32
    table_day_first: Int32
    table_week: Int32
    horizon: int


class PlantArrays(NamedTuple):
    """The plant. Never written after packing."""

    job_first: Int32  # [J + 1] first operation of each job
    job_open: Int32  # [J] first operation of each job that is not reserved
    job_ready: Int64  # [J] minute from which that operation may start
    job_due: Int64  # [J] due minute, NEVER without one
    job_worked_due: Int64  # [J] working minutes before it in plant_table
    job_weight: Float64  # [J] weight of its tardiness
    job_important: Bool  # [J]
    job_family: Int32  # [J]
    op_job: Int32  # [O]
    op_first: Int32  # [O + 1] first eligible pair of each operation
    pair_machine: Int32  # [E]
    pair_op: Int32  # [E]
    pair_minutes: Int32  # [E] processing minutes (several at once: the maximum, on each)
    pair_overtime: Int32  # [E] overtime table of the pair's machine (several at once: while all of them work), -1: none
    op_setup: Int32  # [O] setup minutes where the matrix has no entry
    op_all: Bool  # [O] needs all its machines at once
    op_group: Int32  # [O] operations with the same eligible machines share one, see machine_groups.py
    op_table: Int32  # [O] working table of all its machines together (only where op_all)
    op_preferred: Int32  # [O] machine, or -1
    op_mean: Float64  # [O] mean processing minutes over the eligible machines
    op_tail: Float64  # [O + 1] estimated minutes from the operation's start to the end of its job, without waiting
    op_reserved_pair: Int32  # [O] pair of a reserved operation, else -1
    op_reserved_start: Int64  # [O]
    op_reserved_end: Int64  # [O]
    op_reserved_setup: Int32  # [O]
    machine_table: Int32  # [M] working table
    machine_family: Int32  # [M] family at plan_start, NO_FAMILY if none
    machine_matrix: Int32  # [M] row of setup_matrix, or -1
    machine_used: Bool  # [M] some operation may run on it
    machine_reserved: Int64  # [M] working minutes from plan_start on that reserved operations hold it
    machine_group_first: Int32  # [M + 1] first place of each machine in machine_group
    machine_group: Int32  # [n] groups whose operations the machine may do
    setup_matrix: Int32  # [K, F, F] minutes from family to family, -1 where the operation's own setup holds
    block_first: Int32  # [M + 1] first reservation of each machine
    block_hold: Int64  # [R] minute from which the machine is held
    block_end: Int64  # [R]
    block_family: Int32  # [R]
    block_machine: Int32  # [R]
    block_order: Int32  # [R] reservations by block_hold
    table_start: Int32  # [T, n] see WorkingTables
    table_end: Int32
    table_before: Int32
    table_count: Int32
    table_day_first: Int32
    table_bucket_first: Int32
    table_total: Int32
    table_week: Int32
    horizon: int
    overtime: OvertimeTables
    plant_table: int  # the table that most machines share: the working time that estimates are made in
    mean_minutes: float  # mean of op_mean
    mean_setup: float  # mean of op_setup, at least 1


class State(NamedTuple):
    """The simulator's memory; arrays are written in place."""

    clock: Int64  # [7] see the names of its places below
    next_op: Int32  # [J]
    ready_at: Int64  # [J]
    waiting: Int32  # [J] heap of the jobs whose next operation is not ready; the first clock[WAITING] places count
    ready_list: Int32  # [J] jobs whose next operation is ready; the first clock[READY] places count
    ready_place: Int32  # [J] the job's place in ready_list, -1 if it has none
    ready_group: Int32  # [J] op_group of the operation of each job in ready_list
    candidates: Int32  # [J] jobs that may be dispatched now; the first clock[CANDIDATES] places count
    first_legal: Int32  # [J] first legal pair of each candidate when it was last looked at in this minute
    free_at: Int64  # [M] minute from which the machine is free
    open_at: Int64  # [M] minute from which it is open, or was last: a working one, at or after free_at
    is_open: Bool  # [M] free and working at the clock
    opened: Int64  # [G] minute at which a machine of the group last opened, -1 before
    family: Int32  # [M]
    block_next: Int32  # [M] next reservation
    ready_load: Float64  # [M] minutes of ready operations, shared evenly among their eligible machines
    total_load: Float64  # [M] the same over all operations that are not dispatched
    start: Int64  # [O]
    end: Int64  # [O]
    setup: Int32  # [O]
    pair: Int32  # [O] chosen pair, -1 before
    order: Int32  # [O] place in the sequence of decisions, -1 before and for reserved ones
    move_minute: Int64  # [J] clock at which the job's best move (kernel.earliest_end) was sought, -1 before
    move_pair: Int32  # [J]
    move_start: Int64  # [J]
    move_end: Int64  # [J]
    move_setup: Int32  # [J]
    move_value: Float64  # [J] what a rule thinks of it
    table_open: Bool  # [T] whether the table works now
    table_until: Int64  # [T] minute up to which that is known; of a table that does not work, its next working minute
    table_idle: Int64  # [T] minutes before now that do not work, for a table that works now


NOW, READY, CANDIDATES, DONE, KNOWN, WAITING, RESERVED = range(7)
"""Places in ``State.clock``: the minute; ready jobs; candidates; dispatched operations (reserved ones included); ready jobs
before the clock arrived at the minute; jobs that wait until they are ready; reservations that have begun."""


def pack(plant: Plant, predecessors: bool = True) -> PlantArrays:
    """The plant as arrays. Raises Unschedulable naming each operation that can never run.

    Without ``predecessors`` only the fixed operations are reserved, and not those that must come before them: enough to
    replay a schedule, in which all have their place, but not to build one.
    """
    horizon = horizon_of(plant)
    builder = TableBuilder(horizon)
    calendars = {c.id: calendar_mask(c, plant.clock, horizon) for c in plant.calendars}
    masks = [machine_mask(m, calendars[m.calendar]) for m in plant.machines]
    machine_table = np.array([builder.number(m) for m in masks], np.int32)
    family_index = _family_index(plant)
    job_family = np.array([family_index[j.family] for j in plant.jobs], np.int32)

    job_first = np.cumsum([0, *(len(j.operations) for j in plant.jobs)], dtype=np.int32)
    op_job = np.repeat(np.arange(len(plant.jobs), dtype=np.int32), np.diff(job_first))
    pairs = _pairs(plant)
    op_table = _tables_of_all(plant, pairs, masks, builder)
    _refuse_impossible(plant, pairs, op_table, machine_table, builder)
    op_mean = _segment_means(pairs.minutes, pairs.first)
    operations = [op for job in plant.jobs for op in job.operations]
    op_all = np.array([op.requires_all for op in operations], np.bool_)
    op_setup = np.array([op.setup_minutes for op in operations], np.int32)
    machine_index = {m.id: i for i, m in enumerate(plant.machines)}

    reservations = reserve(plant, masks) if predecessors else fixed_operations(plant)
    reserved = _reserved_operations(reservations, job_first, pairs, len(operations))
    # Rule 8.
    job_open, job_ready = job_first[:-1].copy(), np.array([max(0, j.release) for j in plant.jobs], np.int64)
    for r in sorted(reservations.operations, key=lambda r: (r.job, r.position)):
        job_open[r.job] = job_first[r.job] + r.position + 1
        job_ready[r.job] = max(0, r.end)
    matrix, machine_matrix = _setup_matrix(plant, family_index)
    groups = groups_of(pairs.first, pairs.machine, op_all, len(plant.machines))
    block_first, block_hold, block_end, block_family = _blocks(reservations, family_index, len(plant.machines))
    tables: WorkingTables = builder.build()
    pair_op = np.repeat(np.arange(len(operations), dtype=np.int32), np.diff(pairs.first))
    overtime = _Overtime(plant, masks, horizon)
    pair_overtime = _overtime_of_pairs(plant, pairs, op_table, machine_table, overtime)
    plant_table = _most_common_table(machine_table, tables)
    job_due = np.array([NEVER if j.due is None else j.due for j in plant.jobs], np.int64)
    return PlantArrays(
        job_first=job_first,
        job_open=job_open,
        job_ready=job_ready,
        job_due=job_due,
        job_worked_due=tables.worked_before(plant_table, job_due),
        job_weight=np.array([j.weight for j in plant.jobs], np.float64),
        job_important=np.array([j.important for j in plant.jobs], np.bool_),
        job_family=job_family,
        op_job=op_job,
        op_first=pairs.first,
        pair_machine=pairs.machine,
        pair_op=pair_op,
        pair_minutes=pairs.minutes,
        pair_overtime=pair_overtime,
        op_setup=op_setup,
        op_all=op_all,
        op_group=groups.of_operation,
        op_table=op_table,
        op_preferred=np.array(
            [-1 if op.preferred_machine is None else machine_index[op.preferred_machine] for op in operations], np.int32
        ),
        op_mean=op_mean,
        op_tail=_tails(job_first, op_mean, op_setup),
        op_reserved_pair=reserved.pair,
        op_reserved_start=reserved.start,
        op_reserved_end=reserved.end,
        op_reserved_setup=reserved.setup,
        machine_table=machine_table,
        machine_family=np.array(
            [NO_FAMILY if m.initial_family is None else family_index[m.initial_family] for m in plant.machines],
            np.int32,
        ),
        machine_matrix=machine_matrix,
        machine_used=np.isin(np.arange(len(plant.machines)), pairs.machine),
        machine_reserved=_reserved_minutes(reservations, masks, len(plant.machines)),
        machine_group_first=groups.machine_first,
        machine_group=groups.of_machine,
        setup_matrix=matrix,
        block_first=block_first,
        block_hold=block_hold,
        block_end=block_end,
        block_family=block_family,
        block_machine=np.repeat(np.arange(len(plant.machines), dtype=np.int32), np.diff(block_first)),
        block_order=np.argsort(block_hold, kind="stable").astype(np.int32),
        table_start=tables.start,
        table_end=tables.end,
        table_before=tables.before,
        table_count=tables.count,
        table_day_first=tables.day_first,
        table_bucket_first=tables.bucket_first,
        table_total=tables.total,
        table_week=tables.week,
        horizon=tables.horizon,
        overtime=overtime.tables(),
        plant_table=plant_table,
        mean_minutes=float(op_mean.mean()) if len(op_mean) else 1.0,
        mean_setup=max(1.0, float(op_setup.mean())) if len(op_setup) else 1.0,
    )


def new_state(arrays: PlantArrays) -> State:
    """Room for a simulation of the plant; ``kernel.reset`` fills it."""
    jobs, machines = len(arrays.job_open), len(arrays.machine_table)
    ops, tables = len(arrays.op_job), len(arrays.table_count)
    groups = 1 + int(arrays.op_group.max(initial=AT_ONCE))
    return State(
        clock=np.zeros(7, np.int64),
        next_op=np.zeros(jobs, np.int32),
        ready_at=np.zeros(jobs, np.int64),
        waiting=np.zeros(jobs, np.int32),
        ready_list=np.zeros(jobs, np.int32),
        ready_place=np.zeros(jobs, np.int32),
        ready_group=np.zeros(jobs, np.int32),
        candidates=np.zeros(jobs, np.int32),
        first_legal=np.zeros(jobs, np.int32),
        free_at=np.zeros(machines, np.int64),
        open_at=np.zeros(machines, np.int64),
        is_open=np.zeros(machines, np.bool_),
        opened=np.zeros(groups, np.int64),
        family=np.zeros(machines, np.int32),
        block_next=np.zeros(machines, np.int32),
        ready_load=np.zeros(machines, np.float64),
        total_load=np.zeros(machines, np.float64),
        start=np.zeros(ops, np.int64),
        end=np.zeros(ops, np.int64),
        setup=np.zeros(ops, np.int32),
        pair=np.zeros(ops, np.int32),
        order=np.zeros(ops, np.int32),
        move_minute=np.full(jobs, -1, np.int64),
        move_pair=np.zeros(jobs, np.int32),
        move_start=np.zeros(jobs, np.int64),
        move_end=np.zeros(jobs, np.int64),
        move_setup=np.zeros(jobs, np.int32),
        move_value=np.zeros(jobs, np.float64),
        table_open=np.zeros(tables, np.bool_),
        table_until=np.zeros(tables, np.int64),
        table_idle=np.zeros(tables, np.int64),
    )


class _Pairs(NamedTuple):
    first: Int32
    machine: Int32
    minutes: Int32


class _Reserved(NamedTuple):
    pair: Int32
    start: Int64
    end: Int64
    setup: Int32


def _family_index(plant: Plant) -> dict[str | None, int]:
    """Families numbered in order of appearance; a job without family counts as a family of its own."""
    index: dict[str | None, int] = {}
    for job in plant.jobs:
        index.setdefault(job.family, len(index))
    for machine in plant.machines:
        if machine.initial_family is not None:
            index.setdefault(machine.initial_family, len(index))
    return index


def _pairs(plant: Plant) -> _Pairs:
    index = {m.id: i for i, m in enumerate(plant.machines)}
    counts, machine, minutes = [0], [], []
    for job in plant.jobs:
        for op in job.operations:
            ids = plant.eligible_machines(op)
            counts.append(len(ids))
            machine += [index[m] for m in ids]
            if op.requires_all:
                minutes += [op.processing_minutes(ids)] * len(ids)
            else:
                by_machine = op.minutes_by_machine
                minutes += [by_machine.get(m, op.minutes) for m in ids]
    return _Pairs(np.cumsum(counts, dtype=np.int32), np.array(machine, np.int32), np.array(minutes, np.int32))


def _tables_of_all(plant: Plant, pairs: _Pairs, masks: Sequence[Mask], builder: TableBuilder) -> Int32:
    op_table = np.zeros(plant.operation_count, np.int32)
    o = 0
    for job in plant.jobs:
        for op in job.operations:
            if op.requires_all:
                held = pairs.machine[pairs.first[o] : pairs.first[o + 1]]
                op_table[o] = builder.number(intersection(masks[m] for m in held))
            o += 1
    return op_table


class _Overtime:
    """Numbers and tables of the minutes that machines work in their calendars' overtime windows."""

    def __init__(self, plant: Plant, masks: Sequence[Mask], horizon: int) -> None:
        self._windows = {c.id: overtime_mask(c, plant.clock, horizon) for c in plant.calendars}
        self._masks = masks
        self._builder = TableBuilder(horizon)
        self._numbers: dict[tuple[int, str], int] = {}

    def number(self, table: int, calendar: str, held: Sequence[int]) -> int:
        """The overtime table of machines (places in the plant) whose common working table is ``table``, in the windows of a
        calendar; -1 for a calendar without any. Machines with one table and one calendar have one mask: it is made once."""
        window = self._windows[calendar]
        if window is None:
            return -1
        known = (table, calendar)
        if known not in self._numbers:
            self._numbers[known] = self._builder.number(intersection([*(self._masks[m] for m in held), window]))
        return self._numbers[known]

    def tables(self) -> OvertimeTables:
        """All numbered tables; at least one, as the kernel reads no empty arrays."""
        if not len(self._builder):
            self._builder.number(np.zeros(self._builder.horizon, np.bool_))
        t = self._builder.build()
        return OvertimeTables(t.start, t.end, t.before, t.count, t.day_first, t.week, t.horizon)


def _overtime_of_pairs(plant: Plant, pairs: _Pairs, op_table: Int32, machine_table: Int32, overtime: _Overtime) -> Int32:
    """The overtime table of each pair."""
    calendars = [m.calendar for m in plant.machines]
    alone = [overtime.number(table, calendars[m], (m,)) for m, table in enumerate(machine_table.tolist())]
    found = np.array(alone, np.int32)[pairs.machine]
    needs_all = [op.requires_all for job in plant.jobs for op in job.operations]
    for o in np.flatnonzero(needs_all):
        first, last = pairs.first[o], pairs.first[o + 1]
        held = pairs.machine[first:last].tolist()
        found[first:last] = [overtime.number(int(op_table[o]), calendars[m], held) for m in held]
    return found


def _reserved_minutes(found: Reservations, masks: Sequence[Mask], machines: int) -> Int64:
    minutes = np.zeros(machines, np.int64)
    for r in found.operations:
        if r.end > 0:
            worked = int(intersection(masks[m][max(0, r.start) : r.end] for m in r.machines).sum())
            minutes[list(r.machines)] += worked
    return minutes


def _refuse_impossible(plant: Plant, pairs: _Pairs, op_table: Int32, machine_table: Int32, builder: TableBuilder) -> None:
    works = [builder.works_for_ever(t) for t in range(len(builder))]
    impossible: list[str] = []
    o = 0
    for job in plant.jobs:
        for op in job.operations:
            held = pairs.machine[pairs.first[o] : pairs.first[o + 1]]
            possible = works[op_table[o]] if op.requires_all else any(works[machine_table[m]] for m in held)
            if not possible and op.fixed is None:
                impossible.append(f"job {job.id} operation {op.sequence} ({op.process})")
            o += 1
    if impossible:
        more = f" and {len(impossible) - 10} more" if len(impossible) > 10 else ""
        raise Unschedulable(f"its machines never work, or never all at once: {', '.join(impossible[:10])}{more}")


def _most_common_table(machine_table: Int32, tables: WorkingTables) -> int:
    """The table that most machines share, among those that ever work (an estimate in another would say nothing)."""
    machines = np.bincount(machine_table, minlength=len(tables.week))
    return int(np.where(tables.week > 0, machines, 0).argmax())


def _segment_means(values: Int32, first: Int32) -> Float64:
    if len(first) == 1:
        return np.zeros(0, np.float64)
    means: Float64 = np.add.reduceat(values.astype(np.float64), first[:-1]) / np.diff(first)
    return means


def _tails(job_first: Int32, op_mean: Float64, op_setup: Int32) -> Float64:
    each = op_mean + SETUP_TAIL_SHARE * op_setup
    tails = np.zeros(len(op_mean) + 1, np.float64)
    for first, last in pairwise(job_first):
        tails[first:last] = np.cumsum(each[first:last][::-1])[::-1]
    return tails


def _reserved_operations(found: Reservations, job_first: Int32, pairs: _Pairs, ops: int) -> _Reserved:
    reserved = _Reserved(
        np.full(ops, -1, np.int32), np.zeros(ops, np.int64), np.zeros(ops, np.int64), np.zeros(ops, np.int32)
    )
    for r in found.operations:
        o = int(job_first[r.job]) + r.position
        first, last = int(pairs.first[o]), int(pairs.first[o + 1])
        reserved.pair[o] = first + int(np.flatnonzero(pairs.machine[first:last] == r.machines[0])[0])
        reserved.start[o], reserved.end[o], reserved.setup[o] = r.start, r.end, r.setup
    return reserved


def _setup_matrix(plant: Plant, family_index: dict[str | None, int]) -> tuple[Int32, Int32]:
    types = sorted({e.machine_type for e in plant.setup_matrix})
    rows = {t: k for k, t in enumerate(types)}
    size = len(family_index)
    matrix = np.full((len(types), size, size), -1, np.int32)
    for e in plant.setup_matrix:
        # Families that no job and no machine has can never meet.
        if e.from_family in family_index and e.to_family in family_index:
            matrix[rows[e.machine_type], family_index[e.from_family], family_index[e.to_family]] = e.minutes
    return matrix, np.array([rows.get(m.type, -1) for m in plant.machines], np.int32)


def _blocks(found: Reservations, family_index: dict[str | None, int], machines: int) -> tuple[Int32, Int64, Int64, Int32]:
    rows = [found.blocks.get(m, []) for m in range(machines)]
    return (
        np.cumsum([0, *(len(r) for r in rows)], dtype=np.int32),
        np.array([b.hold for r in rows for b in r], np.int64),
        np.array([b.end for r in rows for b in r], np.int64),
        np.array([family_index[b.family] for r in rows for b in r], np.int32),
    )
