"""The week's figures in words: targets, changes, and no number where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dashboard.presentation import week_figures
from dashboard.presentation.week_figures import WeekFigure
from scheduler_core.actuals.expected_starts import Share, Starts
from scheduler_core.actuals.late_reasons import WhyLate
from scheduler_core.actuals.order_outcomes import Otif
from scheduler_core.actuals.weeks import WeekFigures
from scheduler_core.causes.explainer import Cause
from scheduler_core.settings.kpi_targets import KpiTargets
from tests.support.sample_weeks import BEFORE, WEEK

NONE = Share(0, None, None, None)
PART = replace(WEEK, whole=False)


def _figures(**targets: float) -> tuple[WeekFigure, ...]:
    return week_figures.figures(KpiTargets.model_validate(targets))


def test_values_and_changes_as_every_page_says_them() -> None:
    shown = _figures()
    assert [one.label for one in shown] == ["On time in full", "Days late", "Adherence", "Setup", "Overtime"]
    assert [one.words(one.value(WEEK)) for one in shown] == ["90 %", "1.3 d", "56 %", "40.0 h", "12.0 h"]
    changes = [one.change(WEEK, BEFORE) for one in shown]
    assert changes == [10, None, 0, -4.0, 0.0]
    assert shown[0].change_words(10) == "+10 points"
    assert shown[3].change_words(-4.0) == "−4.0 h"


def test_hours_of_a_part_of_a_week_compare_with_nothing() -> None:
    shown = _figures(setup_hours=50.0)
    assert [one.change(PART, BEFORE) is None for one in shown] == [False, True, False, True, True]
    assert [one.change(WEEK, None) for one in shown] == [None] * 5
    setup = shown[3]
    assert (setup.met(WEEK), setup.met(PART), setup.met(replace(PART, setup_hours=50.1))) == (True, None, False)
    assert setup.target_words(PART) == "target: at most 50.0 h"


@pytest.mark.parametrize(
    ("target", "met", "words"),
    [(0.9, True, "target met: at least 90 %"), (0.91, False, "target missed: at least 91 %"), (None, None, None)],
)
def test_a_target_is_met_by_the_value_as_printed(target: float | None, met: bool | None, words: str | None) -> None:
    first = _figures(**({} if target is None else {"otif": target}))[0]
    assert (first.met(WEEK), first.target_words(WEEK)) == (met, words)


def test_where_nothing_is_known_there_is_a_dash_and_no_0() -> None:
    unknown = WeekFigures(date(2025, 7, 14), Otif(0, 0, 2), None, Starts(NONE, NONE, NONE), None, None, whole=True)
    shown = _figures(otif=0.9, setup_hours=1.0)
    assert [one.words(one.value(unknown)) for one in shown] == ["–"] * 5
    assert [one.met(unknown) for one in shown] == [None] * 5
    assert week_figures.starts_words(unknown) == "No operation of a plan in force began in this week."
    assert week_figures.orders_words(unknown).endswith("For 2 orders the pulls do not show the end; they do not count.")
    assert week_figures.orders_words(replace(unknown, orders=Otif(0, 0, 0))) == "No order was due in this week."
    assert [week_figures.trend([unknown], one) for one in shown] == [[]] * 5


def test_the_week_in_sentences() -> None:
    assert week_figures.week_name(WEEK) == "Mon 14 Jul to Sun 20 Jul"
    assert week_figures.week_name(PART) == "Mon 14 Jul to Sun 20 Jul (part of the week)"
    assert week_figures.orders_words(WEEK) == "10 orders were due: 9 on time and in full, 1 late."
    assert "about 56 % began within an hour of it (the pulls allow 40 % to 70 %)" in week_figures.starts_words(WEEK)
    why = WhyLate({Cause.MACHINE: 2, Cause.CLOSED: 1}, later=3, unplanned=0)
    assert week_figures.reason_words(why) == (
        "3 orders were planned on time when the week began, and were delayed after that.",
        "2 orders were planned late: waited for a busy machine.",
        "1 order was planned late: nights and days off.",
    )
    assert set(week_figures.CAUSES) == set(Cause)


def test_the_table_has_a_week_in_each_row_the_newest_first() -> None:
    frame = week_figures.weeks_frame([BEFORE, WEEK], _figures())
    assert list(frame.columns) == [
        "Week", "Orders due", "Late", "Not known", "On time in full", "Days late (d)", "Adherence", "Setup (h)",
        "Overtime (h)",
    ]  # fmt: skip
    assert list(frame["On time in full"]) == [0.9, 0.8]
    assert week_figures.trend([BEFORE, PART], _figures()[3]) == [("Mon 7 Jul", 44.04)], "a part of a week has fewer hours"
