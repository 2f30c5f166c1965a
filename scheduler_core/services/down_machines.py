"""Recorded downtimes in a plant: put in as planner's facts, taken out again, each with a note that says where it comes from.

A downtime whose end nobody knows is planned until the end of the next day (``planned_end``), and again so at every pull.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from scheduler_core.data.store.records import PullNote, RecordedDowntime
from scheduler_core.data.store.serialization import printable
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Downtime, Plant

DOWN = "machine down"
"""What notes of a snapshot call a recorded downtime."""
IN_ERP = "is out of service in the ERP"
"""How the note goes on that a downtime has no effect because the ERP says the same of its machine."""


@dataclass(frozen=True)
class WithDowntimes:
    """A plant with recorded downtimes, and a note on each."""

    plant: Plant
    notes: tuple[PullNote, ...]


def planned_end(downtime: RecordedDowntime, now: datetime) -> datetime:
    """Until when the machine is planned as down (naive plant time): its end, or without one the end of the day after
    ``now``, or after its start where that is later."""
    if downtime.end is not None:
        return downtime.end
    day = max(now, downtime.start).date() + timedelta(days=2)
    return datetime.combine(day, time())


def with_downtimes(
    plant: Plant,
    downtimes: Sequence[RecordedDowntime],
    now: datetime,
    out_of_service: Collection[int] = (),
) -> WithDowntimes:
    """The plant in which the machines do not work while they are recorded as down; what runs on them pauses.

    ``now``: naive plant time, from which an end that nobody knows is counted. ``out_of_service``: machines that the ERP
    knows and leaves out; a downtime of one that is not in the plant has no effect, and its note says why.
    """
    notes: list[PullNote] = []
    for downtime in downtimes:
        start, end = plant.minute_of(downtime.start), plant.minute_of(planned_end(downtime, now))
        if end <= max(0, start):
            continue
        if downtime.machine not in plant.machine_by_id:
            if downtime.in_force(now):
                notes.append(_absent(downtime, downtime.machine in out_of_service))
            continue
        down = Downtime(start, end, downtime.reason)
        try:
            plant = _stopped(plant, downtime.machine, down)
        except InvalidValue as error:
            notes.append(PullNote(DOWN, f"machine {downtime.machine}", printable(f"could not be kept: {error}")))
            continue
        notes.append(PullNote(DOWN, down_row(plant, downtime.machine, down), printable(_said(downtime, now))))
    return WithDowntimes(plant, tuple(notes))


def without_downtimes(plant: Plant, notes: Sequence[PullNote]) -> WithDowntimes:
    """A snapshot's plant without the recorded downtimes that its notes tell of, and the other notes."""
    from scheduler_core.scenarios.breakdown import lifted  # compiled code, which a plant without downtimes does without

    for machine, down in recorded_in(plant, notes):
        plant = lifted(plant, machine, down)
    return WithDowntimes(plant, tuple(n for n in notes if n.table != DOWN))


def recorded_in(plant: Plant, notes: Sequence[PullNote]) -> tuple[tuple[int, Downtime], ...]:
    """The recorded downtimes of a snapshot: machine (id) and span. An outage of the ERP's own may have the same span: each
    note stands for one, and those that were put in stand behind those that came with the machine."""
    noted = Counter(n.row for n in notes if n.table == DOWN)
    found: list[tuple[int, Downtime]] = []
    for machine in plant.machines:
        for down in reversed(machine.downtime):
            row = down_row(plant, machine.id, down)
            if noted[row]:
                noted[row] -= 1
                found.append((machine.id, down))
    return tuple(found)


def out_of_service_in(notes: Sequence[PullNote]) -> frozenset[int]:
    """The machines (ids) of recorded downtimes that a snapshot's notes call out of service in the ERP."""
    # A row of the machine alone: one with a span is of a downtime that has an effect, whose reason may say anything.
    rows = [n.row.removeprefix("machine ") for n in notes if n.table == DOWN and f" {IN_ERP}, " in n.message]
    return frozenset(int(row) for row in rows if row.isdecimal())


def down_row(plant: Plant, machine: int, down: Downtime) -> str:
    """What a note of a recorded downtime calls it."""
    start, end = (f"{plant.time_of(minute):%Y-%m-%d %H:%M}" for minute in (down.start, down.end))
    return f"machine {machine} from {start} to {end}"


def _stopped(plant: Plant, machine: int, down: Downtime) -> Plant:
    from scheduler_core.scenarios.breakdown import BEGUN, Breakdown

    return Breakdown(machine, down.start, down.end - down.start, reason=down.reason).apply(plant, BEGUN)


def _said(downtime: RecordedDowntime, now: datetime) -> str:
    until = f"{planned_end(downtime, now):%Y-%m-%d %H:%M}"
    end = f"until {until}" if downtime.end is not None else f"its end is not known, planned as down until {until}"
    said = f"{downtime.machine_name} is down from {downtime.start:%Y-%m-%d %H:%M}, {end}: {downtime.reason}"
    return f"{said} (recorded by {downtime.recorded_by})"


def _absent(downtime: RecordedDowntime, out_of_service: bool) -> PullNote:
    name, reason = downtime.machine_name, downtime.reason
    if out_of_service:
        why = f"{IN_ERP}, which counts while it is; its recorded downtime ({reason}) stays on record"
    else:
        why = f"is no longer a machine of the ERP: its recorded downtime ({reason}) has no machine to stop"
    return PullNote(DOWN, f"machine {downtime.machine}", printable(f"{name} {why}"))
