"""Odds as words and tables: a chance is a number of 100 runs, and the variation assumed is one sentence. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.presentation import formatting
from dashboard.presentation.columns import DATE, ONE, WHOLE, Column, Format, frame_of
from scheduler_core.actuals.reliability import Reliability
from scheduler_core.floor.noise_fit import ENOUGH
from scheduler_core.floor.odds_change_wording import of_hundred
from scheduler_core.floor.order_odds import AssumedNoise, Odds, OrderOdds, Safer, Spread
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.interchange.workbook import Styled
from scheduler_core.plant import Plant

HELP: Final = mark(
    "A chance is the share of 300 simulated runs of the plan in which the order is on time. Each run keeps the plan's "
    "machines and their order, and every operation starts as soon as it can. Breakdowns, new orders and later plans are not "
    "simulated. An order ends by its P80 date in 80 of 100 runs: a date to promise. More in docs/floor.md, section Odds of "
    "a plan."
)


def chance(share: float | None) -> str:
    """A chance in words."""
    return formatting.NOTHING if share is None else t("{n} of 100", n=of_hundred(share))


CHANCE: Final = Format(chance, of_hundred, lambda v: Styled(of_hundred(v), "0"), "float64")
"""Chances from 0 to 1; they sort, and stand in a workbook, as a number of 100."""
OF_HUNDRED: Final = Format(lambda share: str(of_hundred(share)), of_hundred, lambda v: Styled(of_hundred(v), "0"), "float64")
"""The same as bare numbers, below a heading that says of what."""


def assumed(noise: AssumedNoise) -> str:
    """The variation that odds assume, in one sentence."""
    if noise.stated:
        return t(
            "The chances assume that durations vary by {share} around the planned ones. This is a stated value, "
            "because durations of fewer than {enough} finished operations are known.",
            share=formatting.percent(noise.noise.variation),
            enough=ENOUGH,
        )
    found = sorted({*noise.noise.by_process.values()} or {noise.noise.variation})
    low, high = formatting.percent(found[0]), formatting.percent(found[-1])
    operations = tn("{n} finished operation", "{n} finished operations", noise.operations)
    if low == high:
        return t(
            "The chances assume that durations vary as in {operations} of the last 4 weeks: by {share} around the planned "
            "ones.",
            operations=operations,
            share=low,
        )
    return t(
        "The chances assume that durations vary as in {operations} of the last 4 weeks: by {low} to {high} around the "
        "planned ones, depending on the process.",
        operations=operations,
        low=low,
        high=high,
    )


def promise(plant: Plant, one: OrderOdds) -> str:
    """An order's chance, and the dates by which it ends in 50, 80 and 95 of 100 runs."""
    p50, p80, p95 = (formatting.stamp_at(plant, math.ceil(end)) for end in (one.ends.p50, one.ends.p80, one.ends.p95))
    dates = t("Done by {p50} in 50, by {p80} in 80, by {p95} in 95 of 100 runs.", p50=p50, p80=p80, p95=p95)
    if one.on_time is None:
        return dates
    return t("On time in {chance} runs. {dates}", chance=chance(one.on_time), dates=dates)


def at_risk_frame(plant: Plant, orders: Sequence[OrderOdds]) -> pd.DataFrame:
    """Orders at risk in the given order."""
    return frame_of(
        [Column(t("Part")), Column(t("Job")), Column(t("Promised"), DATE), Column(t("On time"), CHANCE)],
        [
            (
                plant.job_by_id[one.job].product or formatting.NOTHING,
                one.job,
                None if one.due is None else plant.time_of(one.due),
                one.on_time,
            )
            for one in orders
        ],
    )


def chances(odds: Odds | None, planned: Plant, plant: Plant) -> Mapping[str, float]:
    """The chance of each job of ``plant`` by its id; ``planned``: the plant of the plan. An order whose due date has changed
    since has none."""
    if odds is None:
        return {}
    found = {}
    for job in plant.jobs:
        one = odds.by_job.get(job.id)
        if one is None or one.on_time is None or one.due is None or job.due is None:
            continue
        if planned is plant or planned.time_of(one.due) == plant.time_of(job.due):
            found[job.id] = one.on_time
    return found


@dataclass(frozen=True)
class Safety:
    """What one plan's odds are compared by. tardiness: None where the plans compared have other orders."""

    name: str
    late_by_plan: int
    late: Spread
    tardiness_by_plan: float | None = None
    tardiness: Spread | None = None


def _range(digits: int) -> Format:
    """Pairs of numbers, from P10 to P90; they sort, and stand in a workbook, by the higher one."""

    def words(pair: tuple[float, float]) -> str:
        low, high = (formatting.number(value, digits) for value in pair)
        return t("{low} to {high}", low=low, high=high)

    return Format(words, lambda pair: float(pair[1]), lambda pair: Styled(float(pair[1]), "0"), "float64")


def safety_frame(plans: Sequence[Safety]) -> pd.DataFrame:
    """Late orders and weighted tardiness of plans, side by side: as planned, expected, and from P10 to P90."""
    rows: list[tuple[str, Format, list[object]]] = [
        (t("Late orders, by plan"), WHOLE, [one.late_by_plan for one in plans]),
        (t("Late orders, expected"), ONE, [one.late.mean for one in plans]),
        (t("Late orders, P10 to P90"), _range(0), [(one.late.p10, one.late.p90) for one in plans]),
    ]
    spreads = [one.tardiness for one in plans if one.tardiness is not None]
    if len(spreads) == len(plans):
        rows += [
            (t("Weighted tardiness (days), by plan"), ONE, [one.tardiness_by_plan for one in plans]),
            (t("Weighted tardiness (days), expected"), ONE, [one.mean for one in spreads]),
            (t("Weighted tardiness (days), P10 to P90"), _range(1), [(one.p10, one.p90) for one in spreads]),
        ]
    formats = [one for _, one, _ in rows]
    return frame_of(
        [Column(t("Figure")), *(Column(one.name) for one in plans)],
        [(words, *values) for words, _, values in rows],
        row_formats={one.name: formats for one in plans},
    )


def safety_help() -> Mapping[str, str]:
    """Help at the columns of ``safety_frame``."""
    return {
        t("Figure"): t("By plan: if everything takes as long as planned. Expected: the mean of 300 simulated runs. P10 to "
                       "P90: in 80 of 100 runs the figure lies between these."),
    }  # fmt: skip


def safer_words(found: Safer, number: int) -> str:
    """Which of two plans has fewer late orders, and how often."""
    return t(
        "With the same durations in both, this plan has fewer late orders in {after} runs and version {number} in {before}, "
        "over {orders} that both have.",
        after=chance(found.after_fewer), before=chance(found.before_fewer), number=number,
        orders=tn("{n} order with a due date", "{n} orders with a due date", found.orders),
    )  # fmt: skip


# ---------------------------------------------------------------- how the odds came true
def classes_frame(found: Reliability) -> pd.DataFrame:
    """The reliability table: of orders with such a chance, how many were on time."""
    return frame_of(
        [Column(t("Predicted chance")), Column(t("Orders"), WHOLE), Column(t("Mean chance"), CHANCE),
         Column(t("On time"), CHANCE)],
        [
            (
                t("{low} to {high} of 100", low=round(100 * c.low), high=round(100 * c.high)),
                c.orders,
                c.told,
                c.came_true,
            )
            for c in found.classes
        ],
    )  # fmt: skip


def verdict(found: Reliability) -> str | None:
    """Whether dates that were promised for P80 held as often as they should; None where too few have passed."""
    dates = found.dates["p80"]
    if dates.orders < ENOUGH:
        return None
    share = dates.met / dates.orders
    met = chance(share)
    if share < 0.7:
        return t(
            "Of the P80 dates {met} were met instead of 80: orders took longer than the odds say. Breakdowns, new orders "
            "and later plans are not in the odds.",
            met=met,
        )
    if share > 0.9:
        return t("Of the P80 dates {met} were met instead of 80: orders were done sooner than the odds say.", met=met)
    return t("Of the P80 dates {met} were met: the odds hold.", met=met)


def dates_frame(found: Reliability) -> pd.DataFrame:
    """Of promised dates that have passed, how many were met, and how many should have been."""
    rows = (
        ("P50", "p50", 0.5), ("P80", "p80", 0.8), ("P95", "p95", 0.95), (t("End of the plan"), "plan", None),
    )  # fmt: skip
    return frame_of(
        [Column(t("Date")), Column(t("Orders"), WHOLE), Column(t("Should be met"), CHANCE), Column(t("Met"), CHANCE)],
        [
            (words, found.dates[name].orders, share, found.dates[name].met / found.dates[name].orders)
            if found.dates[name].orders
            else (words, 0, share, None)
            for words, name, share in rows
        ],
    )  # fmt: skip
