"""One order on the Jobs page: what the ERP says, its operations with the way to the Gantt, why it ends when it does."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import navigation
from dashboard.components import data_table, late_job, plan_facts
from dashboard.components.expedite_link import expedite_button
from dashboard.components.row_selection import clear, select_row
from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, odds_words, order_tables, safe_text
from dashboard.state.plant_context import PlantContext
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.floor.order_odds import Odds
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Job, Plant


def show_order(
    ctx: PlantContext, plant: Plant, plan: Plan | None, job: Job, close: Callable[[], None], odds: Odds | None = None
) -> None:
    """Draw it. ``plan``: the plan that the list shows, None before there is one; ``close``: what its button does first;
    ``odds``: the plan's, where they are known."""
    head, shut = st.columns([9, 1], vertical_alignment="center")
    head.subheader(safe_text.escape_markdown(("★ " if job.important else "") + formatting.job_name(job)), anchor=False)
    shut.button("", icon=":material/close:", key="close_order", help=t("Close the order"), on_click=close, type="tertiary")
    if plan is not None and job.id in plan.lateness:
        _planned(ctx, plan, job, odds)
    else:
        _facts(plant, job)
        if plan is not None:
            st.warning(t("The plan does not have this order."), icon=":material/warning:")
        data_table.show(order_tables.routing(plant, job), "order_routing", height="content")
    _remarks(ctx, job)
    plan_facts.of_order(ctx, plan, job.id)
    if plan is not None and job.id in plan.lateness:
        _why(ctx, plan, job)


def _planned(ctx: PlantContext, plan: Plan, job: Job, odds: Odds | None) -> None:
    now = plan.plant.minute_of(ctx.now)
    words, gantt, expedite = st.columns([5, 2.2, 2], vertical_alignment="center")
    status = formatting.status_words(plan.status.get(job.id, JobStatus.NO_DUE_DATE))
    late = plan.explainer.late_job(job)
    told = f"{status} ({formatting.signed_days(plan.lateness[job.id])})"
    words.text(told if late is None else f"{told}. {formatting.cause_words(plan.plant, late)}.")
    first = late_job.telling_operation(plan, late) if late else job.operations[0].sequence
    if gantt.button(t("Show in Gantt"), icon=":material/view_timeline:", width="stretch", key="order_gantt"):
        navigation.go(navigation.GANTT, plan=plan.id, job=job.id, op=str(first))
    with expedite:
        expedite_button(plan.id, job.id, "order_expedite")
    if odds is not None and (chance := odds.by_job.get(job.id)) is not None:
        st.text(odds_words.promise(plan.plant, chance), help=t(odds_words.HELP))
    _facts(plan.plant, job)
    frame, sequences = order_tables.planned_operations(plan, job, now)
    key = f"order_operations_{plan.id}_{job.id}"
    widths = {t("Op"): 36, t("Machine"): 76, t("Setup"): 50, t("Run"): 50}
    narrow = {name: st.column_config.Column(width=width) for name, width in widths.items()}
    row = select_row(frame, key=key, height="content", column_config=narrow)
    st.caption(t("Click an operation to see it in the Gantt."))
    if row is not None:
        clear(key)
        navigation.go(navigation.GANTT, plan=plan.id, job=job.id, op=str(sequences[row]))


def _facts(plant: Plant, job: Job) -> None:
    st.text(" · ".join(f"{name}: {value}" for name, value in order_tables.facts(plant, job)))


def _remarks(ctx: PlantContext, job: Job) -> None:
    for remark in order_tables.remarks(ctx.store.snapshots.notes(ctx.snapshot.id), job.id):
        st.info(safe_text.escape_markdown(remark), icon=":material/sticky_note_2:")


def _why(ctx: PlantContext, plan: Plan, job: Job) -> None:
    late = plan.explainer.late_job(job)
    st.text(f"{formatting.possible_words(plan.plant, plan.explainer.bound(job))}.")
    if late is not None:
        late_job.show_fixes(ctx, plan, job, st.button(t("Try fixes"), icon=":material/build:", key="try_fixes"))
    st.text(
        t("What delays this order, back to the root cause") if late else t("What determines the completion of this order")
    )
    late_job.show_chain(plan, plan.explainer.root_chain(job), key="order_chain")
