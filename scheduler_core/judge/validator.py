"""The judge: does a schedule obey the plant's hard constraints?

One function per constraint, numbered and named as in the interchange format. It sees only the plant and the finished
schedule, and shares no code with anything that builds one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from scheduler_core.judge.schedule_index import Placed, ScheduleIndex
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


class Rule(StrEnum):
    """The hard constraints, in the order of their numbers 1 to 9."""

    COMPLETENESS = "completeness"
    ELIGIBILITY = "eligibility"
    WORKING_TIME = "working-time"
    DURATION = "duration"
    SETUP = "setup"
    NO_OVERLAP = "no-overlap"
    PRECEDENCE = "precedence"
    RELEASE = "release"
    FIXED = "fixed"

    @property
    def number(self) -> int:
        """The constraint's number, from 1."""
        return list(Rule).index(self) + 1


@dataclass(frozen=True)
class Violation:
    """One constraint broken by one operation; ``machine`` is the machine it is about, if it is about one."""

    rule: Rule
    job: str
    sequence: int
    machine: int | None
    message: str


def violations(plant: Plant, schedule: Schedule) -> tuple[Violation, ...]:
    """Everything that is wrong with the schedule, in the order of the rules; empty for a valid schedule.

    Of an operation's assignments the first usable one is judged (known operation, known machines); rules 3 to 9 look at
    no other.
    """
    index = ScheduleIndex(plant, schedule)
    return tuple(v for judge in JUDGES for v in judge(index))


def completeness(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 1: every operation is scheduled exactly once, and nothing else is."""
    usable: Counter[tuple[str, int]] = Counter()
    for a in index.schedule.assignments:
        if a.key not in index.operations:
            message = f"{_name(*a.key)} is scheduled, but the plant has no such operation"
            yield Violation(Rule.COMPLETENESS, *a.key, None, message)
        elif usable[a.key]:
            message = f"{_name(*a.key)} is scheduled more than once: again at {_clock(index, a.start)}"
            yield Violation(Rule.COMPLETENESS, *a.key, None, message)
        usable[a.key] += _is_usable(index, a.machines)
    for key in index.operations:
        if key not in index.placed:
            yield Violation(Rule.COMPLETENESS, *key, None, f"{_name(*key)} is not scheduled")


def eligibility(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 2: an operation runs on one eligible machine; with ``requires_all``, on all of them at once."""
    plant, judged = index.plant, set[tuple[str, int]]()
    for a in index.schedule.assignments:
        if a.key not in index.operations or a.key in judged:
            continue
        operation = index.operations[a.key][1]
        eligible = plant.eligible_machines(operation)
        unknown = [m for m in a.machines if m not in plant.machine_by_id]
        machine = a.machines[0] if len(a.machines) == 1 else None
        problem = None
        if not a.machines:
            problem = "runs on no machine"
        elif unknown:
            problem = f"runs on {_ids(unknown)}, which the plant does not have"
        elif len(set(a.machines)) != len(a.machines):
            problem = f"names a machine twice: {_ids(a.machines)}"
        elif operation.requires_all:
            if set(a.machines) != set(eligible):
                problem = f"runs on {_ids(a.machines)}, but needs all of {_ids(eligible)} at once"
        elif machine is None:
            problem = f"runs on {_ids(a.machines)}, but needs one machine"
        elif machine not in eligible:
            problem = f"runs on {_ids(a.machines)}, which is not eligible: {_ids(eligible)}"
        if problem:
            yield Violation(Rule.ELIGIBILITY, *a.key, machine, f"{_name(*a.key)} {problem}")
        if _is_usable(index, a.machines):
            judged.add(a.key)


def working_time(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 3: an operation starts in a working minute and ends right after its last one."""
    for p in _not_fixed(index):
        worked = index.worked(p)
        if p.end <= p.start:
            message = f"ends at {_clock(index, p.end)}, not after its start {_clock(index, p.start)}"
            yield _violation(Rule.WORKING_TIME, p, message)
            continue
        if not worked.works(p.start):
            message = f"starts at {_clock(index, p.start)}, when {_ids(p.machines)} does not work"
            yield _violation(Rule.WORKING_TIME, p, message)
        if not worked.works(p.end - 1):
            message = f"ends at {_clock(index, p.end)}, and {_ids(p.machines)} does not work in the minute before"
            yield _violation(Rule.WORKING_TIME, p, message)


def duration(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 4: the working minutes in [start, end) equal setup and processing minutes."""
    for p in _not_fixed(index):
        setup, processing = index.ruled_setup[p.key], p.operation.processing_minutes(p.machines)
        held = index.worked(p).between(p.start, p.end)
        if held != setup + processing:
            message = f"holds {held} working minutes, but needs {setup} of setup and {processing} of processing"
            yield _violation(Rule.DURATION, p, message)


def setup(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 5: the stated setup is what the operation before it on the machine asks for."""
    for p in _not_fixed(index):
        needed = index.ruled_setup[p.key]
        stated = p.assignment.setup_minutes
        if stated != needed:
            yield _violation(Rule.SETUP, p, f"states {stated} setup minutes, but needs {needed} here")


def no_overlap(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 6: a machine works on one operation at a time; a paused one still holds it."""
    for machine, line in index.lines.items():
        holder: Placed | None = None
        for p in line:
            if holder is not None and p.start < holder.end:
                message = (
                    f"{_name(*p.key)} starts on machine {machine} at {_clock(index, p.start)}, "
                    f"but {_name(*holder.key)} holds it until {_clock(index, holder.end)}"
                )
                yield Violation(Rule.NO_OVERLAP, *p.key, machine, message)
            if holder is None or p.end > holder.end:
                holder = p


def precedence(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 7: in a job, each operation starts at or after the end of those before it."""
    for job in index.plant.jobs:
        latest: Placed | None = None
        for operation in job.operations:
            p = index.placed.get((job.id, operation.sequence))
            if p is None:
                continue
            if latest is not None and p.start < latest.end:
                message = (
                    f"starts at {_clock(index, p.start)}, "
                    f"before operation {latest.operation.sequence} ends at {_clock(index, latest.end)}"
                )
                yield _violation(Rule.PRECEDENCE, p, message)
            if latest is None or p.end > latest.end:
                latest = p


def release(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 8: a job's first operation starts at or after its release, and nothing starts before plan_start."""
    for p in _not_fixed(index):
        if p.start < 0:
            message = f"starts at {_clock(index, p.start)}, before the plan does at {_clock(index, 0)}"
            yield _violation(Rule.RELEASE, p, message)
        elif p.operation is p.job.operations[0] and p.start < p.job.release:
            message = f"starts at {_clock(index, p.start)}, before its release at {_clock(index, p.job.release)}"
            yield _violation(Rule.RELEASE, p, message)


def fixed(index: ScheduleIndex) -> Iterator[Violation]:
    """Rule 9: a fixed operation stays exactly where it is given."""
    for p in index.placed.values():
        given, machines = p.operation.fixed, p.assignment.machines
        if given is None:
            continue
        if (sorted(given.machines), given.start, given.end) != (sorted(machines), p.start, p.end):
            message = (
                f"is fixed on {_ids(given.machines)} from {_clock(index, given.start)} "
                f"to {_clock(index, given.end)}, but scheduled on {_ids(machines)} "
                f"from {_clock(index, p.start)} to {_clock(index, p.end)}"
            )
            yield _violation(Rule.FIXED, p, message)


JUDGES: tuple[Callable[[ScheduleIndex], Iterator[Violation]], ...] = (
    completeness, eligibility, working_time, duration, setup, no_overlap, precedence, release, fixed,
)  # fmt: skip
"""The function of each rule, in the order of their numbers."""


def _is_usable(index: ScheduleIndex, machines: tuple[int, ...]) -> bool:
    return bool(machines) and all(m in index.plant.machine_by_id for m in machines)


def _not_fixed(index: ScheduleIndex) -> Iterator[Placed]:
    """The operations that rules 3 to 5 and 8 are about."""
    return (p for p in index.placed.values() if not p.is_fixed)


def _violation(rule: Rule, p: Placed, what: str) -> Violation:
    machine = p.machines[0] if len(p.machines) == 1 else None
    return Violation(rule, *p.key, machine, f"{_name(*p.key)} {what}")


def _name(job: str, sequence: int) -> str:
    return f"job {job} operation {sequence}"


def _ids(machines: tuple[int, ...] | list[int]) -> str:
    return f"machine{'s' if len(machines) > 1 else ''} {', '.join(map(str, machines))}"


def _clock(index: ScheduleIndex, minute: int) -> str:
    try:
        return f"{index.plant.time_of(minute):%Y-%m-%d %H:%M}"
    except OverflowError:  # a wrong schedule may lie beyond the calendar's years
        return f"minute {minute} from plan_start"
