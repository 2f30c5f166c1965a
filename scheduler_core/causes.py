"""Why an operation starts when it does, and why a job is late: answers in a planner's words that add up exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler_core.hours import Hours
from scheduler_core.kpis import job_lateness
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule


class Reason(StrEnum):
    """What an operation's start was waiting for last."""

    FIXED = "fixed"  # it already runs, or was fixed there
    PREVIOUS_OPERATION = "previous operation"
    MACHINE_BUSY = "machine busy"
    MATERIAL = "material"  # the job's release
    PLAN_START = "plan start"  # nothing: it starts as soon as the plan does
    HELD_BACK = "held back"  # the plan leaves it later than it has to be


@dataclass(frozen=True)
class Link:
    """Why ``assignment`` starts when it does.

    since: the minute from which it could have started but for closed hours; waits_for_shift: minutes from then to the
    next opening of its machine; blocker: the operation that it had to wait for, if any; held_back: minutes by which it
    starts later than necessary.
    """

    assignment: Assignment
    reason: Reason
    since: int
    waits_for_shift: int = 0
    blocker: Assignment | None = None
    held_back: int = 0


@dataclass(frozen=True)
class Wait:
    """Working minutes in which an operation was ready, but its machine was busy with other operations."""

    machine: int
    minutes: int
    behind: str | None
    """The job that held the machine longest meanwhile."""


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
    held_back: int
    closed: int
    released_late: int

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


class Cause(StrEnum):
    """The one thing that made a job late; the values are a planner's words."""

    ALREADY_OVERDUE = "already overdue"
    RELEASED_LATE = "material comes too late"
    TOO_MUCH_WORK = "more work than time"
    MACHINE = "waits for a machine"
    CLOSED = "closed hours"
    HELD_BACK = "held back"


@dataclass(frozen=True)
class LateJob:
    """A late job with the one cause that explains most of it; ``minutes`` belong to that cause."""

    lead_time: LeadTime
    cause: Cause
    minutes: int

    @property
    def job(self) -> Job:
        """The late job."""
        return self.lead_time.job


class Explainer:
    """Answers questions about one schedule of one plant; build it once and ask often."""

    def __init__(self, plant: Plant, schedule: Schedule, hours: Hours | None = None) -> None:
        self.plant = plant
        self.schedule = schedule
        self.hours = hours or Hours(plant, schedule)
        self._operations: Mapping[tuple[str, int], Operation] = {
            (j.id, o.sequence): o for j in plant.jobs for o in j.operations
        }
        self._of_job: dict[str, list[Assignment]] = {}
        for a in schedule.assignments:
            self._of_job.setdefault(a.job, []).append(a)
        for chain in self._of_job.values():
            chain.sort(key=lambda a: a.sequence)
        self._lateness = job_lateness(plant, schedule)

    # ------------------------------------------------------------------ one operation
    def link(self, assignment: Assignment) -> Link:
        """What decided the start of this operation."""
        job = self.plant.job_by_id[assignment.job]
        if self._operations[assignment.key].fixed is not None:
            return Link(assignment, Reason.FIXED, assignment.start)
        since, reason, blocker = 0, Reason.PLAN_START, None
        chain = self._of_job[assignment.job]
        place = chain.index(assignment)
        if place == 0 and job.release > since:
            since, reason = job.release, Reason.MATERIAL
        for machine in assignment.machines:
            before = self._previous_on(machine, assignment)
            if before is not None and before.end > since:
                since, reason, blocker = before.end, Reason.MACHINE_BUSY, before
        if place > 0 and chain[place - 1].end >= since:
            blocker = chain[place - 1]
            since, reason = blocker.end, Reason.PREVIOUS_OPERATION
        opens = self.hours.next_working(assignment.machines, since)
        held_back = max(0, self.hours.working(assignment.machines, since, assignment.start))
        if held_back > 0:
            return Link(assignment, Reason.HELD_BACK, since, 0, blocker, held_back)
        return Link(assignment, reason, since, opens - since, blocker)

    def chain(self, assignment: Assignment, limit: int = 50) -> tuple[Link, ...]:
        """The links that decided the start, from this operation back to the one that waited for nothing."""
        links = [self.link(assignment)]
        while links[-1].blocker is not None and len(links) < limit:
            links.append(self.link(links[-1].blocker))
        return tuple(links)

    # ------------------------------------------------------------------ one job
    def lead_time(self, job: Job) -> LeadTime:
        """Where the job's time goes. Raises KeyError if the schedule has no operation of it."""
        chain = self._of_job[job.id]
        start = min(0, chain[0].start)
        released = max(start, min(job.release, chain[0].start))
        released_late = self.hours.working(chain[0].machines, start, released)
        processing = setup = held_back = 0
        closed = released - start - released_late
        busy: Counter[int] = Counter()
        behind: dict[int, Counter[str]] = {}
        ready = released
        for a in chain:
            open_gap = self.hours.working(a.machines, ready, a.start)
            closed += max(0, a.start - ready) - open_gap
            machine, waited, holders = self._busy_wait(a, ready, open_gap)
            busy[machine] += waited
            behind.setdefault(machine, Counter()).update(holders)
            held_back += open_gap - waited
            # Where operations overlap (a fixed one may), no minute is counted twice.
            begin = max(a.start, ready)
            work = self.hours.working(a.machines, begin, a.end) or max(0, a.end - begin)
            closed += max(0, a.end - begin) - work
            setup += min(a.setup_minutes, work)
            processing += work - min(a.setup_minutes, work)
            ready = max(ready, a.end)
        waits = tuple(
            Wait(m, minutes, behind[m].most_common(1)[0][0] if behind[m] else None)
            for m, minutes in busy.most_common()
            if minutes > 0
        )
        return LeadTime(
            job, start, ready, self._lateness.get(job.id), processing, setup, waits, held_back, closed, released_late
        )

    def late_jobs(self) -> tuple[LateJob, ...]:
        """Every late job with its cause, the worst (weight times tardiness) first."""
        late = [j for j in self.plant.jobs if (self._lateness.get(j.id) or 0) > 0 and j.id in self._of_job]
        late.sort(key=lambda j: (-j.weight * (self._lateness[j.id] or 0), j.id))
        return tuple(self._explain(j) for j in late)

    def late_job(self, job: Job) -> LateJob | None:
        """The job with its cause, or None if it is not late."""
        return self._explain(job) if (self._lateness.get(job.id) or 0) > 0 and job.id in self._of_job else None

    # ------------------------------------------------------------------ inside
    def _explain(self, job: Job) -> LateJob:
        lead = self.lead_time(job)
        assert job.due is not None  # a job without a due date is never late
        if job.due <= lead.start:
            return LateJob(lead, Cause.ALREADY_OVERDUE, lead.start - job.due)
        if job.release >= job.due:
            return LateJob(lead, Cause.RELEASED_LATE, lead.released_late)
        if self._end_without_waiting(job) > job.due:
            return LateJob(lead, Cause.TOO_MUCH_WORK, lead.processing + lead.setup)
        worst = lead.longest_wait
        parts = {
            Cause.MACHINE: worst.minutes if worst else 0,
            Cause.RELEASED_LATE: lead.released_late,
            Cause.HELD_BACK: lead.held_back,
        }
        cause = max(parts, key=lambda c: parts[c])
        # Nights and weekends pass for every job: they are named only where nothing else was waited for.
        if parts[cause] == 0:
            return LateJob(lead, Cause.CLOSED, lead.closed)
        return LateJob(lead, cause, parts[cause])

    def _end_without_waiting(self, job: Job) -> int:
        """When the job would end if each of its machines were free the moment that it is needed."""
        moment = max(0, job.release)
        for a in self._of_job[job.id]:
            if self._operations[a.key].fixed is not None:
                moment = a.end
                continue
            work = self.hours.working(a.machines, a.start, a.end)
            moment = self.hours.after_working(a.machines, moment, work)
        return moment

    def _previous_on(self, machine: int, assignment: Assignment) -> Assignment | None:
        row = self.schedule.by_machine[machine]
        place = next(i for i, a in enumerate(row) if a is assignment)
        return row[place - 1] if place else None

    def _busy_wait(self, assignment: Assignment, ready: int, open_gap: int) -> tuple[int, int, Counter[str]]:
        """The machine waited for, the working minutes in which it was busy, and which jobs held it how long.

        Of several machines needed at once the one that was busy longest counts; never more than the open gap.
        """
        best, most, holders = assignment.machines[0], 0, Counter[str]()
        if open_gap == 0:
            return best, 0, holders
        for machine in assignment.machines:
            held: Counter[str] = Counter()
            for other, start, end in self._on_machine_between(machine, ready, assignment.start):
                held[other.job] += self.hours.working(assignment.machines, start, end)
            total = min(open_gap, sum(held.values()))
            if total > most:
                best, most, holders = machine, total, held
        return best, most, holders

    def _on_machine_between(self, machine: int, start: int, end: int) -> Iterator[tuple[Assignment, int, int]]:
        for a in self.schedule.by_machine[machine]:
            if a.start >= end:
                return
            if a.end > start:
                yield a, max(start, a.start), min(end, a.end)
