"""Recorded downtimes in a planner's words. Pure."""

from __future__ import annotations

from datetime import datetime

from dashboard.presentation import formatting
from scheduler_core.data.store.records import RecordedDowntime
from scheduler_core.i18n.translate import t
from scheduler_core.services.down_machines import planned_end


def sentence(downtime: RecordedDowntime, now: datetime) -> str:
    """Since when, why, by whom recorded, and until when; ``now``: naive plant time."""
    facts = {
        "machine": downtime.machine_name, "start": formatting.stamp(downtime.start), "reason": downtime.reason,
        "person": downtime.recorded_by, "end": formatting.stamp(planned_end(downtime, now)),
    }  # fmt: skip
    if downtime.start > now:
        if downtime.end is None:
            return t(
                "{machine} will be down from {start} ({reason}, recorded by {person}). Its end is not known: planned as "
                "down until {end}.",
                **facts,
            )
        return t("{machine} will be down from {start} until {end} ({reason}, recorded by {person}).", **facts)
    if downtime.end is None:
        return t(
            "{machine} is down since {start} ({reason}, recorded by {person}). Its end is not known: planned as down until "
            "{end}.",
            **facts,
        )
    return t("{machine} is down since {start} ({reason}, recorded by {person}), expected back {end}.", **facts)


def over(downtime: RecordedDowntime) -> str:
    """That the expected end has passed."""
    end = formatting.NOTHING if downtime.end is None else formatting.stamp(downtime.end)
    return t(
        "{machine} was expected back {end}; plans assume that it has worked since then.",
        machine=downtime.machine_name,
        end=end,
    )


def short(downtime: RecordedDowntime, now: datetime) -> str:
    """The machine and until when it is down."""
    if downtime.end is None:
        return t("{machine} down, end not known", machine=downtime.machine_name)
    return t("{machine} down until {end}", machine=downtime.machine_name, end=formatting.stamp(planned_end(downtime, now)))
