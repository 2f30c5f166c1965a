"""How the released plans went: each version against the one before it, over the orders that both have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd
import streamlit as st

from dashboard.components import column_help, data_table, page_shell
from dashboard.presentation import formatting, job_set_words, terms, trend_charts
from dashboard.presentation.columns import (
    DATED_MOMENT,
    NUMBER_NAME,
    ONE,
    SHARE_ONE,
    TWO,
    WHOLE,
    Column,
    frame_of,
    moment,
    number,
)
from dashboard.state.loaded import load_common_figures
from dashboard.state.plant_context import PlantContext
from scheduler_core.comparison.releases import ReleasedFigures, kpi_history
from scheduler_core.i18n.translate import t

MOST_COMPARED = 12
"""Versions that are set against the one before: each needs the whole of two plans."""
PLAIN = {"displayModeBar": False}


def show(ctx: PlantContext) -> None:
    """Draw the section."""
    st.subheader(t("Do the released plans get better?"))
    if not ctx.releases:
        st.info(t("Nothing is released yet: approve a plan on Approve, and its figures begin this history."))
        return
    if any(ctx.simulated(release.approved_at) for release in ctx.releases):
        st.caption(t("Versions from before the demo's clock belong to its simulated history."))
    plans = {r.schedule_id: ctx.store.schedules.get(r.schedule_id) for r in ctx.releases}
    jobs = {r.snapshot_id: ctx.store.snapshots.get(r.snapshot_id).counts.jobs_accepted for r in ctx.releases}
    found = kpi_history(
        ctx.releases, plans, jobs, lambda before, after: load_common_figures(ctx.store, before, after), MOST_COMPARED
    )
    compared = [(b.release.number, f, f.against) for b, f in pairwise(found) if f.against is not None]
    if compared:
        st.text(t("Each version against the one before it, over the orders that both have."))
        left, right = st.columns(2, gap="medium")
        late = [
            (f"v{before} → v{f.release.number}", c.before.weighted_tardiness_days, c.after.weighted_tardiness_days)
            for before, f, c in compared
        ]
        left.plotly_chart(trend_charts.pairs_chart(late, t("weighted days late")), key="released_late", config=PLAIN)
        setup = [
            (f"v{before} → v{f.release.number}", c.before.setup_hours, c.after.setup_hours) for before, f, c in compared
        ]
        right.plotly_chart(trend_charts.pairs_chart(setup, t("hours of setup")), key="released_hours", config=PLAIN)
        before, newest, against = compared[-1]
        st.text(job_set_words.against_version_before(against, before, newest.release.number))
    else:
        st.text(_first_words(found[-1]))
    rows = _releases_frame(ctx, found)
    data_table.show(
        rows[::-1], "releases", height="content",
        column_config=column_help.explained({
            t("Only before"): t("Orders that only the previous version has."),
            t("Only here"): t("Orders that the previous version does not have."),
            t("Weighted tardiness (d)"): t(terms.WEIGHTED_TARDINESS),
            **dict.fromkeys(
                (t("Tardiness change (d)"), t("Setup change (h)"), t("Overtime change (h)")),
                t("Against the previous version, over the orders of both."),
            ),
        }),
    )  # fmt: skip
    page_shell.download(rows, "releases", "releases_xlsx")


def _first_words(one: ReleasedFigures) -> str:
    return t(
        "Version {number} is the only one so far: {days} weighted days late, {on_time} on time, {setup} h of setup. The "
        "next version is compared with it.",
        number=one.release.number, days=formatting.number(one.kpis.weighted_tardiness_days),
        on_time=formatting.percent(one.kpis.on_time_rate), setup=formatting.number(one.kpis.setup_hours, 0),
    )  # fmt: skip


def _releases_frame(ctx: PlantContext, found: Sequence[ReleasedFigures]) -> pd.DataFrame:
    """A row per version, oldest first: its own figures; changes are against the version before, over the orders of both."""
    changes = number(1, signed=True)

    def change(one: ReleasedFigures, figure: str) -> float | None:
        if one.against is None:
            return None
        before, after = (getattr(kpis, figure) for kpis in (one.against.before, one.against.after))
        return formatting.printed_change(before, after, 1)

    return frame_of(
        [Column(t("Version"), NUMBER_NAME), Column(t("Released"), DATED_MOMENT), Column(t("Engine")),
         Column(t("Jobs"), WHOLE), Column(t("Only before"), WHOLE), Column(t("Only here"), WHOLE),
         Column(t("Weighted tardiness (d)"), ONE), Column(t("Tardiness change (d)"), changes),
         Column(t("On time"), SHARE_ONE), Column(t("Mean days late"), TWO), Column(t("Utilisation"), SHARE_ONE),
         Column(t("Setup (h)"), ONE), Column(t("Setup change (h)"), changes), Column(t("Overtime (h)"), ONE),
         Column(t("Overtime change (h)"), changes)],
        [
            (
                f.release.number, moment(f.release.approved_at, ctx.zone), formatting.engine_name(f.engine), f.jobs,
                None if f.against is None else len(f.against.left), None if f.against is None else len(f.against.came),
                f.kpis.weighted_tardiness_days, change(f, "weighted_tardiness_days"), f.kpis.on_time_rate,
                f.kpis.mean_days_late, f.kpis.utilization_mean, f.kpis.setup_hours, change(f, "setup_hours"),
                f.kpis.overtime_hours, change(f, "overtime_hours"),
            )
            for f in found
        ],
    )  # fmt: skip
