"""Summary: the week on one page for the manager, on screen and on A4 paper."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.components import data_table, page_shell, week_metrics
from dashboard.presentation import formatting, safe_text, trend_charts, week_figures
from dashboard.presentation.week_figures import WeekFigure
from dashboard.printing import week_summary
from dashboard.printing.print_button import print_button
from dashboard.state.address import put_in_address, take_from_address
from dashboard.state.loaded import load_plant
from dashboard.state.performance import load_performance, load_reasons
from dashboard.state.plant_context import PlantContext, utc_now
from scheduler_core.actuals.weeks import WeekFigures
from scheduler_core.comparison.performance import Performance
from scheduler_core.data.store.records import Source
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant
from scheduler_core.services import downtimes
from scheduler_core.settings.kpi_targets import load_kpi_targets

PLAIN = {"displayModeBar": False}


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, choice, printing = st.columns([6, 5, 2], vertical_alignment="bottom")
    head.title(t("Summary"))
    found = load_performance(ctx)
    usual = None if found is None else found.usual_week
    if found is None or usual is None:
        _nothing_yet(ctx, found)
        return
    with choice:
        week = _choose_week(found, usual)
    shown = week_figures.figures(load_kpi_targets())
    lines = _lines(ctx, found, week)
    now = _now_lines(ctx)
    with printing:
        paper = week_summary.Paper(
            ctx.snapshot.plant, ctx.snapshot.timezone, found.weeks, week, found.before(week), shown, lines, now,
            simulated=ctx.snapshot.source is Source.DEMO,
        )  # fmt: skip
        print_button(week_summary.page(paper, utc_now().astimezone(ctx.zone)), key="print")
    week_metrics.say_simulated(ctx)
    week_metrics.show(week, found.before(week), shown)
    left, right = st.columns(2, gap="medium")
    with left:
        _trend(found, shown)
    with right:
        st.subheader(t("The week in words"))
        st.markdown("\n".join(f"- {safe_text.escape_markdown(line)}" for line in lines))
        st.subheader(t("Now"))
        st.markdown("\n".join(f"- {safe_text.escape_markdown(line)}" for line in now))
    st.subheader(t("Week by week"))
    frame = week_figures.weeks_frame(found.weeks, shown)
    data_table.show(frame, "weeks", height="content")
    page_shell.download(frame, "weeks", "weeks_xlsx")


def _nothing_yet(ctx: PlantContext, found: Performance | None) -> None:
    week_metrics.say_nothing_known(ctx, found)
    st.subheader(t("Now"))
    st.markdown("\n".join(f"- {safe_text.escape_markdown(line)}" for line in _now_lines(ctx)))


def _choose_week(found: Performance, usual: WeekFigures) -> WeekFigures:
    by_key = {str(week.monday): week for week in reversed(found.weeks)}
    take_from_address("week", "summary_week", list(by_key))
    if st.session_state.get("summary_week") not in by_key:
        st.session_state["summary_week"] = str(usual.monday)
    key = st.selectbox(
        t("Week"), list(by_key), key="summary_week", format_func=lambda one: week_figures.week_name(by_key[one])
    )  # fmt: skip
    put_in_address("week", key)
    return by_key[key]


def _lines(ctx: PlantContext, found: Performance, week: WeekFigures) -> tuple[str, ...]:
    """What the week was like: the orders, why some were late, how the starts kept to the plan."""
    reasons: tuple[str, ...] = ()
    if week.orders.late:
        reasons = week_figures.reason_words(load_reasons(ctx, found, week))
    return (week_figures.orders_words(week), *reasons, week_figures.starts_words(week))


def _now_lines(ctx: PlantContext) -> tuple[str, ...]:
    """The release in force, machines that are down, and how old the jobs are."""
    age = formatting.age(ctx.snapshot.age_minutes(utc_now()))
    pulled = t("The jobs were pulled at {moment} (data age: {age}).", moment=ctx.moment(ctx.snapshot.taken_at), age=age)
    return (_release_line(ctx), *_down_lines(ctx), pulled)


def _release_line(ctx: PlantContext) -> str:
    if ctx.release is None:
        return t("No plan is in force.")
    said = t("Plan in force: v{number}, released {moment} by {approver}.", number=ctx.release.number,
             moment=ctx.moment(ctx.release.approved_at), approver=ctx.release.approver)  # fmt: skip
    kpis = None if ctx.released is None else ctx.released.kpis
    if kpis is None or kpis.on_time_rate is None:
        return said
    return said + " " + t("{share} of its orders are on time.", share=formatting.percent(kpis.on_time_rate))


def _down_lines(ctx: PlantContext) -> tuple[str, ...]:
    """Machines that are down now, by what the newest pull and the planners know, and whether the plan in force knows it."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    in_plan = None if ctx.release is None else _down(load_plant(ctx.store, ctx.release.snapshot_id), ctx.now)
    recorded = downtimes.in_force(ctx.store, ctx.snapshot.plant, ctx.now)
    no_end = {d.machine_name for d in recorded if d.end is None and d.is_down(ctx.now)}
    lines = []
    for name, until in _down(plant, ctx.now).items():
        line = t("Machine {name} is down until {moment}.", name=name, moment=formatting.stamp(until))
        if name in no_end:
            line = t("Machine {name} is down. Nobody knows yet until when: plans assume {moment}.",
                     name=name, moment=formatting.stamp(until))  # fmt: skip
        unknown = in_plan is not None and name not in in_plan
        news = t("The plan in force does not take this into account yet.")
        lines.append(f"{line} {news}" if unknown else line)
    return tuple(lines)


def _down(plant: Plant, now: datetime) -> dict[str, datetime]:
    """Names of the machines that are down at ``now`` (naive plant time), and until when."""
    minute = plant.minute_of(now)
    return {m.name: plant.time_of(d.end) for m in plant.machines for d in m.downtime if d.start <= minute < d.end}


def _trend(found: Performance, shown: tuple[WeekFigure, ...]) -> None:
    st.subheader(t("Trend"))
    shares = [one for one in shown if one.share]
    points = {one.label: week_figures.trend(found.weeks, one) for one in shares}
    st.plotly_chart(
        trend_charts.trend_chart(points, t("week from Monday"), t("percent")), key="summary_trend", config=PLAIN
    )  # fmt: skip
