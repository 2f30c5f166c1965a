"""KPIs: where a plan is full, what jobs wait for, how late they are, and what setups cost."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import charts, frame, trends, words
from dashboard.plans import Plan
from dashboard.session import choose_plan, load_plan
from scheduler_core.bottlenecks import Bottleneck, ranked
from scheduler_core.capacity import daily_loads
from scheduler_core.lateness import spread
from scheduler_core.setup_shares import setup_shares

DAYS = 7
MOST = 15
PLAIN = {"displayModeBar": False}
HOURS = st.column_config.NumberColumn(format="%.1f")


def show() -> None:
    """Draw the page."""
    here = frame.need_situation()
    frame.need_plans(here)
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    head.title("KPIs")
    with choice:
        chosen = choose_plan(here, "Plan", "plan", here.released or here.proposed)
    if chosen is None:
        return
    plan = load_plan(here.store, chosen.id)
    _bottlenecks(plan)
    _load(plan)
    _lateness(plan)
    _setups(plan)


def _bottlenecks(plan: Plan) -> None:
    found = ranked(plan.explainer, plan.loads)
    st.subheader("Which work centres hold the plan up?")
    if not found:
        st.info("The plan runs on no machine: pull jobs on Jobs and make a plan.")
        return
    st.text(_why(found[0]))
    chart, table = st.columns([2, 3], gap="medium")
    chart.plotly_chart(trends.waiting_chart(found[:MOST]), key="waiting", config=PLAIN)
    rows = pd.DataFrame({
        "Work centre": [b.load.machine_type.name for b in found],
        f"Load, {DAYS} days": [words.percent(b.load.utilization) for b in found],
        "Waiting (h)": [round(b.waiting / 60, 1) for b in found],
        "of late jobs (h)": [round(b.late_waiting / 60, 1) for b in found],
        "Late jobs": [b.late_jobs for b in found],
        "Jobs": [b.jobs for b in found],
    })  # fmt: skip
    with table:
        st.dataframe(
            rows, hide_index=True, height=380, column_config=dict.fromkeys(("Waiting (h)", "of late jobs (h)"), HOURS)
        )
        frame.download(rows, "bottlenecks", "bottlenecks_xlsx")


def _why(first: Bottleneck) -> str:
    return (
        f"{first.load.machine_type.name}: jobs wait {words.number(first.waiting / 60, 0)} h for it while it is open, "
        f"{words.count(first.late_jobs, 'late job')} of {first.jobs} go through it, and it is "
        f"{words.percent(first.load.utilization)} full in the next {DAYS} days."
    )


def _load(plan: Plan) -> None:
    days = daily_loads(plan.plant, plan.schedule, plan.hours, DAYS)
    busiest = [x.machine_type.id for x in plan.loads if x.open][:MOST]
    kept = [k for k, x in enumerate(days[0].loads) if x.machine_type.id in busiest]
    shown = [replace(d, loads=tuple(d.loads[k] for k in kept)) for d in days]
    st.subheader("Which work centres are full this week?")
    st.plotly_chart(trends.capacity_chart(shown), key="capacity", config=PLAIN)
    rows = pd.DataFrame([
        {"Day": d.day.isoformat(), "Work centre": x.machine_type.name, "Machines": x.machines, "Open (h)": x.open / 60,
         "Run (h)": x.processing / 60, "Setup (h)": x.setup / 60}
        for d in days for x in d.loads
    ])  # fmt: skip
    st.text(f"The {len(kept)} fullest of {len(days[0].loads)} work centres; the workbook has all of them.")
    frame.download(rows, "load", "load_xlsx")


def _lateness(plan: Plan) -> None:
    st.subheader("How late are the jobs?")
    found = spread(plan.lateness)
    if found is None:
        st.info("No job has a due date: give the jobs target dates in the ERP, then pull again on Jobs.")
        return
    st.text(
        f"{found.late} of {words.count(found.jobs, 'job')} late. Middle job {words.signed_days(found.median)}, nine of ten "
        f"within {words.signed_days(found.nine_in_ten)}, worst {words.signed_days(found.worst)}."
    )
    st.plotly_chart(charts.lateness_chart({"Jobs": plan.lateness}), key="spread", config=PLAIN)
    known = {job: minutes for job, minutes in plan.lateness.items() if minutes is not None}
    rows = pd.DataFrame({"Job": list(known), "Late by (h)": [round(m / 60, 1) for m in known.values()]})
    frame.download(rows.sort_values("Late by (h)", ascending=False), "lateness", "lateness_xlsx")


def _setups(plan: Plan) -> None:
    found = setup_shares(plan.plant, plan.schedule, plan.hours)
    st.subheader("Which families cost the most setup?")
    if not any(f.setup for f in found):
        st.info("No operation of this plan needs a setup.")
        return
    chart, table = st.columns([2, 3], gap="medium")
    chart.plotly_chart(trends.setup_chart(found[:MOST]), key="setups", config=PLAIN)
    rows = pd.DataFrame({
        "Family": [f.family or words.NOTHING for f in found],
        "Setup (h)": [round(f.setup / 60, 1) for f in found],
        "Run (h)": [round(f.processing / 60, 1) for f in found],
        "Share": [words.percent(f.share, 1) for f in found],
        "Setups": [f.setups for f in found],
        "Operations": [f.operations for f in found],
    })  # fmt: skip
    with table:
        st.dataframe(rows, hide_index=True, height=380, column_config=dict.fromkeys(("Setup (h)", "Run (h)"), HOURS))
        frame.download(rows, "setups", "setups_xlsx")
