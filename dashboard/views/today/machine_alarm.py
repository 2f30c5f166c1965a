"""Today's first line when machines are down: which, and which orders cannot be planned without them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.background.erp_poller import erp_poller, poll_seconds
from dashboard.components import data_table, page_shell
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.columns import DATE, Column, frame_of
from dashboard.state.loaded import load_plan, load_plant
from dashboard.state.plant_context import PlantContext, utc_now
from scheduler_core.analysis.machine_loss import MachineLoss, StrandedJob, machine_loss
from scheduler_core.data.store.records import Source
from scheduler_core.i18n.translate import t, tn
from scheduler_core.plant import Plant

TICK_SECONDS = 5.0
"""How often the page looks at what the poller knows, which costs nothing."""


def look(ctx: PlantContext) -> MachineLoss:
    """The machines down now, by what the poller last saw of the ERP, against the plan in force (else against the pull)."""
    pulled = load_plant(ctx.store, ctx.snapshot.id)
    before = _counted_on(ctx)
    seconds = poll_seconds()
    seen = None
    if ctx.snapshot.source is not Source.FILE and seconds:
        seen = erp_poller().see(ctx.snapshot, utc_now(), seconds).plant
    plan = load_plan(ctx.store, ctx.release.schedule_id).schedule if ctx.release else None
    return machine_loss(before, seen or pulled, ctx.now, plan)


def _counted_on(ctx: PlantContext) -> Plant:
    """The plant of the plan in force, else that of the pull."""
    return load_plan(ctx.store, ctx.release.schedule_id).plant if ctx.release else load_plant(ctx.store, ctx.snapshot.id)


def show(ctx: PlantContext) -> None:
    """Draw it; nothing where every machine works."""
    with st.container():  # as around the runs at work, see page_shell.show_runs
        _alarm(ctx)


@st.fragment(run_every=TICK_SECONDS)
def _alarm(ctx: PlantContext) -> None:
    loss = look(ctx)
    if not loss.down:
        return
    machines = t(
        "{machines} down: {names}.",
        machines=tn("{n} machine", "{n} machines", len(loss.down)),
        names=", ".join(m.name for m in loss.down),
    )
    stopped = (
        t("{orders} cannot be planned.", orders=tn("{n} order", "{n} orders", len(loss.stranded))) if loss.stranded else ""
    )
    st.error(safe_text.escape_markdown(f"{machines} {stopped}".strip()), icon=":material/error:")
    if loss.stranded:
        before = _counted_on(ctx)
        with st.expander(t("Orders that cannot be planned ({count})", count=len(loss.stranded))):
            rows = stranded_frame(loss, before)
            data_table.show(rows, "stranded", height=240)
            page_shell.download(rows, "cannot_be_planned", "cannot_be_planned_xlsx")


def stranded_frame(loss: MachineLoss, before: Plant) -> pd.DataFrame:
    """A row per order that cannot be planned; due days are those of the plant ``before``."""
    columns = [Column(t("Order")), Column(t("Part")), Column(t("Due"), DATE), Column(t("Why")), Column(t("What to do"))]
    advice = t("Put the machine back into service in the ERP, or give the operation another one; then pull.")
    return frame_of(
        columns,
        [
            (
                s.job.id,
                s.job.product or formatting.NOTHING,
                None if s.job.due is None else before.time_of(s.job.due),
                _why(s),
                advice,
            )
            for s in loss.stranded
        ],
    )


def _why(stranded: StrandedJob) -> str:
    machines = ", ".join(m.name for m in stranded.machines)
    if stranded.running:
        return t("was at work on {machines}, which is out of service", machines=machines)
    if stranded.operation.requires_all:
        return t("needs {machines} too, which is out of service", machines=machines)
    return t("needs {machines}; no such machine is in service", machines=machines)
