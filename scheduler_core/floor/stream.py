"""A stream played: a way to plan makes a plan at every snapshot, the floor carries it out until the next one.

Every policy (way to plan) carries out its own plans, and all meet the same events. What counts is what was executed: the
weighted tardiness of all orders known at the last snapshot, whose plan is carried out to its end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Protocol

from scheduler_core.engines.repair.right_shift import shifted
from scheduler_core.floor.events import Durations, Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.floor.moves import Moves, moves
from scheduler_core.floor.snapshot import rebased, snapshot
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.arrays import pack


class Policy(Protocol):
    """A way to plan."""

    def __call__(self, plant: Plant, carried: Schedule | None, seconds: float, seed: int, /) -> Schedule:
        """A plan of ``plant`` (a snapshot) within ``seconds``.

        ``carried``: the plan in force in the snapshot's minutes, less what is finished; it may break the snapshot's rules,
        begin before minute 0 and lack new orders. None: there is no plan yet.
        """


@dataclass(frozen=True)
class Replan:
    """One snapshot's plan.

    ``tardiness``: planned, weighted days. What moves: ``raw``, from the plan in force; ``beyond_shift``, from that plan
    right-shifted; ``beyond_floor``, from what the floor makes of it with planned durations, where it begins early whatever
    can begin early; ``beyond_both``, from the one and from the other.
    """

    minute: int
    operations: int
    new_orders: int
    tardiness: float
    raw: Moves
    beyond_shift: Moves
    beyond_floor: Moves
    beyond_both: Moves
    cpu_seconds: float


@dataclass(frozen=True)
class Played:
    """What came of a stream. ``tardiness``: executed, weighted days, over all ``orders``; ``accrued``: the part of it that
    had come about at ``until``, one interval after the last snapshot; ``late``: orders that ended late."""

    tardiness: float
    accrued: float
    late: int
    orders: int
    until: int
    replans: tuple[Replan, ...]
    executed: Schedule


def play(
    stream: Stream,
    policy: Policy,
    first: Schedule,
    snapshots: int,
    hours_between: float = 24.0,
    seconds: float = 10.0,
    seed: int = 0,
) -> Played:
    """Carries out ``first``, a plan of the stream's plant, and replans ``snapshots`` times, every ``hours_between`` hours.

    ``seconds`` and ``seed`` go to the policy, the seed raised by one with every snapshot. In a still stream no time passes
    between the snapshots. What the floor does is the same for equal plans; time for right-shift and the floor is not the
    policy's. That an order is cancelled counts from the next snapshot on.
    """
    interval = 0 if stream.still else round(hours_between * 60)
    floor = Floor(stream.world, stream.durations)
    begun, seen, plan, now = stream.running_at_start, stream.plant, first, 0
    replans: list[Replan] = []
    for number in range(1, snapshots + 1):
        begun = floor.follow(begun, rebased(plan, seen, stream.world), now, now + interval)
        now += interval
        plant = stream.plant if stream.still else snapshot(stream, floor, begun, now)
        carried = rebased(plan, seen, plant)
        before = time.process_time()
        made = policy(plant, carried, seconds, seed + number)
        replans.append(_replan(now, seen, plan, plant, carried, made, time.process_time() - before))
        seen, plan = plant, made
    executed = floor.follow(begun, rebased(plan, seen, stream.world), now)
    return _played(stream, executed, now, now + interval, tuple(replans))


def projected(plant: Plant, carried: Schedule) -> Schedule:
    """The carried plan as the floor follows it from minute 0 of the snapshot ``plant`` if all takes as long as planned."""
    return Floor(plant, Durations()).follow(Stream(plant).running_at_start, carried, 0)


def right_shifted(plant: Plant, carried: Schedule) -> Schedule:
    """The carried plan pushed to the right as far as the snapshot ``plant`` asks, without the orders that it lacks."""
    jobs = {a.job for a in carried.assignments}
    known = replace(plant, jobs=tuple(job for job in plant.jobs if job.id in jobs))
    return shifted(known, pack(known), carried)


def _replan(
    minute: int, seen: Plant, plan: Schedule, plant: Plant, carried: Schedule, made: Schedule, cpu_seconds: float
) -> Replan:
    known = seen.job_by_id
    pushed, followed = right_shifted(plant, carried), projected(plant, carried)
    return Replan(
        minute=minute,
        operations=plant.operation_count,
        new_orders=sum(job.id not in known for job in plant.jobs),
        tardiness=measure(plant, made).weighted_tardiness_days,
        raw=moves(seen, plan, plant, made),
        beyond_shift=moves(plant, pushed, plant, made),
        beyond_floor=moves(plant, followed, plant, made),
        beyond_both=moves(plant, pushed, plant, made, followed),
        cpu_seconds=cpu_seconds,
    )


def _played(stream: Stream, executed: Schedule, now: int, until: int, replans: tuple[Replan, ...]) -> Played:
    ends: dict[str, int] = {}
    for a in executed.assignments:
        ends[a.job] = max(ends.get(a.job, a.end), a.end)
    orders = stream.orders_known(now)
    wanted = [(job, job.due) for job in orders if job.due is not None]
    return Played(
        tardiness=sum(job.weight * max(0, ends[job.id] - due) for job, due in wanted) / MINUTES_PER_DAY,
        accrued=sum(job.weight * max(0, min(until, ends[job.id]) - due) for job, due in wanted) / MINUTES_PER_DAY,
        late=sum(ends[job.id] > due for job, due in wanted),
        orders=len(orders),
        until=until,
        replans=replans,
        executed=executed,
    )
