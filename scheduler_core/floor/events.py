"""What happens on a floor while plans are carried out: the same for every way to plan.

A ``Stream`` is settled before anything is planned: which orders arrive when, which machines break down, and how long every
operation really takes on every machine. Real durations are drawn by the names of job, operation and machine, never by the
order in which operations happen to begin, so two plans that run an operation on the same machine see the same duration.
Minutes count from the start of the stream, which is the plan_start of its plant.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np

from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MINUTES_PER_DAY, Downtime, Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule

BREAKDOWN = "breakdown"
"""The reason that a downtime of an outage bears."""
OUTAGE_MINUTES = (120, MINUTES_PER_DAY)
"""Shortest and longest outage of a random stream, in minutes by the clock."""


@dataclass(frozen=True)
class Arrival:
    """An order that nobody knows before ``minute``."""

    minute: int
    job: Job


@dataclass(frozen=True)
class Outage:
    """Machine ``machine`` stands still from minute ``start`` for ``minutes``; nobody knows it before, all its end then."""

    machine: int
    start: int
    minutes: int

    @property
    def downtime(self) -> Downtime:
        """The outage as the plant's type."""
        return Downtime(self.start, self.start + self.minutes, BREAKDOWN)


@dataclass(frozen=True)
class Cancellation:
    """The customer cancels an order at ``minute``: operations that have begun are finished, none begins any more, and its
    due date no longer counts."""

    minute: int
    job: str


@dataclass(frozen=True)
class LateMaterial:
    """Material of an order comes at minute ``release`` only, later than its release says; nobody knows before ``minute``."""

    minute: int
    job: str
    release: int


@dataclass(frozen=True)
class Durations:
    """Real processing times: planned minutes times a lognormal factor with mean 1 and coefficient of variation ``variation``
    (0: everything takes as long as planned). Setups take what is planned."""

    seed: int = 0
    variation: float = 0.0

    def factor(self, job: str, sequence: int, machines: Sequence[int]) -> float:
        """Real over planned minutes of the operation there; depends on nothing but the seed and these names."""
        if not self.variation:
            return 1.0
        name = repr((self.seed, job, sequence, sorted(machines)))
        drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:6])
        variance = math.log1p(self.variation**2)
        return math.exp(NormalDist(-variance / 2, math.sqrt(variance)).inv_cdf((drawn + 0.5) / 2**48))

    def minutes(self, job: str, operation: Operation, machines: Sequence[int]) -> int:
        """Working minutes, at least 1, that the operation's processing really takes on the machines."""
        planned = operation.processing_minutes(machines)
        return max(1, round(planned * self.factor(job, operation.sequence, machines)))


@dataclass(frozen=True)
class Stream:
    """A plant and all that happens to it. ``still``: time stands still, so that every snapshot equals the first one.

    Raises InvalidValue for operations of the plant that are fixed but have not begun, for an arriving job that has one, and
    for a cancellation or late material of an unknown job, twice of the same job, or before its release.
    """

    plant: Plant
    arrivals: tuple[Arrival, ...] = ()
    outages: tuple[Outage, ...] = ()
    durations: Durations = Durations()
    still: bool = False
    cancellations: tuple[Cancellation, ...] = ()
    late_material: tuple[LateMaterial, ...] = ()

    def __post_init__(self) -> None:
        self._check_orders("cancellations", [c.job for c in self.cancellations])
        self._check_orders("late_material", [late.job for late in self.late_material])
        pinned = [op for j in self.plant.jobs for op in j.operations if op.fixed is not None and op.fixed.start > 0]
        pinned += [op for a in self.arrivals for op in a.job.operations if op.fixed is not None]
        if pinned:
            raise InvalidValue("fixed", pinned[0].process, "is pinned, and a floor is played without pins")
        for i, late in enumerate(self.late_material):
            if late.release < self._order_by_id[late.job].release:
                raise InvalidValue(f"late_material[{i}].release", late.release, "must not be before the order's release")

    def _check_orders(self, where: str, named: list[str]) -> None:
        for i, job in enumerate(named):
            if job not in self._order_by_id:
                raise InvalidValue(f"{where}[{i}].job", job, "must be an order of the plant or one that arrives")
            if job in named[:i]:
                raise InvalidValue(f"{where}[{i}].job", job, "is duplicated")

    @cached_property
    def _order_by_id(self) -> dict[str, Job]:
        return {job.id: job for job in (*self.plant.jobs, *(a.job for a in self.arrivals))}

    @cached_property
    def world(self) -> Plant:
        """The plant with every order that ever arrives, its material when it really comes, and every outage as a downtime:
        what nobody knows beforehand."""
        down: dict[int, list[Downtime]] = {}
        for outage in self.outages:
            down.setdefault(outage.machine, []).append(outage.downtime)
        late = {late.job: late for late in self.late_material}
        return replace(
            self.plant,
            jobs=tuple(_with_material(job, late.get(job.id)) for job in (*self.plant.jobs, *(a.job for a in self.arrivals))),
            machines=tuple(replace(m, downtime=(*m.downtime, *down.get(m.id, ()))) for m in self.plant.machines),
        )

    @cached_property
    def running_at_start(self) -> Schedule:
        """The operations that the plant has running, which end when it says."""
        return Schedule(
            tuple(
                Assignment(job.id, op.sequence, tuple(sorted(op.fixed.machines)), op.fixed.start, op.fixed.end)
                for job in self.plant.jobs
                for op in job.operations
                if op.fixed is not None
            )
        )

    def orders_known(self, minute: int) -> tuple[Job, ...]:
        """The jobs of the plant and those that have arrived by ``minute``, finished ones included, with the release that is
        known then; cancelled ones without a due date."""
        late = {late.job: late for late in self.late_material if late.minute <= minute}
        gone = self.orders_cancelled(minute)
        known = (*self.plant.jobs, *(a.job for a in self.arrivals if a.minute <= minute))
        if not late and not gone:
            return known
        told = (_with_material(job, late.get(job.id)) for job in known)
        return tuple(replace(job, due=None) if job.id in gone else job for job in told)

    def orders_cancelled(self, minute: int) -> frozenset[str]:
        """Ids of the orders that have been cancelled by ``minute``."""
        return frozenset(c.job for c in self.cancellations if c.minute <= minute)

    def outages_known(self, minute: int) -> tuple[Outage, ...]:
        """The outages that have begun by ``minute``, also those that are over."""
        return tuple(o for o in self.outages if o.start <= minute)


def random_stream(
    seed: int,
    shape: PlantShape,
    days: int,
    variation: float = 0.1,
    outages_a_day: float = 1.0,
    arrivals: float = 1.0,
    still: bool = False,
) -> Stream:
    """A random plant of ``shape.jobs`` orders and ``days`` days of arrivals and outages; equal arguments give equal streams.

    As many orders arrive in a week as the bottlenecks finish in five working days, so the load stays steady; ``arrivals``:
    multiples of that. ``variation``: of the real durations; ``outages_a_day``: over all machines, on average. A still
    stream has neither arrivals nor outages, and everything takes as long as planned.
    """
    if still:
        return Stream(random_plant(seed, shape), still=True)
    rng = np.random.default_rng((seed, days))
    daily = arrivals * 5 / 7 * shape.jobs / shape.load
    counts = rng.poisson(daily, size=days)
    plant, coming = _with_more_orders(seed, shape, int(counts.sum()))
    days_of = np.repeat(np.arange(days), counts)
    coming_orders = [
        Arrival(int(day) * MINUTES_PER_DAY + int(rng.integers(0, MINUTES_PER_DAY)), days_later(job, int(day)))
        for job, day in zip(coming, days_of, strict=True)
    ]
    machines = [m.id for m in plant.machines]
    outages = [
        Outage(
            machines[int(rng.integers(len(machines)))],
            int(rng.integers(days * MINUTES_PER_DAY)),
            int(rng.integers(*OUTAGE_MINUTES)),
        )
        for _ in range(int(rng.poisson(outages_a_day * days)))
    ]
    return Stream(
        plant,
        tuple(sorted(coming_orders, key=lambda a: (a.minute, a.job.id))),
        tuple(sorted(outages, key=lambda o: (o.start, o.machine))),
        Durations(seed, variation),
    )


def _with_more_orders(seed: int, shape: PlantShape, more: int) -> tuple[Plant, tuple[Job, ...]]:
    """A random plant and ``more`` orders for its machines, all drawn at once so that they are of one kind.

    The generator scales operations by the days of work of all orders together, and due dates by these days times
    ``1.05 - tightness``: with more orders both are scaled so that an order looks as it does without the others.
    """
    growth = (shape.jobs + more) / shape.jobs
    tightness = 1.05 - (1.05 - shape.tightness) / growth
    all_orders = replace(shape, jobs=shape.jobs + more, load=shape.load * growth, tightness=tightness)
    plant = random_plant(seed, all_orders)
    name = f"random-{shape.machines}x{shape.jobs}-{seed}"
    return replace(plant, name=name, jobs=plant.jobs[: shape.jobs]), plant.jobs[shape.jobs :]


def _with_material(job: Job, late: LateMaterial | None) -> Job:
    return job if late is None else replace(job, release=late.release)


def days_later(job: Job, days: int) -> Job:
    """The job with its release and due date so many days later."""
    shift = days * MINUTES_PER_DAY
    return replace(job, release=job.release + shift, due=None if job.due is None else job.due + shift)
