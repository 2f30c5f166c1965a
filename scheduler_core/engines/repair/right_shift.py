"""Right-shift repair: the current plan goes on as it is, and what a disturbance reaches is only pushed to the right.

Every operation keeps its machine and its place in the machine's sequence and starts no earlier than it did (right-shift
rescheduling: Abumaizar & Svestka 1997, Rescheduling job shops under random disruptions). Operations that the current plan
does not know (a rush order) go into the first gap in which nothing else ends later or starts noticeably earlier.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.repair.timeline import Timeline
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Plant
from scheduler_core.reports import RepairReport
from scheduler_core.schedule import Assignment, Result, Schedule, Status
from scheduler_core.simulator.arrays import PlantArrays, pack

REPORT_EVERY = 100
"""Operations between two reports of progress."""


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The plan in ``config.warm_start``, pushed to the right as far as ``plant`` asks.

    Raises InvalidValue without a plan to start from, Unschedulable for a plant without any schedule, Cancelled on request.
    """
    began = time.perf_counter()
    current = current_plan(config)
    found = shifted(plant, pack(plant), current, progress)
    value = objective_value(config.objective, measure(plant, found))
    return Result(
        engine="right_shift",
        status=Status.FEASIBLE,
        schedule=found,
        objective=value,
        seconds=time.perf_counter() - began,
        report=RepairReport(held=0, start_cost=value, moves=0, stays=holds(current, found)),
    )


def holds(before: Schedule, after: Schedule) -> bool:
    """Whether the plan before holds as it is: every operation of the one after stands in it, at the same place."""
    return all((was := before.by_operation.get(a.key)) is not None and _same(was, a) for a in after.assignments)


def _same(was: Assignment, now: Assignment) -> bool:
    return (frozenset(was.machines), was.start) == (frozenset(now.machines), now.start)


def current_plan(config: EngineConfig) -> Schedule:
    """The plan that a repair begins with; raises InvalidValue where there is none."""
    if config.warm_start is None:
        raise InvalidValue("warm_start", None, "is missing: a repair needs the plan that is to be repaired")
    return config.warm_start


def shifted(plant: Plant, arrays: PlantArrays, current: Schedule, progress: Progress = no_progress) -> Schedule:
    """``current`` pushed to the right until it obeys ``plant`` (packed as ``arrays``); complete, in the plant's order."""
    return shifted_from(plant, arrays, current, progress)[0]


def shifted_from(
    plant: Plant, arrays: PlantArrays, current: Schedule, progress: Progress = no_progress
) -> tuple[Schedule, Mapping[tuple[str, int], int]]:
    """As ``shifted``, and the start of each operation that only was pushed, before what is new was inserted: that may change
    the setup of what it precedes, and so its start."""
    line = Timeline(arrays)
    keys = [(job.id, op.sequence) for job in plant.jobs for op in job.operations]
    kept, new = _split(arrays, keys, current)
    cursor = [0] * len(arrays.machine_table)
    index = {m.id: i for i, m in enumerate(plant.machines)}
    for done, o in enumerate(kept):
        if done % REPORT_EVERY == 0:
            progress(done / max(1, len(keys)), f"{done:,} operations shifted")
        place = current.by_operation[keys[o]]
        machines = {index.get(m, -1) for m in place.machines}
        pairs = [p for p in line.pairs(o) if machines == set(line.machines(o, p))] or line.pairs(o)
        # An operation whose machine is no longer one of its own goes where it ends first.
        choices = [line.append(o, pair, place.start, cursor) for pair in pairs]
        for m, at in line.book(min(choices, key=lambda s: (s.end, s.setup, s.pair))).items():
            cursor[m] = at + 1
    for o in new:
        progress(len(kept) / len(keys), "looking for gaps")
        line.insert(o, 0)
    return _schedule(plant, line, keys, current), {keys[o]: line.first_starts[o] for o in kept}


def _split(arrays: PlantArrays, keys: list[tuple[str, int]], current: Schedule) -> tuple[list[int], list[int]]:
    """Operations that the current plan knows, by their starts there, and the others, in the plant's order.

    From the first unknown operation of a job on all count as unknown, as they can only follow it; so do those that the plan
    has before one that they follow.
    """
    kept: list[tuple[int, int]] = []
    new: list[int] = []
    unknown = set[int]()
    latest: dict[int, int] = {}
    for o, key in enumerate(keys):
        if arrays.op_reserved_pair[o] >= 0:
            continue
        place, job = current.by_operation.get(key), int(arrays.op_job[o])
        if place is None or job in unknown or place.start < latest.get(job, place.start):
            unknown.add(job)
            new.append(o)
        else:
            kept.append((place.start, o))
            latest[job] = place.start
    return [o for _, o in sorted(kept)], new


def _schedule(plant: Plant, line: Timeline, keys: list[tuple[str, int]], current: Schedule) -> Schedule:
    ids = [m.id for m in plant.machines]
    fixed = [op.fixed for job in plant.jobs for op in job.operations]
    found = []
    for o, key in enumerate(keys):
        span, was = line.spans[o], current.by_operation.get(key)
        setup = span.setup
        if fixed[o] is not None and was is not None:
            setup = was.setup_minutes  # what a fixed operation's setup takes is only told by the plan that it comes from
        machines = tuple(sorted(ids[m] for m in line.machines(o, span.pair)))
        found.append(Assignment(*key, machines, span.start, span.end, setup))
    return Schedule(tuple(found))
