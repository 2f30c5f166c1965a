"""Odds as words and tables: a chance is a number of 100 runs, and the variation assumed is one sentence. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from dashboard.presentation import formatting
from dashboard.presentation.columns import DATE, ONE, WHOLE, Column, Format, frame_of
from scheduler_core.actuals.reliability import Reliability
from scheduler_core.floor.noise_fit import ENOUGH
from scheduler_core.floor.order_odds import AssumedNoise, Odds, OrderOdds, Safer
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.interchange.workbook import Styled
from scheduler_core.plant import Plant

HELP: Final = mark(
    "A chance is the share of 300 simulated runs of the plan in which the order is on time. Each run keeps the plan's "
    "machines and their order, and every operation starts as soon as it can. Breakdowns, new orders and later plans are not "
    "simulated. An order ends by its P80 date in 80 of 100 runs: a date to promise. More in docs/floor.md, section Odds of "
    "a plan."
)


def of_hundred(share: float) -> int:
    """A share as a number of 100; only what holds always or never is 100 or 0."""
    return min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)


def chance(share: float | None) -> str:
    """A chance in words."""
    return formatting.NOTHING if share is None else t("{n} of 100", n=of_hundred(share))


CHANCE: Final = Format(chance, of_hundred, lambda v: Styled(of_hundred(v), "0"), "float64")
"""Chances from 0 to 1; they sort, and stand in a workbook, as a number of 100."""


def assumed(noise: AssumedNoise) -> str:
    """The variation that odds assume, in one sentence."""
    if noise.stated:
        return t(
            "The chances assume that durations vary by {share} around the planned ones: a stated value, as durations of "
            "fewer than {enough} finished operations are known.",
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


def safer_frame(found: Safer | None, plans: Sequence[tuple[str, int, Odds]]) -> pd.DataFrame:
    """Late orders of plans (name, late orders by the plan itself, odds); of two over the orders that both have."""
    spreads = [found.before, found.after] if found is not None else [odds.late for _, _, odds in plans]
    return frame_of(
        [Column(t("Plan")), Column(t("Late by plan"), WHOLE), Column(t("Late, expected"), ONE),
         Column(t("Late, P10"), WHOLE), Column(t("Late, P90"), WHOLE)],
        [(name, late, one.mean, one.p10, one.p90) for (name, late, _), one in zip(plans, spreads, strict=True)],
    )  # fmt: skip


def safer_columns() -> Mapping[str, str]:
    """Help at the columns of ``safer_frame``."""
    return {
        t("Late by plan"): t("Late orders if everything takes as long as planned."),
        t("Late, expected"): t("Late orders on average over 300 simulated runs."),
        t("Late, P10"): t("In 10 of 100 runs no more orders are late than these."),
        t("Late, P90"): t("In 90 of 100 runs no more orders are late than these."),
    }


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
        [Column(t("Chance told")), Column(t("Orders"), WHOLE), Column(t("Mean chance"), CHANCE),
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


def dates_frame(found: Reliability) -> pd.DataFrame:
    """Of promised dates that have passed, how many were met, and how many should have been."""
    rows = (
        (t("P50"), "p50", 0.5), (t("P80"), "p80", 0.8), (t("P95"), "p95", 0.95), (t("End of the plan"), "plan", None),
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
