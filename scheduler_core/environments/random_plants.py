"""Random plants for environments, training and evaluation, shaped like a metal-parts factory.

A plant is drawn from a seed and a ``PlantShape``; equal seeds and shapes give equal plants. The proportions follow the kind
of factory that the product is for: many machine types with few machines each, routings of 1 to 9 operations, processing of
0.3 to 65 hours, a quarter of the types loaded beyond the others, two shifts' worth of weekly windows with breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np

from scheduler_core.plant import (
    MINUTES_PER_DAY,
    Break,
    Calendar,
    Downtime,
    Holiday,
    Job,
    Machine,
    MachineType,
    Operation,
    Plant,
    WorkWindow,
)

TYPE_SIZES = (21, 21, 11, 8, 8, 7, 6, 6, 5, 4, 4, *[3] * 6, *[2] * 9, *[1] * 15)
"""Machines of each type in the full plant: 152 in 41 types."""
REGULAR_DAY, OVERTIME_DAY, SATURDAY = (390, 1080), (1080, 1170), (390, 780)
TEA = (Break("morning tea", 600, 615), Break("afternoon tea", 930, 945))
LUNCH = (Break("lunch", 750, 795),)
WORKING_DAY = 690
"""Working minutes of a weekday, overtime included, less breaks (rounded): used to scale due dates."""
SETUP_CHOICES = (0, 10, 15, 20, 30, 45, 60, 90)
MAX_MINUTES, MIN_MINUTES = 65 * 60, 18


class Breaks(StrEnum):
    """Which breaks interrupt the working day: each level takes more minutes from it than the one before."""

    NONE = "none"
    TEA = "tea"
    LUNCH = "lunch"
    FULL = "full"


BREAKS = {
    Breaks.NONE: (),
    Breaks.TEA: TEA,
    Breaks.LUNCH: LUNCH,
    Breaks.FULL: tuple(sorted(TEA + LUNCH, key=lambda b: b.start)),
}
"""The calendar's breaks at each level: 0, 30, 45 and 75 minutes a day."""


@dataclass(frozen=True)
class PlantShape:
    """What a random plant looks like.

    jobs, machines: sizes; tightness: 0 (loose due dates) to 1 (tight); spread: 0 (alike) to 1 (widely different slack);
    load: working days that the average bottleneck machine is busy; families: setup families; breaks: the calendar's.
    """

    jobs: int
    machines: int
    tightness: float = 0.5
    spread: float = 0.6
    load: float = 12.0
    families: int = 40
    important_share: float = 0.18
    simultaneous_share: float = 0.02
    downtime_share: float = 0.1
    breaks: Breaks = Breaks.FULL


@dataclass(frozen=True)
class PlantSeed:
    """All that a random plant depends on: what is kept of it where the plant itself would be too large."""

    seed: int
    shape: PlantShape

    def plant(self) -> Plant:
        """The plant."""
        return random_plant(self.seed, self.shape)


def random_plant(seed: int, shape: PlantShape) -> Plant:
    """The plant of the seed. Time: about 20 ms for 500 jobs."""
    rng = np.random.default_rng(seed)
    plan_start = datetime(2025, 1, 6, 6, 30) + timedelta(days=int(rng.integers(0, 364)))
    calendar = _calendar(rng, plan_start, shape.breaks)
    types, machines = _machines(rng, shape)
    members: dict[int, list[int]] = {}
    for m in machines:
        members.setdefault(m.type, []).append(m.id)
    demand = _type_demand(rng, members)
    routings = [_routing(rng, members, demand, shape) for _ in range(shape.jobs)]
    minutes = _scaled_minutes(rng, routings, members, shape)
    jobs = [_job(rng, i, routing, minutes[i], members, shape) for i, routing in enumerate(routings)]
    return Plant(
        name=f"random-{shape.machines}x{shape.jobs}-{seed}",
        timezone="Asia/Kuala_Lumpur",
        plan_start=plan_start,
        calendars=(calendar,),
        machine_types=types,
        machines=machines,
        jobs=tuple(jobs),
    )


def _calendar(rng: np.random.Generator, plan_start: datetime, breaks: Breaks) -> Calendar:
    week = [WorkWindow(day, *REGULAR_DAY) for day in range(1, 6)]
    week += [WorkWindow(day, *OVERTIME_DAY, kind="overtime") for day in range(1, 6)]
    week.append(WorkWindow(6, *SATURDAY))
    days: list[date] = [plan_start.date() + timedelta(days=int(d)) for d in rng.integers(3, 40, size=rng.integers(0, 3))]
    holidays = tuple(Holiday(d, "plant holiday") for d in sorted(set(days)))
    return Calendar("plant", tuple(week), BREAKS[breaks], holidays)


def _machines(rng: np.random.Generator, shape: PlantShape) -> tuple[tuple[MachineType, ...], tuple[Machine, ...]]:
    sizes = _type_sizes(rng, shape.machines)
    types = tuple(MachineType(t + 1, f"T{t + 1:02d}") for t in range(len(sizes)))
    machines: list[Machine] = []
    for t, size in enumerate(sizes):
        for _ in range(size):
            n = len(machines) + 1
            down: tuple[Downtime, ...] = ()
            if rng.random() < shape.downtime_share:
                start = int(rng.integers(0, 15 * MINUTES_PER_DAY))
                down = (Downtime(start, start + int(rng.integers(120, 2 * MINUTES_PER_DAY)), "maintenance"),)
            family = f"F{rng.integers(shape.families):02d}" if rng.random() < 0.65 else None
            machines.append(Machine(n, f"M{t + 1:02d}-{n:03d}", t + 1, "plant", None, family, down))
    return types, tuple(machines)


def _type_sizes(rng: np.random.Generator, machines: int) -> list[int]:
    if machines == sum(TYPE_SIZES):
        return list(TYPE_SIZES)
    sizes: list[int] = []
    while sum(sizes) < machines:
        sizes.append(min(int(rng.choice(TYPE_SIZES)), machines - sum(sizes), max(2, machines // 4)))
    return sizes


def _type_demand(rng: np.random.Generator, members: dict[int, list[int]]) -> dict[int, float]:
    """Operations per type are drawn in proportion to machines, four times as many per machine at a bottleneck quarter."""
    types = list(members)
    hot = set(rng.permutation(types)[: max(1, len(types) // 4)].tolist())
    return {t: len(m) * (rng.uniform(0.9, 1.3) if t in hot else rng.uniform(0.15, 0.6)) for t, m in members.items()}


_Routing = list[tuple[tuple[int, ...], tuple[int, ...]]]  # (machine types, machines needed at once) per operation


def _routing(
    rng: np.random.Generator, members: dict[int, list[int]], demand: dict[int, float], shape: PlantShape
) -> _Routing:
    length = int(np.clip(1 + rng.geometric(0.38) - (rng.random() < 0.25), 1, 9))
    types = np.array(list(demand))
    p = np.array(list(demand.values()))
    p /= p.sum()
    routing: _Routing = []
    for t in rng.choice(types, size=length, p=p):
        if rng.random() < shape.simultaneous_share:
            pool = [m for ids in members.values() for m in ids]
            held = rng.choice(pool, size=min(len(pool), int(rng.integers(2, 6))), replace=False)
            routing.append(((), tuple(sorted(int(m) for m in held))))
        else:
            routing.append(((int(t),), ()))
    return routing


def _scaled_minutes(
    rng: np.random.Generator, routings: list[_Routing], members: dict[int, list[int]], shape: PlantShape
) -> list[list[int]]:
    """Processing minutes, scaled so that the busiest quarter of the types has ``shape.load`` days of work a machine."""
    raw = [rng.lognormal(0.0, 0.95, size=len(r)) for r in routings]
    work = dict.fromkeys(members, 0.0)
    for routing, draws in zip(routings, raw, strict=True):
        for (types, _), x in zip(routing, draws, strict=True):
            for t in types:
                work[t] += x / len(members[t])
    busiest = sorted(work.values(), reverse=True)[: max(1, len(work) // 4)]
    scale = shape.load * WORKING_DAY / max(1e-9, float(np.mean(busiest)))
    return [[int(np.clip(round(x * scale), MIN_MINUTES, MAX_MINUTES)) for x in draws] for draws in raw]


def _job(
    rng: np.random.Generator,
    i: int,
    routing: _Routing,
    minutes: list[int],
    members: dict[int, list[int]],
    shape: PlantShape,
) -> Job:
    family = f"F{rng.integers(shape.families):02d}"
    product = f"CP{rng.integers(10, 40)}-{rng.integers(0, 999):03d}"
    operations = []
    for k, ((types, held), p) in enumerate(zip(routing, minutes, strict=True)):
        pool = held or tuple(members[types[0]])
        by_machine: dict[int, int] = {}
        if types and len(pool) > 1 and rng.random() < 0.3:
            by_machine = {int(m): max(MIN_MINUTES, int(p * rng.uniform(0.8, 1.3))) for m in pool if rng.random() < 0.5}
        operations.append(
            Operation(
                sequence=k + 1,
                process=f"{product}-{k + 1}/{len(routing)}",
                minutes=p,
                setup_minutes=int(rng.choice(SETUP_CHOICES)),
                machine_types=types,
                machines=held,
                minutes_by_machine=by_machine,
                requires_all=bool(held),
                preferred_machine=int(rng.choice(pool)) if types and rng.random() < 0.4 else None,
            )
        )
    # Most material is in stock at plan_start; the rest arrives over the next two weeks.
    release = int(rng.integers(-5, 1)) * MINUTES_PER_DAY
    if rng.random() < 0.35:
        release = int(rng.integers(1, 15)) * MINUTES_PER_DAY
    work_days = sum(minutes) / WORKING_DAY
    slack = shape.load * (1.05 - shape.tightness) * rng.uniform(1 - shape.spread, 1 + shape.spread)
    due_day = max(release, 0) / MINUTES_PER_DAY + 1.4 * (work_days + slack * rng.uniform(0.0, 1.0))
    due = int(due_day) * MINUTES_PER_DAY + MINUTES_PER_DAY - 391  # 23:59 of that day; plan_start is 06:30
    return Job(
        id=f"JO{i + 1:05d}",
        operations=tuple(operations),
        family=family,
        product=product,
        quantity=int(rng.integers(10, 2000)),
        important=bool(rng.random() < shape.important_share),
        release=release,
        due=due,
    )


SIZES = {
    "Toy": PlantShape(jobs=5, machines=2, load=4.0),
    "Medium": PlantShape(jobs=60, machines=10, tightness=0.7),
    "Scaled": PlantShape(jobs=172, machines=40, tightness=0.75),
    "Full": PlantShape(jobs=500, machines=152, tightness=0.8),
}
"""The environments' plants, from a first try to the whole factory."""
