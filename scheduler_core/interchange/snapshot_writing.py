"""A plant as a snapshot file."""

from __future__ import annotations

import hashlib

from scheduler_core.interchange.canonical import lines, maybe_stamp, stamp
from scheduler_core.interchange.snapshot_reading import SNAPSHOT_FORMAT
from scheduler_core.plant import Calendar, ExtraHours, Fixed, Holiday, Job, Machine, Operation, Plant, time_of_day


def snapshot_to_json(plant: Plant) -> str:
    """The plant as a snapshot file: canonical, one calendar, type, machine, setup entry or job to a line.

    Optional keys at their default are left out, except a job's ``important``, ``release`` and ``due``.
    """
    return lines({
        "format": SNAPSHOT_FORMAT,
        "name": plant.name,
        "timezone": plant.timezone,
        "plan_start": stamp(plant, 0),
        **_clock_json(plant),
        "calendars": [_calendar_json(c) for c in plant.calendars],
        "machine_types": [{"id": t.id, "name": t.name} for t in plant.machine_types],
        "machines": [_machine_json(plant, m) for m in plant.machines],
        "setup_matrix": [
            {"machine_type": e.machine_type, "from": e.from_family, "to": e.to_family, "minutes": e.minutes}
            for e in plant.setup_matrix
        ],
        "jobs": [job_json(plant, j) for j in plant.jobs],
    })  # fmt: skip


def snapshot_sha256(plant: Plant) -> str:
    """SHA-256 of the canonical snapshot's UTF-8 bytes, in hexadecimal."""
    return sha256_of(snapshot_to_json(plant))


def sha256_of(document: str) -> str:
    """SHA-256 of a canonical document's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


def _clock_json(plant: Plant) -> dict[str, object]:
    """Named wherever it makes a difference: a stored snapshot that names none has days of 1,440 minutes."""
    changes = plant.clock_rule != "zone" or not plant.clock.is_even
    return {"clock": plant.clock_rule} if changes else {}


def _calendar_json(calendar: Calendar) -> dict[str, object]:
    return {
        "id": calendar.id,
        "week": [
            {"day": w.day, "start": time_of_day(w.start), "end": time_of_day(w.end), "kind": w.kind} for w in calendar.week
        ],
        "breaks": [
            {"name": b.name, "day": b.day, "start": time_of_day(b.start), "end": time_of_day(b.end)} for b in calendar.breaks
        ],
        "holidays": [_holiday_json(h) for h in calendar.holidays],
        **_unless([], extra=[_extra_json(e) for e in calendar.extra]),
    }


def _holiday_json(holiday: Holiday) -> dict[str, object]:
    hours = {} if holiday.is_whole_day else {"start": time_of_day(holiday.start), "end": time_of_day(holiday.end)}
    return {"date": holiday.date.isoformat(), "name": holiday.name, **hours}


def _extra_json(extra: ExtraHours) -> dict[str, object]:
    hours = {"start": time_of_day(extra.start), "end": time_of_day(extra.end)}
    return {"date": extra.date.isoformat(), **hours, **_unless("overtime", kind=extra.kind)}


def _machine_json(plant: Plant, machine: Machine) -> dict[str, object]:
    return {
        "id": machine.id,
        "name": machine.name,
        "type": machine.type,
        "calendar": machine.calendar,
        **_unless(None, available_from=maybe_stamp(plant, machine.available_from)),
        **_unless(None, initial_family=machine.initial_family),
        **_unless([], downtime=[
            {"start": stamp(plant, d.start), "end": stamp(plant, d.end), "reason": d.reason}
            for d in machine.downtime
        ]),
    }  # fmt: skip


def job_json(plant: Plant, job: Job) -> dict[str, object]:
    """One row of jobs."""
    return {
        "id": job.id,
        **_unless(None, product=job.product),
        "family": job.family,
        **_unless(None, quantity=job.quantity),
        "important": job.important,
        "release": stamp(plant, job.release),
        "due": maybe_stamp(plant, job.due),
        "operations": [_operation_json(plant, o) for o in job.operations],
    }


def _operation_json(plant: Plant, operation: Operation) -> dict[str, object]:
    by_machine = {str(m): minutes for m, minutes in sorted(operation.minutes_by_machine.items())}
    return {
        "sequence": operation.sequence,
        "process": operation.process,
        "minutes": operation.minutes,
        **_unless({}, minutes_by_machine=by_machine),
        "setup_minutes": operation.setup_minutes,
        **_unless((), machine_types=operation.machine_types),
        **_unless((), machines=operation.machines),
        **_unless(False, requires_all=operation.requires_all),
        **_unless(None, preferred_machine=operation.preferred_machine),
        **_unless(None, fixed=_fixed_json(plant, operation.fixed)),
    }


def _fixed_json(plant: Plant, fixed: Fixed | None) -> dict[str, object] | None:
    if fixed is None:
        return None
    return {"machines": fixed.machines, "start": stamp(plant, fixed.start), "end": stamp(plant, fixed.end)}


def _unless(default: object, **entry: object) -> dict[str, object]:
    """The entry, or nothing where its value is the default."""
    return {k: v for k, v in entry.items() if v != default}
