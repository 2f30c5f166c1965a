"""Small random plants from a seed: hundreds a second, so that a test can look at thousands.

They crowd what the simulator must get right into few machines and jobs: calendars with pauses, overtime and holidays,
outages, late machines, family setups with and without a matrix, operations on several machines at once, releases (a few
lie about where the listed working time ends), and fixed operations, also begun before plan_start or with others of their
job before them. Some have no schedule at all.
``strategies.py`` draws similar ones through Hypothesis, which can shrink them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np

from scheduler_core.errors import Unschedulable
from scheduler_core.plant import (
    Break,
    Calendar,
    Downtime,
    Fixed,
    Holiday,
    Job,
    Machine,
    MachineType,
    Operation,
    Plant,
    SetupEntry,
    WorkWindow,
)
from scheduler_core.simulator.arrays import pack

MONDAY = date(2025, 7, 21)
FAMILIES = ("A", "B", "C")
Random = np.random.Generator
T = TypeVar("T")


def small_plant(seed: int) -> Plant:
    """The plant of the seed: 1 to 5 machines, 1 to 7 jobs of 1 to 4 operations."""
    rng = np.random.default_rng(seed)
    minute = _pick(rng, [0, 390, int(rng.integers(1440))])
    plan_start = datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=_int(rng, 0, 6), minutes=minute)
    calendars = tuple(_calendar(rng, f"calendar {i}") for i in range(_int(rng, 1, 3)))
    types = _int(rng, 1, 2)
    ids = [int(m) for m in rng.permutation(9)[: _int(rng, 1, 5)] + 1]
    machines = tuple(_machine(rng, m, types, calendars) for m in ids)
    manned = sorted({m.type for m in machines})
    pace = _pick(rng, [5, 60, 400])
    plant = Plant(
        name=f"small-{seed}",
        timezone="Asia/Kuala_Lumpur",
        plan_start=plan_start,
        calendars=calendars,
        machine_types=tuple(MachineType(t, f"type {t}") for t in range(1, types + 1)),
        machines=machines,
        jobs=tuple(_job(rng, f"J{j}", ids, manned, pace) for j in range(_int(rng, 1, 7))),
        setup_matrix=_setup_matrix(rng, types),
    )
    return _with_fixed(rng, plant, pace) if rng.random() < 0.5 else plant


def schedulable(count: int) -> list[Plant]:
    """Small plants for which a schedule can be built."""
    found: list[Plant] = []
    seed = 70_000
    while len(found) < count:
        seed += 1
        plant = small_plant(seed)
        try:
            pack(plant)
        except Unschedulable:
            continue
        found.append(plant)
    return found


def _int(rng: Random, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def _pick(rng: Random, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]


def _some(rng: Random, choices: Sequence[int], low: int, high: int) -> tuple[int, ...]:
    return tuple(int(c) for c in rng.permutation(choices)[: _int(rng, low, min(high, len(choices)))])


def _calendar(rng: Random, name: str) -> Calendar:
    if rng.random() < 0.25:
        return Calendar(name, tuple(WorkWindow(day, 0, 1440) for day in range(1, 8)))
    windows = []
    for day in sorted(_some(rng, range(1, 8), 2, 7)):
        start = _pick(rng, [0, 360, 480, 617])
        end = min(1440, start + _pick(rng, [60, 240, 480, 1440]))
        windows.append(WorkWindow(day, start, end))
        if rng.random() < 0.5:
            # Overtime touches the shift, overlaps it or follows after a gap.
            begin = min(1439, max(0, end + _pick(rng, [0, 0, -30, 60])))
            windows.append(WorkWindow(day, begin, min(1440, begin + 90), "overtime"))
    breaks = []
    for _ in range(_int(rng, 0, 3)):
        start = _int(rng, 0, 1380)
        breaks.append(Break("tea", start, start + _int(rng, 1, 60), _pick(rng, [None, None, 2, 4])))
    holidays = tuple(Holiday(MONDAY + timedelta(days=d)) for d in sorted(set(_some(rng, range(-2, 14), 0, 3))))
    return Calendar(name, tuple(windows), tuple(breaks), holidays)


def _machine(rng: Random, number: int, types: int, calendars: Sequence[Calendar]) -> Machine:
    downtime = []
    for _ in range(_pick(rng, [0, 0, 1, 2])):
        start = _int(rng, -1000, 6000)
        downtime.append(Downtime(start, start + _int(rng, 1, 2000), "repair"))
    return Machine(
        id=number,
        name=f"M{number}",
        type=_int(rng, 1, types),
        calendar=_pick(rng, calendars).id,
        available_from=_int(rng, -500, 3000) if rng.random() < 0.2 else None,
        initial_family=_pick(rng, [None, *FAMILIES]),
        downtime=tuple(downtime),
    )


def _setup_matrix(rng: Random, types: int) -> tuple[SetupEntry, ...]:
    share = _pick(rng, [0.0, 0.3, 1.0])
    return tuple(
        SetupEntry(t, before, after, _pick(rng, [0, 3, 40]))
        for t in range(1, types + 1)
        for before in FAMILIES
        for after in (*FAMILIES, "never seen")
        if rng.random() < share
    )


def _job(rng: Random, name: str, ids: Sequence[int], types: Sequence[int], pace: int) -> Job:
    count = _int(rng, 1, 4)
    return Job(
        id=name,
        operations=tuple(_operation(rng, 10 * (i + 1), ids, types, pace) for i in range(count)),
        family=_pick(rng, [None, *FAMILIES, *FAMILIES]),
        important=rng.random() < 0.3,
        release=_pick(rng, [0, 0, -700, _int(rng, 1, 4000)]) if rng.random() > 0.03 else _int(rng, 115_000, 130_000),
        due=_pick(rng, [None, _int(rng, -1000, 9000), _int(rng, -1000, 9000)]),
    )


def _operation(rng: Random, sequence: int, ids: Sequence[int], types: Sequence[int], pace: int) -> Operation:
    several = len(ids) > 1 and rng.random() < 0.25
    by_type = not several and rng.random() < 0.5
    special = {m: _int(rng, 1, pace) for m in _some(rng, ids, 0, 2)}
    return Operation(
        sequence=sequence,
        process=f"step {sequence}",
        minutes=_int(rng, 1, pace),
        setup_minutes=_pick(rng, [0, 5, 30]),
        machine_types=_some(rng, types, 1, 2) if by_type else (),
        machines=_some(rng, ids, 2 if several else 1, 3) if not by_type or rng.random() < 0.2 else (),
        minutes_by_machine=special,
        requires_all=several,
        preferred_machine=_pick(rng, [None, *ids]),
    )


def _with_fixed(rng: Random, plant: Plant, pace: int) -> Plant:
    """Some operations fixed, without contradiction; those before a fixed one have some room."""
    free = {m.id: _int(rng, -500, 100) for m in plant.machines}
    share = _pick(rng, [0.15, 0.5])
    jobs = []
    for job in plant.jobs:
        steps, earliest, wait = list(job.operations), -500, 0
        for i, op in enumerate(steps):
            if rng.random() > share:
                wait += _pick(rng, [2 * pace, 2000, 8000])
                earliest = max(earliest, 0, job.release)
                continue
            eligible = plant.eligible_machines(op)
            held = eligible if op.requires_all else (_pick(rng, eligible),)
            start = max(earliest + wait, *(free[m] for m in held)) + _pick(rng, [0, 0, 20, 300])
            earliest, wait = start + _int(rng, 1, 2 * pace), 0
            steps[i] = replace(op, fixed=Fixed(held, start, earliest))
            free.update(dict.fromkeys(held, earliest))
        jobs.append(replace(job, operations=tuple(steps)))
    return replace(plant, jobs=tuple(jobs))
