"""A stream packed for the compiled floor: three views of one plant, and schedules to and from arrays.

The views differ in two things, the machines' working tables and the durations. ``clock``: real working time with every
outage, expected durations. ``known``: working time without outages, for decisions, which are only made at open machines.
``real``: real working time, and room for the real durations of what begins. An outage that begins within four hours is seen
beforehand by one question alone, whether several machines that an operation needs at once will soon be free together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Stream
from scheduler_core.floor.floor_kernel import Begun
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.array_types import Bool, Int32, Int64
from scheduler_core.simulator.arrays import NEVER, PlantArrays, State, new_state, pack
from scheduler_core.simulator.machine_groups import groups_of
from scheduler_core.simulator.simulator import pair_on
from scheduler_core.simulator.working_time import (
    Mask,
    TableBuilder,
    calendar_mask,
    horizon_of,
    intersection,
    machine_mask,
)

Key = tuple[str, int]


class Views(NamedTuple):
    """One plant as the floor, its decisions and its truth see it, and memory for a run on it."""

    known: PlantArrays
    clock: PlantArrays
    real: PlantArrays
    state: State
    seen: State


def views_of(known: PlantArrays, clock: PlantArrays) -> Views:
    """The views with memory of their own."""
    state = new_state(known)
    real = clock._replace(pair_minutes=clock.pair_minutes.copy())
    return Views(known, clock, real, state, state._replace(free_at=state.free_at.copy(), end=state.end.copy()))


class FloorArrays:
    """The packed stream. ``plant``: all orders that ever arrive, on machines without outages, in the stream's minutes."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.plant = replace(stream.plant, jobs=stream.world.jobs)
        self.known, self.clock = _known_and_clock(self.plant, stream.world)
        self.views = views_of(self.known, self.clock)
        self.keys: tuple[Key, ...] = tuple((job.id, op.sequence) for job in self.plant.jobs for op in job.operations)
        self.operation: Mapping[Key, int] = {key: o for o, key in enumerate(self.keys)}
        self._machine = {m.id: i for i, m in enumerate(self.plant.machines)}
        self.job_ready, self.job_gone = _job_minutes(stream)

    def nothing_begun(self) -> Begun:
        """Only what the plant has running."""
        count = len(self.keys)
        begun = Begun(
            pair=np.full(count, -1, np.int32),
            start=np.zeros(count, np.int64),
            end=np.zeros(count, np.int64),
            setup=np.zeros(count, np.int32),
            expected=np.zeros(count, np.int64),
        )
        for a in self.stream.running_at_start.assignments:
            o = self.operation[a.key]
            begun.pair[o], begun.start[o] = self.pair(o, a), a.start
            begun.end[o] = begun.expected[o] = a.end
        return begun

    def pair(self, operation: int, place: Assignment) -> int:
        """The pair of an operation in a plan. Raises InvalidValue for a machine that is not one of its own."""
        found = pair_on(self.known, operation, self._machine.get(place.machines[0], -1))
        if found is None:
            raise InvalidValue("plan", place.key, f"stands on machine {place.machines[0]}, which is none of its own")
        return found

    def planned(self, plan: Schedule, begun: Begun) -> tuple[Int32, Int32, Int64]:
        """The operations of a plan that have not begun, in the order of their planned starts; pair [O] and start [O] of
        each, -1 and NEVER where the plan lacks it. Raises InvalidValue for an operation that the floor does not know."""
        pair, start = np.full(len(self.keys), -1, np.int32), np.full(len(self.keys), NEVER, np.int64)
        rows: list[tuple[int, int, int]] = []
        for a in plan.assignments:
            o = self.operation.get(a.key)
            if o is None:
                raise InvalidValue("plan", a.key, "is no operation of the floor's plant")
            if begun.pair[o] < 0:
                pair[o], start[o] = self.pair(o, a), a.start
                rows.append((a.start, a.end, o))
        self._refuse_gaps(pair, start, begun)
        return np.array([o for _, _, o in sorted(rows)], np.int32), pair, start

    def _refuse_gaps(self, pair: Int32, start: Int64, begun: Begun) -> None:
        """Rule 7: nothing may stand before, or without, an operation that it has to follow."""
        for o in np.flatnonzero(pair >= 0):
            first = o == self.known.job_first[self.known.op_job[o]]
            if not first and begun.pair[o - 1] < 0 and (pair[o - 1] < 0 or start[o - 1] > start[o]):
                raise InvalidValue("plan", self.keys[o], "stands before the operation of its job that it has to follow")

    def tardiness(self, begun: Begun) -> float:
        """Weighted days late of the orders that are finished, cancelled ones left out."""
        last = self.known.job_first[1:] - 1
        counts = (begun.pair[last] >= 0) & (self.job_gone == NEVER)
        late = np.maximum(0, begun.end[last] - self.known.job_due) * counts
        return float((self.known.job_weight * late).sum()) / MINUTES_PER_DAY

    def schedule(self, begun: Begun) -> Schedule:
        """What has begun, with real ends, in the stream's minutes."""
        ids = [m.id for m in self.plant.machines]
        found: list[Assignment] = []
        for o in np.flatnonzero(begun.pair >= 0):
            first, last = int(begun.pair[o]), int(begun.pair[o]) + 1
            if self.known.op_all[o]:
                first, last = int(self.known.op_first[o]), int(self.known.op_first[o + 1])
            machines = tuple(sorted(ids[m] for m in self.known.pair_machine[first:last]))
            found.append(Assignment(*self.keys[o], machines, int(begun.start[o]), int(begun.end[o]), int(begun.setup[o])))
        return Schedule(tuple(found))


def on_planned_machines(floor: FloorArrays, pair: Int32) -> tuple[Views, Int32]:
    """Views in which each operation that has a ``pair`` [O] runs on that machine alone; and the old pair of each new one."""
    arrays = floor.known
    kept = np.ones(len(arrays.pair_op), np.bool_)
    for o in np.flatnonzero((pair >= 0) & ~arrays.op_all):
        kept[arrays.op_first[o] : arrays.op_first[o + 1]] = False
        kept[pair[o]] = True
    old = np.flatnonzero(kept).astype(np.int32)
    counts = np.bincount(arrays.pair_op[old], minlength=len(arrays.op_job))
    op_first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    pair_machine = arrays.pair_machine[old]
    groups = groups_of(op_first, pair_machine, arrays.op_all, len(arrays.machine_table))
    known = arrays._replace(
        op_first=op_first,
        pair_machine=pair_machine,
        pair_op=arrays.pair_op[old],
        pair_minutes=arrays.pair_minutes[old],
        pair_overtime=arrays.pair_overtime[old],
        op_group=groups.of_operation,
        machine_group_first=groups.machine_first,
        machine_group=groups.of_machine,
    )
    clock = known._replace(machine_table=floor.clock.machine_table, op_table=floor.clock.op_table)
    return views_of(known, clock), old


def _job_minutes(stream: Stream) -> tuple[Int64, Int64]:
    """Rule 8: from when each job can begin, and from when nothing of it begins any more."""
    arrived = {a.job.id: a.minute for a in stream.arrivals}
    gone = {c.job: c.minute for c in stream.cancellations}
    ready = [max(0, job.release, arrived.get(job.id, 0)) for job in stream.world.jobs]
    return np.array(ready, np.int64), np.array([gone.get(job.id, NEVER) for job in stream.world.jobs], np.int64)


def _known_and_clock(plant: Plant, world: Plant) -> tuple[PlantArrays, PlantArrays]:
    """(known, clock): packed with the working tables of ``plant``, and of ``world`` with its outages."""
    arrays = pack(plant)
    builder = TableBuilder(horizon_of(world))
    without = _machine_masks(plant, builder.horizon)
    outages = _machine_masks(world, builder.horizon)
    held = {
        int(o): arrays.pair_machine[arrays.op_first[o] : arrays.op_first[o + 1]].tolist()
        for o in np.flatnonzero(arrays.op_all)
    }
    views = [_tables_of(masks, held, len(arrays.op_job), builder) for masks in (without, outages)]
    tables = builder.build()
    most_common = int(np.flatnonzero(arrays.machine_table == arrays.plant_table)[0])
    shared = arrays._replace(
        table_start=tables.start,
        table_end=tables.end,
        table_before=tables.before,
        table_count=tables.count,
        table_day_first=tables.day_first,
        table_bucket_first=tables.bucket_first,
        table_total=tables.total,
        table_week=tables.week,
        horizon=tables.horizon,
        plant_table=int(views[0][0][most_common]),
    )
    known, clock = (shared._replace(machine_table=machine, op_table=op) for machine, op in views)
    return known, clock


def _machine_masks(plant: Plant, horizon: int) -> list[Mask]:
    calendars = {c.id: calendar_mask(c, plant.clock, horizon) for c in plant.calendars}
    return [machine_mask(m, calendars[m.calendar]) for m in plant.machines]


def _tables_of(
    masks: Sequence[Mask], held: Mapping[int, Sequence[int]], operations: int, builder: TableBuilder
) -> tuple[Int32, Int32]:
    """Tables of the machines [M], and of the operations that need several at once [O]."""
    machine = np.array([builder.number(m) for m in masks], np.int32)
    together = np.zeros(operations, np.int32)
    for o, machines in held.items():
        together[o] = builder.number(intersection(masks[m] for m in machines))
    return machine, together


def gone_at(arrays: FloorArrays, minute: int) -> Bool:
    """[J] the jobs that are cancelled by ``minute``."""
    found: Bool = arrays.job_gone <= minute
    return found
