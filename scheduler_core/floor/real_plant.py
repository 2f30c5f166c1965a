"""The plant as it turned out: what the independent judge takes to judge an executed schedule."""

from __future__ import annotations

import math
from dataclasses import replace

from scheduler_core.floor.events import Stream
from scheduler_core.floor.noise import DurationNoise, factor
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import Schedule


def real_plant(stream: Stream, noise: DurationNoise, seed: int, executed: Schedule) -> Plant:
    """The stream's plant with outages as downtimes, each executed operation's real minutes where it ran, material and orders
    from when they really came on, and of cancelled orders only what was executed."""
    arrived = {a.job.id: a.minute for a in stream.arrivals}
    cancelled = {c.job for c in stream.cancellations}
    jobs: list[Job] = []
    for job in stream.world.jobs:
        done = tuple(
            _with_real_minutes(job, op, noise, seed, executed)
            for op in job.operations
            if job.id not in cancelled or (job.id, op.sequence) in executed.by_operation
        )
        if done:
            jobs.append(replace(job, operations=done, release=max(job.release, arrived.get(job.id, job.release))))
    return replace(stream.world, jobs=tuple(jobs))


def _with_real_minutes(job: Job, op: Operation, noise: DurationNoise, seed: int, executed: Schedule) -> Operation:
    place = executed.by_operation.get((job.id, op.sequence))
    if place is None or op.fixed is not None:
        return op
    drawn = factor(noise, seed, job.id, op, place.machines, place.start)
    minutes = max(1, math.floor(op.processing_minutes(place.machines) * drawn + 0.5))
    return replace(op, minutes=minutes, minutes_by_machine={})
