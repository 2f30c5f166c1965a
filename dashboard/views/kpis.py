"""KPIs: where a plan is full, what jobs wait for, how late they are, and what setups cost."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.components import data_table, page_shell, week_metrics
from dashboard.loaded_plan import LOAD_DAYS, Plan, over_the_same_jobs, same_jobs
from dashboard.presentation import charts, formatting, job_set_words, terms, trend_charts, week_figures
from dashboard.presentation.columns import DATE, ONE, SHARE, SHARE_ONE, WHOLE, Column, frame_of
from dashboard.state import page_theme
from dashboard.state.loaded import load_plan
from dashboard.state.performance import load_performance
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from scheduler_core.analysis.daily_load import daily_loads
from scheduler_core.analysis.lateness_distribution import spread
from scheduler_core.analysis.setup_time import setup_shares
from scheduler_core.causes.bottlenecks import Bottleneck
from scheduler_core.i18n.translate import t, tn
from scheduler_core.settings.kpi_targets import load_kpi_targets

DAYS = LOAD_DAYS
MOST = 15
PLAIN = {"displayModeBar": False}


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    page_shell.need_plans(ctx)
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    head.title(t("KPIs"))
    with choice:
        chosen = choose_plan(ctx, t("Plan"), "plan", ctx.usual, any_plan=True)
    if chosen is None:
        return
    plan = load_plan(ctx.store, chosen.id)
    _against_release(ctx, plan)
    _weeks(ctx)
    _bottlenecks(plan)
    _load(plan)
    _lateness(plan)
    _setups(plan)


def _against_release(ctx: PlantContext, plan: Plan) -> None:
    """Where the plan in force has other orders: who is missing here, and the figures of both over the common orders."""
    if ctx.release is None or ctx.release.schedule_id == plan.id:
        return
    in_force = load_plan(ctx.store, ctx.release.schedule_id)
    number = t("v{number}", number=ctx.release.number)
    old, new = over_the_same_jobs(in_force, plan)
    if same_jobs(in_force, plan):
        return
    only = job_set_words.only_orders(in_force, plan, number, t("this plan"))
    both = t(
        "Of the {orders} in both plans late in {number}: {late}, in this plan: {late_here}; weighted tardiness in {number}: "
        "{days} d, in this plan: {days_here} d.",
        orders=tn("{n} order", "{n} orders", len(new.lateness)), number=number, late=len(old.late_jobs),
        late_here=len(new.late_jobs), days=formatting.number(old.kpis.weighted_tardiness_days),
        days_here=formatting.number(new.kpis.weighted_tardiness_days),
    )  # fmt: skip
    st.warning(f"{only} {both}", icon=":material/warning:")


def _weeks(ctx: PlantContext) -> None:
    """What became of the plans in force: the newest week that is over, and the trend of all of them."""
    st.subheader(t("Do we deliver on time?"))
    found = load_performance(ctx)
    week = None if found is None else found.usual_week
    if found is None or week is None:
        week_metrics.say_nothing_known(ctx, found)
        return
    shown = week_figures.figures(load_kpi_targets())
    week_metrics.say_simulated(ctx)
    st.text(t("{week}. {orders}", week=week_figures.week_name(week), orders=week_figures.orders_words(week)))
    week_metrics.show(week, found.before(week), shown)
    shares, hours = st.columns(2, gap="medium")
    for cell, unit, key in ((shares, t("percent"), "week_shares"), (hours, t("hours"), "week_hours")):
        points = {one.label: week_figures.trend(found.weeks, one) for one in shown if one.share or one.adds_up}
        kept = {one.label for one in shown if one.share == (cell is shares)}
        series = {label: values for label, values in points.items() if label in kept}
        cell.plotly_chart(trend_charts.trend_chart(series, t("week from Monday"), unit), key=key, config=PLAIN)
    page_shell.download(week_figures.weeks_frame(found.weeks, shown), "weeks", "weeks_xlsx")


def _bottlenecks(plan: Plan) -> None:
    found = plan.bottlenecks
    st.subheader(t("Which work centres hold the plan up?"), help=t(terms.BOTTLENECK))
    if not found:
        st.info(t("The plan has no operations: pull jobs on Jobs and make a plan."))
        return
    st.text(_why(found[0]))
    chart, table = st.columns([2, 3], gap="medium")
    chart.plotly_chart(trend_charts.waiting_chart(found[:MOST]), key="waiting", config=PLAIN)
    rows = frame_of(
        [Column(t("Work centre")), Column(t("Late jobs wait (h)"), ONE), Column(t("All jobs wait (h)"), ONE),
         Column(t("Load, {days} days", days=DAYS), SHARE), Column(t("Late jobs"), WHOLE), Column(t("Jobs"), WHOLE)],
        [
            (b.load.machine_type.name, b.late_waiting / 60, b.waiting / 60, b.load.utilization, b.late_jobs, b.jobs)
            for b in found
        ],
    )  # fmt: skip
    with table:
        data_table.show(rows, "bottlenecks", height=380)
        page_shell.download(rows, "bottlenecks", "bottlenecks_xlsx")


def _why(first: Bottleneck) -> str:
    return t(
        "Bottleneck {name}: late jobs wait {late_waiting} h for it while it is open, all jobs {waiting} h. {late_jobs} of "
        "{jobs} jobs go through it, and it is {utilization} full in the next {days} days.",
        name=first.load.machine_type.name,
        late_waiting=formatting.number(first.late_waiting / 60, 0),
        waiting=formatting.number(first.waiting / 60, 0),
        late_jobs=tn("{n} late job", "{n} late jobs", first.late_jobs),
        jobs=first.jobs,
        utilization=formatting.percent(first.load.utilization),
        days=DAYS,
    )


def _load(plan: Plan) -> None:
    days = daily_loads(plan.plant, plan.schedule, plan.hours, DAYS)
    busiest = [x.machine_type.id for x in plan.loads if x.open][:MOST]
    kept = [k for k, x in enumerate(days[0].loads) if x.machine_type.id in busiest]
    shown = [replace(d, loads=tuple(d.loads[k] for k in kept)) for d in days]
    st.subheader(t("Which work centres are full this week?"))
    st.plotly_chart(trend_charts.capacity_chart(shown, page_theme.dark()), key="capacity", config=PLAIN)
    rows = frame_of(
        [Column(t("Day"), DATE), Column(t("Work centre")), Column(t("Machines"), WHOLE), Column(t("Open (h)"), ONE),
         Column(t("Run (h)"), ONE), Column(t("Setup (h)"), ONE)],
        [
            (d.day, x.machine_type.name, x.machines, x.open / 60, x.processing / 60, x.setup / 60)
            for d in days
            for x in d.loads
        ],
    )  # fmt: skip
    st.text(
        t(
            "The {kept} fullest of {loads} work centres on the days with working time; the workbook has all of them.",
            kept=len(kept),
            loads=len(days[0].loads),
        )
    )
    page_shell.download(rows, "load", "load_xlsx")


def _lateness(plan: Plan) -> None:
    st.subheader(
        t("How late are the jobs?"),
        help=t("Half of the jobs are at most as late as the median, 90 % at most as late as the second figure."),
    )
    found = spread(plan.lateness)
    if found is None:
        st.info(t("No job has a due date: give the jobs target dates in the ERP, then pull again on Jobs."))
        return
    st.text(
        t(
            "{late} of {jobs} late. Median {median}; 90 % at most {nine_in_ten}; worst {worst}.",
            late=found.late,
            jobs=tn("{n} job", "{n} jobs", found.jobs),
            median=formatting.early_or_late(found.median),
            nine_in_ten=formatting.early_or_late(found.p90),
            worst=formatting.early_or_late(found.worst),
        )
    )
    st.plotly_chart(charts.lateness_chart({t("Jobs"): plan.lateness}, page_theme.dark()), key="spread", config=PLAIN)
    known = {job: minutes for job, minutes in plan.lateness.items() if minutes is not None}
    latest = sorted(known.items(), key=lambda one: -one[1])
    rows = frame_of([Column(t("Job")), Column(t("Late by (h)"), ONE)], [(job, late / 60) for job, late in latest])
    page_shell.download(rows, "lateness", "lateness_xlsx")


def _setups(plan: Plan) -> None:
    found = setup_shares(plan.plant, plan.schedule, plan.hours)
    st.subheader(t("Which families cost the most setup?"), help=t(terms.SETUP))
    if not any(f.setup for f in found):
        st.info(t("No operation of this plan needs a setup."))
        return
    chart, table = st.columns([2, 3], gap="medium")
    chart.plotly_chart(trend_charts.setup_chart(found[:MOST]), key="setups", config=PLAIN)
    rows = frame_of(
        [Column(t("Family")), Column(t("Setup (h)"), ONE), Column(t("Run (h)"), ONE), Column(t("Share"), SHARE_ONE),
         Column(t("Setups"), WHOLE), Column(t("Operations"), WHOLE)],
        [
            (f.family or formatting.NOTHING, f.setup / 60, f.processing / 60, f.share, f.setups, f.operations)
            for f in found
        ],
    )  # fmt: skip
    with table:
        data_table.show(rows, "setups", height=380)
        page_shell.download(rows, "setups", "setups_xlsx")
