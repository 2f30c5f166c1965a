"""How the floor follows the plans: starts day by day, planned against real durations, and what deviated most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time

import streamlit as st

from dashboard.components import data_table, page_shell, week_metrics
from dashboard.presentation import formatting, trend_charts
from dashboard.presentation.columns import DATE, ONE, SHARE, WHOLE, Column, frame_of
from dashboard.presentation.week_figures import measured_words
from dashboard.state.performance import load_performance
from dashboard.state.plant_context import PlantContext
from scheduler_core.actuals import deviations, durations
from scheduler_core.actuals.durations import Ratio
from scheduler_core.comparison.performance import Performance
from scheduler_core.i18n.translate import t, tn

PLAIN = {"displayModeBar": False}
ENOUGH = 3
"""Measured operations from which on a mean is told."""
MOST = 8


def show(ctx: PlantContext) -> None:
    """Draw the section."""
    st.subheader(t("Does the floor follow the plan?"))
    found = load_performance(ctx)
    if found is None:
        week_metrics.say_nothing_known(ctx, found)
        return
    week_metrics.say_simulated(ctx)
    left, right = st.columns(2, gap="medium")
    with left:
        _starts(found)
    with right:
        _deviations(found)
    _durations(found)


def _starts(found: Performance) -> None:
    st.markdown(t("**Operations that began as planned, by day**"))
    days = found.starts_by_day
    if not days:
        st.info(t("No operation of a plan in force has begun since the first pull: release a plan on Approve."))
        return
    series = {
        t("in its shift"): [(datetime.combine(day, time()), 100 * (one.shift.estimate or 0)) for day, one in days.items()],
        t("within an hour"): [(datetime.combine(day, time()), 100 * (one.hour.estimate or 0)) for day, one in days.items()],
    }
    st.plotly_chart(trend_charts.trend_chart(series, t("planned start"), t("percent")), key="starts", config=PLAIN)
    st.caption(t("Estimated: a pull shows only that an operation began at some time since the previous pull."))
    rows = frame_of(
        [Column(t("Day"), DATE), Column(t("Operations"), WHOLE), Column(t("Within an hour"), SHARE),
         Column(t("At least"), SHARE), Column(t("At most"), SHARE), Column(t("In its shift"), SHARE)],
        [
            (day, one.hour.count, one.hour.estimate, one.hour.least, one.hour.most, one.shift.estimate)
            for day, one in days.items()
        ],
    )  # fmt: skip
    page_shell.download(rows, "starts", "starts_xlsx")


def _deviations(found: Performance) -> None:
    st.markdown(t("**What deviated most, and what it cost**"))
    most = deviations.most_deviating(found.actuals, MOST)
    if not most:
        st.info(t("No operation certainly ended later than planned."))
        return
    cost = deviations.late_orders(found.actuals)
    late = [one for one in cost if one.caused]
    days = formatting.number(sum(one.caused for one in late) / 1440)
    st.text(
        t(
            "{orders} certainly ended later than planned; {late} of them missed the due date for this reason, "
            "{days} d late in total.",
            orders=tn("{n} order", "{n} orders", len(cost)), late=len(late), days=days,
        )
    )  # fmt: skip
    caused = {one.job: one.caused for one in cost}
    rows = frame_of(
        [Column(t("Job")), Column(t("Operation")), Column(t("Machine")), Column(t("Ended later by (h)"), ONE),
         Column(t("Order late by it (h)"), ONE)],
        [
            (a.job, a.process, _machines(found, a.machines), _least(a.end_late.low if a.end_late else None),
             caused[a.job] / 60 if a.job in caused else None)
            for a in most
        ],
    )  # fmt: skip
    data_table.show(rows, "deviations", height="content")
    page_shell.download(rows, "deviations", "deviations_xlsx")


def _durations(found: Performance) -> None:
    st.markdown(t("**Actual against planned durations**"))
    machines = {_machines(found, ids): ratio for ids, ratio in durations.by_machine(found.actuals).items()}
    processes = durations.by_process(found.actuals)
    known, ended = len(durations.with_known_duration(found.actuals)), durations.ended(found.actuals)
    st.text(measured_words(known, ended))
    left, right = st.columns(2, gap="medium")
    with left:
        _ratios(t("Machine"), machines, "machine_durations", t("No machine has {n} measured operations yet.", n=ENOUGH))
    with right:
        _ratios(t("Operation"), processes, "process_durations", t("No operation was measured {n} times yet.", n=ENOUGH))


def _ratios(name: str, ratios: Mapping[str, Ratio], key: str, nothing: str) -> None:
    told = sorted(_told(ratios.items()), key=lambda one: -one[1].mean)
    if not told:
        st.info(nothing)
        return
    rows = frame_of(
        [Column(name), Column(t("Measured"), WHOLE), Column(t("Actual / planned"), SHARE), Column(t("Spread"), SHARE)],
        [(words, ratio.count, ratio.mean, ratio.variation) for words, ratio in told],
    )
    data_table.show(rows, key, height=300)
    page_shell.download(rows, key, f"{key}_xlsx")


def _told(ratios: Iterable[tuple[str, Ratio]]) -> list[tuple[str, Ratio]]:
    return [(name, ratio) for name, ratio in ratios if ratio.count >= ENOUGH]


def _machines(found: Performance, ids: tuple[int, ...]) -> str:
    """Names of machines; one that the plant no longer has by its number, a dash where it is not known."""
    known = found.plant.machine_by_id
    return ", ".join(known[m].name if m in known else str(m) for m in ids) or formatting.NOTHING


def _least(minutes: int | None) -> float | None:
    return None if minutes is None else minutes / 60
