"""What differs between two schedules, also when they were made from snapshots of different moments.

Both are compared on the plant's wall clock, so a plan of yesterday can stand against one of today.

One definition of each word: operations that both schedules have are *compared*; of these a *changed* one has another start,
end or machine; of these a *moved* one is on another machine or starts over NOTICEABLE_MINUTES earlier or later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import NOTICEABLE_MINUTES, Assignment, Schedule


@dataclass(frozen=True)
class Place:
    """Where an operation stands in one schedule, on the plant's wall clock."""

    machines: tuple[int, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True)
class OperationChange:
    """One operation whose place differs. ``before`` None: only in the new schedule; ``after`` None: only in the old one."""

    job: str
    sequence: int
    before: Place | None
    after: Place | None

    @property
    def shift_minutes(self) -> int | None:
        """Minutes by which the start moved (positive: later), or None where one side has no such operation."""
        if self.before is None or self.after is None:
            return None
        return (self.after.start - self.before.start) // timedelta(minutes=1)

    @property
    def changed_machine(self) -> bool:
        """Whether both schedules have the operation, on different machines."""
        return self.before is not None and self.after is not None and set(self.before.machines) != set(self.after.machines)

    @property
    def moved(self) -> bool:
        """Whether both schedules have the operation, on different machines or starting over NOTICEABLE_MINUTES apart."""
        return self.changed_machine or abs(self.shift_minutes or 0) > NOTICEABLE_MINUTES


class JobChangeKind(StrEnum):
    """What became of a job's delivery; the values are the words that a planner reads."""

    BECAME_LATE = "became late"
    RECOVERED = "recovered"
    LATER = "later"
    EARLIER = "earlier"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True)
class JobChange:
    """One job whose completion differs. Lateness in signed minutes (None: no due date, or not in that schedule)."""

    job: Job
    kind: JobChangeKind
    before_end: datetime | None
    after_end: datetime | None
    before_lateness: int | None
    after_lateness: int | None
    machines_changed: int

    @property
    def shift_minutes(self) -> int | None:
        """Minutes by which the completion moved (positive: later)."""
        if self.before_end is None or self.after_end is None:
            return None
        return (self.after_end - self.before_end) // timedelta(minutes=1)


@dataclass(frozen=True)
class PlanDiff:
    """Everything that differs between two schedules; ``compared`` counts the operations that both have.

    The counts reconcile: moved = changed_machine + other_time, changed = moved + shifted, compared = changed + unchanged.
    """

    operations: tuple[OperationChange, ...]
    jobs: tuple[JobChange, ...]
    compared: int

    @property
    def is_empty(self) -> bool:
        """Whether the two schedules are the same plan."""
        return not self.operations

    @property
    def changed(self) -> int:
        """Operations of both schedules whose start, end or machine differs."""
        return sum(o.before is not None and o.after is not None for o in self.operations)

    @property
    def moved(self) -> int:
        """Operations on another machine, or starting over NOTICEABLE_MINUTES earlier or later."""
        return sum(o.moved for o in self.operations)

    @property
    def changed_machine(self) -> int:
        """Operations that run on another machine, at whatever time."""
        return sum(o.changed_machine for o in self.operations)

    @property
    def other_time(self) -> int:
        """Operations that stay on their machine and start over NOTICEABLE_MINUTES earlier or later."""
        return self.moved - self.changed_machine

    @property
    def shifted(self) -> int:
        """Operations that change without moving: by NOTICEABLE_MINUTES at most, or in their end only."""
        return self.changed - self.moved

    @property
    def unchanged(self) -> int:
        """Operations that both schedules have at the same place."""
        return self.compared - self.changed

    def count(self, kind: JobChangeKind) -> int:
        """Jobs of one kind of change."""
        return sum(j.kind is kind for j in self.jobs)


def plan_diff(before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule) -> PlanDiff:
    """What changes for the floor when ``after`` takes the place of ``before``; operations in order of job and sequence.

    Operations that the new snapshot no longer knows (finished meanwhile) are no change of plan and are left out.
    """
    old = {k: _place(before_plant, a) for k, a in before.by_operation.items()}
    new = {k: _place(after_plant, a) for k, a in after.by_operation.items()}
    changes = tuple(
        OperationChange(job, sequence, old.get((job, sequence)), new.get((job, sequence)))
        for job, sequence in sorted(old.keys() | new.keys())
        if _differs(old.get((job, sequence)), new.get((job, sequence))) and job in after_plant.job_by_id
        and ((job, sequence) in new or _still_known(after_plant, job, sequence))
    )  # fmt: skip
    machine_changes: dict[str, int] = {}
    for change in changes:
        if change.changed_machine:
            machine_changes[change.job] = machine_changes.get(change.job, 0) + 1
    return PlanDiff(
        operations=changes,
        jobs=_job_changes(before_plant, before, after_plant, after, machine_changes),
        compared=len(old.keys() & new.keys()),
    )


def share_moved(
    before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule, now: datetime, hours: int = 24
) -> float | None:
    """Share (0 to 1) of the operations due to start within ``hours`` of ``now`` that the new schedule moves (see
    ``due_and_moved``). None when nothing was due to start."""
    due, moved = due_and_moved(before_plant, before, after_plant, after, now, hours)
    return len(moved) / len(due) if due else None


def due_and_moved(
    before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule, now: datetime, hours: int | None = None
) -> tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]]:
    """The operations, as (job, sequence), that are due to start within ``hours`` of ``now`` (None: at any time from now on),
    and those of them that the new schedule moves.

    An operation counts as moved when its machine changes or its start shifts by more than NOTICEABLE_MINUTES, as in
    ``OperationChange.moved``. Finished operations do not count.
    """
    due: set[tuple[str, int]] = set()
    moved: set[tuple[str, int]] = set()
    for key, assignment in before.by_operation.items():
        was = _place(before_plant, assignment)
        becomes = after.by_operation.get(key)
        if becomes is None or was.start < now or (hours is not None and was.start >= now + timedelta(hours=hours)):
            continue
        due.add(key)
        if OperationChange(*key, was, _place(after_plant, becomes)).moved:
            moved.add(key)
    return frozenset(due), frozenset(moved)


def _place(plant: Plant, assignment: Assignment) -> Place:
    return Place(assignment.machines, plant.time_of(assignment.start), plant.time_of(assignment.end))


def _differs(before: Place | None, after: Place | None) -> bool:
    if before is None or after is None:
        return True
    return before.start != after.start or before.end != after.end or set(before.machines) != set(after.machines)


def _still_known(plant: Plant, job: str, sequence: int) -> bool:
    return any(o.sequence == sequence for o in plant.job_by_id[job].operations)


def _completions(plant: Plant, schedule: Schedule) -> dict[str, datetime]:
    ends: dict[str, int] = {}
    for a in schedule.assignments:
        ends[a.job] = max(ends.get(a.job, a.end), a.end)
    return {job: plant.time_of(end) for job, end in ends.items()}


def _job_changes(
    before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule, machine_changes: Mapping[str, int]
) -> tuple[JobChange, ...]:
    old_end, new_end = _completions(before_plant, before), _completions(after_plant, after)
    old_late, new_late = job_lateness(before_plant, before), job_lateness(after_plant, after)
    changes = []
    for job in sorted(old_end.keys() | new_end.keys()):
        was, now = old_end.get(job), new_end.get(job)
        known = after_plant.job_by_id.get(job) or before_plant.job_by_id[job]
        if was == now and job not in machine_changes:
            continue
        kind = _kind(was, now, old_late.get(job), new_late.get(job))
        if kind is None:
            continue
        changes.append(JobChange(known, kind, was, now, old_late.get(job), new_late.get(job), machine_changes.get(job, 0)))
    return tuple(changes)


def _kind(was: datetime | None, now: datetime | None, was_late: int | None, now_late: int | None) -> JobChangeKind | None:
    if was is None:
        return JobChangeKind.NEW
    if now is None:
        return JobChangeKind.GONE
    late_before, late_after = (was_late or 0) > 0, (now_late or 0) > 0
    if late_after and not late_before:
        return JobChangeKind.BECAME_LATE
    if late_before and not late_after:
        return JobChangeKind.RECOVERED
    if now == was:
        return None
    return JobChangeKind.LATER if now > was else JobChangeKind.EARLIER
