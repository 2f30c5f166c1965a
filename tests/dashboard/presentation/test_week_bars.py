"""A day's hours as HTML: every kind is told apart without colour, and text of the plant stays text."""

from __future__ import annotations

from dataclasses import replace

from dashboard.presentation import week_bars
from scheduler_core.analysis.work_week import work_week
from scheduler_core.plant import Calendar, Downtime, ExtraHours, Holiday, Plant
from tests.support.hostile_text import NASTY
from tests.support.plants import OFFICE, PLAN_START, job, machine, operation, plant

MONDAY = PLAN_START.date()


def shop() -> Plant:
    calendar: Calendar = replace(
        OFFICE, holidays=(Holiday(MONDAY, NASTY, 900, 1440),), extra=(ExtraHours(MONDAY, 1080, 1200),)
    )
    return plant(
        job("J1", operation(60, 1)),
        machines=[machine(n, calendar="office") for n in (1, 2)]
        + [machine(3, calendar="office", downtime=(Downtime(0, 120, NASTY),))],
        calendars=[calendar],
    )


def test_bars_say_their_hours_and_escape_what_the_plant_says() -> None:
    made = shop()
    monday = work_week(made, [1, 2, 3], MONDAY)[0]
    drawn = week_bars.bars(made, monday)
    assert drawn.count('role="img"') == 2
    assert "08:00–12:00" in drawn
    assert "18:00–20:00 Extra hours" in drawn
    assert "Machine down" in drawn
    assert NASTY not in drawn
    assert "&lt;" in drawn
    assert week_bars.total_words(made, monday) == "2 × 8:00 h\nM3: 6:00 h"
    sunday = work_week(made, [1, 2, 3], MONDAY)[6]
    assert week_bars.total_words(made, sunday) == "closed"
    assert 'aria-label="closed"' in week_bars.bars(made, sunday)


def test_the_legend_has_the_kinds_of_the_week_only() -> None:
    made = shop()
    days = work_week(made, [1], MONDAY)
    legend = week_bars.legend(days)
    assert [word in legend for word in ("Regular hours", "Extra hours", "Closed", "Break", "Machine down")] == [
        True, True, True, True, False,
    ]  # fmt: skip
