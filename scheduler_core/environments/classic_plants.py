"""Random plants shaped like the classic job shops: around the clock, no setups, no due dates, everything there at the start.

A job shop sends every job once over every machine; in a flexible one an operation has a choice of machines, with equal or
different minutes. Equal seeds and shapes give equal plants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from scheduler_core.plant import MINUTES_PER_DAY, Calendar, Job, Machine, MachineType, Operation, Plant, WorkWindow

PLAN_START = datetime(2024, 1, 1)


@dataclass(frozen=True)
class ClassicShape:
    """What a random classic plant looks like.

    jobs, machines: sizes; eligible: machines that an operation may choose from on average (1: a job shop); alike: whether
    its minutes are the same on all of them; longest: minutes are drawn from 1 to this.
    """

    jobs: int
    machines: int
    eligible: float = 1.0
    alike: bool = True
    longest: int = 99


def classic_plant(seed: int, shape: ClassicShape) -> Plant:
    """The plant of the seed."""
    rng = np.random.default_rng(seed)
    always = Calendar("always", tuple(WorkWindow(day, 0, MINUTES_PER_DAY) for day in range(1, 8)))
    return Plant(
        name=f"classic-{shape.machines}x{shape.jobs}-{seed}",
        timezone="UTC",
        plan_start=PLAN_START,
        calendars=(always,),
        machine_types=tuple(MachineType(m + 1, f"M{m + 1}") for m in range(shape.machines)),
        machines=tuple(Machine(m + 1, f"M{m + 1}", m + 1, always.id) for m in range(shape.machines)),
        jobs=tuple(_job(rng, j + 1, shape) for j in range(shape.jobs)),
    )


def _job(rng: np.random.Generator, number: int, shape: ClassicShape) -> Job:
    if shape.eligible <= 1.0:
        route = rng.permutation(shape.machines)
    else:
        # Flexible jobs differ in length and may come to a machine more than once.
        route = rng.integers(0, shape.machines, size=int(rng.integers(max(1, shape.machines // 2), shape.machines + 3)))
    return Job(f"J{number}", tuple(_operation(rng, number, k + 1, int(m), shape) for k, m in enumerate(route)), family="")


def _operation(rng: np.random.Generator, job: int, sequence: int, first: int, shape: ClassicShape) -> Operation:
    others = int(rng.binomial(shape.machines - 1, min(1.0, (shape.eligible - 1.0) / max(1, shape.machines - 1))))
    machines = {first, *rng.permutation(shape.machines)[:others].tolist()}
    drawn = [int(rng.integers(1, shape.longest + 1))] * len(machines)
    if not shape.alike:
        drawn = rng.integers(1, shape.longest + 1, size=len(machines)).tolist()
    minutes = {int(m) + 1: int(p) for m, p in zip(sorted(machines), drawn, strict=True)}
    return Operation(
        sequence=sequence,
        process=f"J{job}-{sequence}",
        minutes=min(minutes.values()),
        machines=tuple(minutes),
        minutes_by_machine=minutes if len(set(minutes.values())) > 1 else {},
    )
