"""Where a job's time went: minutes that add up exactly to its lead time, operation by operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduler_core.causes.start_causes import Starts
from scheduler_core.plant import Job
from scheduler_core.schedule import Assignment


@dataclass(frozen=True)
class Wait:
    """Working minutes in which an operation was ready, but its machine was busy with other operations.

    jobs: (job id, minutes) of those that held it meanwhile, the longest first; they add up to ``minutes``.
    """

    machine: int
    minutes: int
    jobs: tuple[tuple[str, int], ...] = ()

    @property
    def behind(self) -> str | None:
        """The job that held the machine longest meanwhile."""
        return self.jobs[0][0] if self.jobs else None


@dataclass(frozen=True)
class Step:
    """One operation's share of the lead time, from ``ready`` to its end. All parts are minutes.

    wait: for its busy machine, if it waited; closed_before and closed_inside: hours in which its machines do not work,
    before it starts and while it pauses.
    """

    assignment: Assignment
    ready: int
    wait: Wait | None
    held_back: int
    setup: int
    processing: int
    closed_before: int
    closed_inside: int

    @property
    def waiting(self) -> int:
        """Working minutes spent waiting for a busy machine."""
        return self.wait.minutes if self.wait else 0


@dataclass(frozen=True)
class LeadTime:
    """A job's time from ``start`` (the plan's, or of its first operation if earlier) to ``end``, split without a rest.

    All parts are minutes and add up to ``end - start``. All but ``closed`` are open minutes of the machines at hand, so that
    they can be compared: an hour of waiting weighs the same whether a night follows it or not.
    """

    job: Job
    start: int
    end: int
    lateness: int | None
    processing: int
    setup: int
    waits: tuple[Wait, ...]
    """By machine, the longest first."""
    held_back: int
    closed: int
    released_late: int
    steps: tuple[Step, ...]

    @property
    def waiting(self) -> int:
        """Minutes spent waiting for busy machines."""
        return sum(w.minutes for w in self.waits)

    @property
    def total(self) -> int:
        """Sum of all parts."""
        return self.processing + self.setup + self.waiting + self.held_back + self.closed + self.released_late

    @property
    def longest_wait(self) -> Wait | None:
        """The machine that cost the job most waiting."""
        return max(self.waits, key=lambda w: w.minutes, default=None)


def lead_time(starts: Starts, job: Job, lateness: int | None) -> LeadTime:
    """Where the job's time goes. Raises KeyError if the schedule has no operation of it."""
    chain = starts.of_job[job.id]
    start = min(0, chain[0].start)
    released = max(start, min(job.release, chain[0].start))
    released_late = starts.hours.working(chain[0].machines, start, released)
    steps: list[Step] = []
    ready = released
    for a in chain:
        steps.append(_step(starts, a, ready))
        ready = max(ready, a.end)
    return LeadTime(
        job=job,
        start=start,
        end=ready,
        lateness=lateness,
        processing=sum(s.processing for s in steps),
        setup=sum(s.setup for s in steps),
        waits=_by_machine([s.wait for s in steps if s.wait]),
        held_back=sum(s.held_back for s in steps),
        closed=released - start - released_late + sum(s.closed_before + s.closed_inside for s in steps),
        released_late=released_late,
        steps=tuple(steps),
    )


def _step(starts: Starts, a: Assignment, ready: int) -> Step:
    hours = starts.hours
    open_gap = hours.working(a.machines, ready, a.start)
    wait = _busy_wait(starts, a, ready, open_gap)
    # Where operations overlap (a fixed one may), no minute is counted twice.
    begin = max(a.start, ready)
    span = max(0, a.end - begin)
    work = hours.working(a.machines, begin, a.end) or span
    setup = min(a.setup_minutes, work)
    return Step(
        assignment=a,
        ready=ready,
        wait=wait,
        held_back=open_gap - (wait.minutes if wait else 0),
        setup=setup,
        processing=work - setup,
        closed_before=max(0, a.start - ready) - open_gap,
        closed_inside=span - work,
    )


def _busy_wait(starts: Starts, a: Assignment, ready: int, open_gap: int) -> Wait | None:
    """The machine waited for and who held it; None if it did not wait.

    Of several machines needed at once the one that was busy longest counts; never more than the open gap.
    """
    best: Wait | None = None
    if open_gap == 0:
        return best
    for machine in a.machines:
        row = starts.row(machine)
        places = row.between(ready, a.start)
        begins, ends = np.maximum(row.starts[places], ready), np.minimum(row.ends[places], a.start)
        # A faulty schedule may overlap: nobody waits longer than the gap.
        sums = np.minimum(np.cumsum(starts.hours.working_each(a.machines, begins, ends)), open_gap)
        minutes = int(sums[-1]) if sums.size else 0
        if minutes > (best.minutes if best else 0):
            best = Wait(machine, minutes, _held(row.jobs[places], np.diff(sums, prepend=0).tolist()))
    return best


def _held(jobs: Sequence[str], minutes: Sequence[int]) -> tuple[tuple[str, int], ...]:
    held: Counter[str] = Counter()
    for job, share in zip(jobs, minutes, strict=True):
        held[job] += share
    return _longest_first(held)


def _by_machine(waits: list[Wait]) -> tuple[Wait, ...]:
    by_machine: dict[int, list[Wait]] = {}
    for wait in waits:
        by_machine.setdefault(wait.machine, []).append(wait)
    # Most machines are waited for once; of thousands of jobs those waits are kept once, not twice.
    merged = [own[0] if len(own) == 1 else _merged(machine, own) for machine, own in by_machine.items()]
    return tuple(sorted(merged, key=lambda w: -w.minutes))


def _merged(machine: int, waits: list[Wait]) -> Wait:
    held: Counter[str] = Counter()
    for wait in waits:
        held.update(dict(wait.jobs))
    return Wait(machine, held.total(), _longest_first(held))


def _longest_first(held: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((job, minutes) for job, minutes in held.most_common() if minutes > 0)
