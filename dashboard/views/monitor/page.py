"""Monitor: how the releases' figures went, RL against greedy over time, and how the runs ended."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.auth import current_user
from dashboard.components import page_shell
from dashboard.presentation import formatting, trend_charts
from dashboard.presentation.objective_labels import objective_words, value_words
from dashboard.state.plant_context import PlantContext
from dashboard.views.monitor import health_panel
from scheduler_core.comparison.over_time import Pair, engine_records, pairs
from scheduler_core.comparison.releases import kpi_history
from scheduler_core.data.store.records import Run, StoredSchedule
from scheduler_core.i18n.translate import t, tn, tp

MOST_RUNS = 500
PLAIN = {"displayModeBar": False}


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    st.title(t("Monitor"))
    current_user.tell_no_sign_in()
    health_panel.show()
    runs = ctx.store.runs.newest(limit=MOST_RUNS)
    plans = {p.id: p for p in ctx.store.schedules.newest(rejected=None, limit=MOST_RUNS)}
    _releases(ctx)
    _engines(ctx, pairs(runs, plans, ctx.store.snapshots.newest(MOST_RUNS)))
    _runs(runs, plans)


def _releases(ctx: PlantContext) -> None:
    st.subheader(t("Do the released plans get better?"))
    if not ctx.releases:
        st.info(t("Nothing is released yet: approve a plan on Approve, and its figures begin this history."))
        return
    plans = {r.schedule_id: ctx.store.schedules.get(r.schedule_id) for r in ctx.releases}
    jobs = {r.snapshot_id: ctx.store.snapshots.get(r.snapshot_id).counts.jobs_accepted for r in ctx.releases}
    found = kpi_history(ctx.releases, plans, jobs)
    left, right = st.columns(2, gap="medium")
    names = [f"v{f.release.number}" for f in found]
    late = list(zip(names, (f.kpis.weighted_tardiness_days for f in found), strict=True))
    left.plotly_chart(
        trend_charts.trend_chart({t("Weighted tardiness"): late}, t("release"), t("weighted days late")),
        key="released_late",
        config=PLAIN,
    )
    setup = list(zip(names, (f.kpis.setup_hours for f in found), strict=True))
    overtime = list(zip(names, (f.kpis.overtime_hours for f in found), strict=True))
    right.plotly_chart(
        trend_charts.trend_chart({t("Setup"): setup, t("Overtime"): overtime}, t("release"), t("hours")),
        key="released_hours",
        config=PLAIN,
    )
    rows = pd.DataFrame({
        t("Version"): [f.release.number for f in found],
        t("Released"): [formatting.stamp(f.release.approved_at.astimezone(ctx.zone)) for f in found],
        t("Engine"): [formatting.engine_name(f.engine) for f in found],
        t("Jobs"): [f.jobs for f in found],
        t("Weighted tardiness (d)"): [round(f.kpis.weighted_tardiness_days, 1) for f in found],
        t("On time"): [formatting.percent(f.kpis.on_time_rate, 1) for f in found],
        t("Mean days late"): [round(f.kpis.mean_days_late, 2) for f in found],
        t("Utilisation"): [formatting.percent(f.kpis.utilization_mean, 1) for f in found],
        t("Setup (h)"): [round(f.kpis.setup_hours, 1) for f in found],
        t("Overtime (h)"): [round(f.kpis.overtime_hours, 1) for f in found],
    })  # fmt: skip
    st.dataframe(rows[::-1], hide_index=True, height="content")
    page_shell.download(rows, "releases", "releases_xlsx")


def _engines(ctx: PlantContext, found: tuple[Pair, ...]) -> None:
    st.subheader(t("Does RL plan better than greedy?"))
    if not found:
        st.info(t("No jobs have been planned by both engines yet: press Run on Compare."))
        return
    aims = {p.objective.value: p.objective for p in found}
    usual = max(aims, key=lambda a: sum(p.objective.value == a for p in found))
    aim = st.selectbox(
        t("Aim"), list(aims), index=list(aims).index(usual), format_func=lambda a: objective_words(aims[a]), key="aim"
    )
    shown = [p for p in found if p.objective == aims[aim]]
    when = [p.taken_at.astimezone(ctx.zone).replace(tzinfo=None) for p in shown]
    better = sum(p.learned.value < p.greedy.value for p in shown)
    st.text(
        t(
            "RL was better on {better} of {shown} that both engines planned with this aim.",
            better=better,
            shown=tn("{n} pull", "{n} pulls", len(shown)),
        )
    )
    left, right = st.columns(2, gap="medium")
    values = {t("Greedy"): [p.greedy.value for p in shown], t("RL"): [p.learned.value for p in shown]}
    seconds = {t("Greedy"): [p.greedy.plan.seconds for p in shown], t("RL"): [p.learned.plan.seconds for p in shown]}
    charts = ((left, values, value_words(aims[aim]), "engines"), (right, seconds, t("seconds"), "solve"))
    for cell, series, unit, key in charts:
        points = {name: list(zip(when, ys, strict=True)) for name, ys in series.items()}
        cell.plotly_chart(trend_charts.trend_chart(points, t("jobs pulled (plant time)"), unit), key=key, config=PLAIN)
    rows = pd.DataFrame(
        {
            t("Pulled"): when,
            t("Greedy"): values[t("Greedy")],
            t("RL"): values[t("RL")],
            t("RL against greedy"): [
                formatting.NOTHING if p.ratio is None else tp("percent", "{number} %", number=f"{100 * (p.ratio - 1):+.1f}")
                for p in shown
            ],
            t("Greedy (s)"): seconds[t("Greedy")],
            t("RL (s)"): seconds[t("RL")],
        }
    )
    st.dataframe(rows[::-1], hide_index=True, height="content")
    page_shell.download(rows, "rl_against_greedy", "engines_xlsx")


def _runs(runs: tuple[Run, ...], plans: Mapping[str, StoredSchedule]) -> None:
    st.subheader(t("Which runs fail, and why?"))
    found = engine_records(runs, plans)
    if not found:
        st.info(t("No run has ended yet: press Run on Compare."))
        return
    rows = pd.DataFrame({
        t("Engine"): [formatting.engine_name(r.engine) for r in found],
        t("Runs"): [r.runs for r in found],
        t("With a plan"): [r.ok for r in found],
        t("Failed"): [r.failed for r in found],
        t("Took too long"): [r.timeout for r in found],
        t("Cancelled"): [r.cancelled for r in found],
        t("Plans rejected"): [r.rejected for r in found],
        t("Violations"): [r.violations for r in found],
        t("Fell back on a rule"): [r.fallbacks for r in found],
        t("Median (s)"): [formatting.number(r.median_seconds, 2) for r in found],
        t("Longest (s)"): [formatting.number(r.longest_seconds, 2) for r in found],
    })  # fmt: skip
    st.dataframe(rows, hide_index=True, height="content")
    failed = [r for r in runs if r.fail_reason]
    if failed:
        why = pd.DataFrame(
            {t("Engine"): [formatting.engine_name(r.engine) for r in failed], t("Why"): [r.fail_reason for r in failed]}
        )
        st.dataframe(why, hide_index=True, height=200)
    page_shell.download(rows, "runs", "runs_xlsx")
