"""The list of each work centre for one shift: what its machines do, in sequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler_core.analysis.dispatch_lists.shifts import Shift
from scheduler_core.plant import Job, Machine, MachineType, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule


@dataclass(frozen=True)
class Line:
    """One operation on one machine. ``position`` counts from 1 per machine; ``beside``: machines that it holds as well.

    ``lateness``: the job's completion less its due date in minutes, None without one. ``begun``: it starts before the shift
    does, or ran already when the plan was made; ``fixed``: no plan may move it; ``goes_on``: it ends after the next shift's
    start.
    """

    position: int
    machine: Machine
    beside: tuple[Machine, ...]
    job: Job
    operation: Operation
    assignment: Assignment
    lateness: int | None
    begun: bool
    fixed: bool
    goes_on: bool


@dataclass(frozen=True)
class WorkCentreList:
    """A machine type's lines, by machine in the plant's order and then by start."""

    machine_type: MachineType
    lines: tuple[Line, ...]


def dispatch_lists(
    plant: Plant, schedule: Schedule, shift: Shift, lateness: Mapping[str, int | None]
) -> tuple[WorkCentreList, ...]:
    """One list per machine type, in the plant's order, also where there is nothing to do.

    Listed is what starts in [shift.start, shift.until) and what has started before and still runs then. An operation that
    holds several machines stands on the list of each. ``lateness`` is that of ``kpis.job_lateness``. Raises KeyError for
    assignments that the plant does not have.
    """
    operations = {(j.id, o.sequence): o for j in plant.jobs for o in j.operations}
    lines: dict[int, list[Line]] = {t.id: [] for t in plant.machine_types}
    for machine in plant.machines:
        here = [a for a in schedule.by_machine.get(machine.id, ()) if a.start < shift.until and a.end > shift.start]
        for position, a in enumerate(here, start=1):
            operation = operations[a.key]
            fixed = operation.fixed is not None
            lines[machine.type].append(
                Line(
                    position=position,
                    machine=machine,
                    beside=tuple(plant.machine_by_id[m] for m in a.machines if m != machine.id),
                    job=plant.job_by_id[a.job],
                    operation=operation,
                    assignment=a,
                    lateness=lateness.get(a.job),
                    begun=a.start < shift.start or (fixed and a.start <= 0),
                    fixed=fixed,
                    goes_on=a.end > shift.until,
                )
            )
    return tuple(WorkCentreList(t, tuple(lines[t.id])) for t in plant.machine_types)
