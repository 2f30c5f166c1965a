"""Odds in words and tables: numbers of 100, the variation that is assumed, and two plans side by side."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.loaded_plan import Plan
from dashboard.presentation import odds_words, tables
from dashboard.presentation.columns import shown
from dashboard.presentation.odds_words import Safety
from scheduler_core.actuals.reliability import Class, Dates, Reliability
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.order_odds import STATED, AssumedNoise, Odds, OrderOdds, Spread
from tests.support.table_words import read

SPREAD = Spread(41.26, 35.0, 41.0, 44.0, 47.0, 49.0)


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 of 100"), (0.001, "1 of 100"), (0.62, "62 of 100"), (0.999, "99 of 100"), (1.0, "100 of 100")],
)
def test_only_what_holds_always_or_never_is_all_or_none(share: float, words: str) -> None:
    assert odds_words.chance(share) == words


def test_the_variation_stands_in_one_sentence() -> None:
    assert odds_words.assumed(STATED) == (
        "The chances assume that durations vary by 20 % around the planned ones. This is a stated value, because "
        "durations of fewer than 30 finished operations are known."
    )
    own = AssumedNoise(DurationNoise(0.2, {"mill": 0.31, "cut": 0.12}), 412)
    assert odds_words.assumed(own) == (
        "The chances assume that durations vary as in 412 finished operations of the last 4 weeks: by 12 % to 31 % around "
        "the planned ones, depending on the process."
    )
    assert "by 18 % around" in odds_words.assumed(AssumedNoise(DurationNoise(0.18), 40))


def _odds(plan: Plan, job: str, on_time: float) -> Odds:
    found = plan.plant.job_by_id[job]
    ends = Spread(700.4, 600.0, 700.0, 800.0, 900.0, 1000.0)
    return Odds(300, (OrderOdds(job, found.due, 500, on_time, ends),), SPREAD, SPREAD, SPREAD)


def test_jobs_have_their_chance_while_their_due_date_is_the_plans(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    frame = tables.jobs_frame(plan.plant, plan, _odds(plan, "J4", 0.62))
    assert read(frame)["On time"][list(frame["Job"]).index("J4")] == "62 of 100"
    assert frame["On time"].notna().sum() == 1
    without = tables.jobs_frame(plan.plant, plan)
    assert without["On time"].isna().all()


def test_an_order_is_promised_by_dates(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    one = _odds(plan, "J4", 0.62).orders[0]
    words = odds_words.promise(plan.plant, one)
    assert words.startswith("On time in 62 of 100 runs. Done by ")
    assert words.count(" in ") == 4
    dateless = OrderOdds("J5", None, 500, None, one.ends)
    assert odds_words.promise(plan.plant, dateless).startswith("Done by ")


def test_two_plans_stand_side_by_side() -> None:
    two = [Safety("Version 3", 38, SPREAD, 12.5, SPREAD), Safety("This plan", 30, SPREAD, 11.0, SPREAD)]
    words = read(odds_words.safety_frame(two))
    assert words["Version 3"][:3] == ["38", "41.3", "35 to 47"]
    assert words["This plan"][3:] == ["11.0", "41.3", "35.0 to 47.0"]
    other_orders = [Safety("Version 3", 38, SPREAD), Safety("This plan", 30, SPREAD)]
    assert len(odds_words.safety_frame(other_orders)) == 3
    assert pd.api.types.is_numeric_dtype(shown(odds_words.safety_frame(two)).data["This plan"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("orders", "met", "words"),
    [(29, 0, None), (30, 15, "50 of 100 were met instead of 80: orders took longer"),
     (100, 78, "78 of 100 were met: the odds"), (100, 95, "95 of 100 were met instead of 80: orders were done sooner")],
)  # fmt: skip
def test_p80_dates_tell_whether_the_odds_hold(orders: int, met: int, words: str | None) -> None:
    found = odds_words.verdict(Reliability(0, 0, (), None, None, {"p80": Dates(orders, met)}))
    assert found is None if words is None else words in (found or "")


def test_how_odds_came_true_has_a_dash_where_nothing_was() -> None:
    found = Reliability(
        12, 0, (Class(0.0, 0.1, 0, None, None), Class(0.9, 1.0, 12, 0.957, 0.9)), 0.1, 0.2,
        {"plan": Dates(0, 0), "p50": Dates(10, 5), "p80": Dates(10, 8), "p95": Dates(10, 10)},
    )  # fmt: skip
    classes, dates = read(odds_words.classes_frame(found)), read(odds_words.dates_frame(found))
    assert (classes["Predicted chance"], classes["On time"]) == (["0 to 10 of 100", "90 to 100 of 100"], ["–", "90 of 100"])
    assert dates["Met"] == ["50 of 100", "80 of 100", "100 of 100", "–"]
