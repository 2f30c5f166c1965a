"""Does a plan keep the frozen zone of the plan before it?

In the zone are the operations that the old plan starts within the frozen hours of one of their machines, and what it has
before them in their job or on their machine. Taken by their old starts, each could stay if, on its old machine and behind
those before it that could stay, it begins no more than NOTICEABLE_MINUTES after its old start (after now, if that has
passed). What could stay and stands elsewhere in the new plan has moved.

Counted by code of its own, as all that judges: the engines are made to keep the zone by another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scheduler_core.judge.right_shift import Key, RightShift
from scheduler_core.plant import Downtime, Fixed, Job, Plant
from scheduler_core.schedule import NOTICEABLE_MINUTES, Assignment, Schedule


@dataclass(frozen=True)
class FrozenZone:
    """What the zone holds, each in the order of the old starts.

    could_stay: operations that could stay; moved: those of them that the new plan moves; released: those that could not.
    places: where the first stand at the latest, and with them what the plant settles before a fixed operation.
    """

    could_stay: tuple[Key, ...]
    moved: tuple[Key, ...]
    released: tuple[Key, ...]
    places: Mapping[Key, Assignment]

    def fixed_in(self, plant: Plant) -> Plant:
        """The plant with the places fixed and nothing else before them on their machines: what moves in it does not move
        because of the zone. Raises InvalidValue where the new plan was not valid."""
        return _fixed(plant, self.places)


def frozen_zone(plant: Plant, old: Schedule, new: Schedule, hours: Mapping[int, float]) -> FrozenZone:
    """The zone of ``old`` in ``new``; both in minutes of ``plant``, the plant as it is now. hours: by machine type.

    Operations that the plant no longer knows or that it fixes are in no zone.
    """
    now = max(0, min(m.available_from or 0 for m in plant.machines))
    line = RightShift(plant, new)
    could: dict[Key, Assignment] = {}
    moved, released = list[Key](), list[Key]()
    for was, job, i in _in_zone(line, old, hours, now):
        place = _place(line, was, job, i, max(was.start, now))
        if place is None:
            released.append(was.key)
            continue
        could[was.key] = place
        line.put(job, i, place.machines, place.start, place.end)
        stands = new.by_operation.get(was.key)
        if stands is None or set(stands.machines) != set(was.machines) or not was.start <= stands.start <= place.start:
            moved.append(was.key)
    settled = {key: new.by_operation[key] for key in line.settled if key in new.by_operation} if could else {}
    return FrozenZone(tuple(could), tuple(moved), tuple(released), {**settled, **could})


def _in_zone(
    line: RightShift, old: Schedule, hours: Mapping[int, float], now: int
) -> list[tuple[Assignment, Job, int]]:  # fmt: skip
    """The zone's operations by their old starts, with job and place in it: from the last to the first, whatever an operation
    of the zone has behind it on its machine or in its job is in the zone, too."""
    plant = line.plant
    found: list[tuple[Assignment, Job, int]] = []
    machines, jobs = set[int](), set[str]()
    for was, job, i in reversed(line.movable(old)):
        own = [plant.machine_by_id[m].type for m in was.machines if m in plant.machine_by_id]
        kinds = own or [plant.machine_by_id[m].type for m in plant.eligible_machines(job.operations[i])]
        until = now + max(round(60 * hours.get(kind, 0.0)) for kind in kinds)
        if now <= was.start < until or job.id in jobs or machines & set(was.machines):
            found.append((was, job, i))
            machines |= set(was.machines)
            jobs.add(job.id)
    return found[::-1]


def _place(line: RightShift, was: Assignment, job: Job, i: int, floor: int) -> Assignment | None:
    """Where the operation could stay; None if it could not."""
    machines = next((c for c in line.choices(job, i) if set(c) == set(was.machines)), None)
    ready = line.ready(job, i)
    if machines is None or ready is None:
        return None
    start, end, setup = line.behind(job, i, machines, max(floor, ready))
    late = start - floor > NOTICEABLE_MINUTES
    return None if late else Assignment(was.job, was.sequence, machines, start, end, setup)


def _fixed(plant: Plant, places: Mapping[Key, Assignment]) -> Plant:
    until: dict[int, int] = {}
    for place in places.values():
        for m in place.machines:
            until[m] = max(until.get(m, 0), place.end)
    return replace(
        plant,
        jobs=tuple(
            replace(job, operations=tuple(
                replace(op, fixed=Fixed(at.machines, at.start, at.end)) if (at := places.get((job.id, op.sequence))) else op
                for op in job.operations
            ))
            for job in plant.jobs
        ),
        machines=tuple(
            replace(m, downtime=(*m.downtime, Downtime(0, until[m.id]))) if m.id in until else m for m in plant.machines
        ),
    )  # fmt: skip
