"""The floor's figures week by week as plain values for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from scheduler_core.actuals.late_reasons import WhyLate
from scheduler_core.actuals.weeks import WeekFigures
from scheduler_core.comparison.performance import Performance

Document = dict[str, object]


def performance_document(
    found: Performance, targets: Mapping[str, object], reasons: Mapping[date, WhyLate]
) -> Document:  # fmt: skip
    """The weeks, oldest first. ``targets``: what the plant aims at; ``reasons``: why late orders were late, by Monday."""
    usual = found.usual_week
    return {
        "since": found.since.isoformat(timespec="minutes"),
        "until": found.now.isoformat(timespec="minutes"),
        "targets": dict(targets),
        "usual_week": None if usual is None else usual.monday.isoformat(),
        "weeks": [week_document(week, reasons.get(week.monday)) for week in found.weeks],
        "starts_by_day": [{"day": day.isoformat(), **asdict(starts)} for day, starts in found.starts_by_day.items()],
    }


def week_document(week: WeekFigures, why: WhyLate | None = None) -> Document:
    """One week. Shares from 0 to 1; None where nothing is known."""
    orders = week.orders
    return {
        "monday": week.monday.isoformat(),
        "sunday": week.sunday.isoformat(),
        "whole": week.whole,
        "orders": {
            "due": orders.total,
            "on_time": orders.on_time,
            "late": orders.late,
            "unknown": orders.unknown,
            "on_time_share": orders.share,
        },
        "days_late": week.days_late,
        "starts": asdict(week.starts),
        "setup_hours": week.setup_hours,
        "overtime_hours": week.overtime_hours,
        "reasons": None if why is None else _reasons(why),
    }


def _reasons(why: WhyLate) -> Document:
    planned = {cause.value: count for cause, count in why.planned.items()}
    return {"planned": planned, "later": why.later, "unplanned": why.unplanned}
