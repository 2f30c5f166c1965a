"""Durations, moments and names in a planner's words: the same on the pages and in the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from scheduler_core.i18n.local_formats import day_text, stamp_text
from scheduler_core.i18n.translate import t
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant

NOTHING: Final = "–"
MINUS: Final = "−"


def hours_minutes(minutes: int) -> str:
    """Duration as h:mm."""
    sign = MINUS if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def signed_days(minutes: int | None) -> str:
    """Lateness as signed days and hours: positive is late."""
    if minutes is None:
        return NOTHING
    sign = "+" if minutes > 0 else MINUS if minutes < 0 else "±"
    days, rest = divmod(abs(minutes), MINUTES_PER_DAY)
    if not days and rest < 60:
        return sign + t("{time} h", time=f"0:{rest:02d}")
    hours = t("{n} h", n=rest // 60)
    return sign + (t("{days} d {hours}", days=days, hours=hours) if days else hours)


def days_hours(minutes: int) -> str:
    """A long duration in days and hours, without sign."""
    return signed_days(abs(minutes)).lstrip("+±")


def stamp(moment: datetime | None) -> str:
    """Weekday, day, month and time."""
    return NOTHING if moment is None else stamp_text(moment)


def day(moment: datetime | None) -> str:
    """Weekday, day and month."""
    return NOTHING if moment is None else day_text(moment)


def count(amount: int, one: str, many: str | None = None) -> str:
    """An amount with its noun, in English: for the terminal and for logs."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


def job_name(job: Job) -> str:
    """Part before id."""
    return f"{job.product} · {job.id}" if job.product else job.id


def machine_names(plant: Plant, machines: tuple[int, ...]) -> str:
    """Names of the machines that an operation holds."""
    return " + ".join(plant.machine_by_id[m].name for m in machines)
