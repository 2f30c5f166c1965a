"""Today's first lines when machines are down: which, since when and until when, and which orders cannot be planned without
them; with the ways to say that one is back, or back later."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.auth import current_user
from dashboard.background.erp_poller import erp_poller, poll_seconds
from dashboard.components import data_table, downtime_dialog, page_shell
from dashboard.components.table_height import table_height
from dashboard.presentation import downtime_words, formatting, safe_text
from dashboard.presentation.columns import DATE, Column, frame_of
from dashboard.state.loaded import load_plan, load_plant
from dashboard.state.plant_context import PlantContext, utc_now
from scheduler_core.analysis.machine_loss import MachineLoss, StrandedJob, machine_loss
from scheduler_core.data.store.records import RecordedDowntime, Source
from scheduler_core.i18n.translate import t, tn
from scheduler_core.plant import Plant
from scheduler_core.roles import Action
from scheduler_core.services import downtimes

TICK_SECONDS = 5.0
"""How often the page looks at what the poller knows, which costs nothing."""


def look(ctx: PlantContext) -> MachineLoss:
    """The machines down now, as planners have recorded and by what the poller last saw of the ERP, against the plan in force
    (else against the pull)."""
    pulled = load_plant(ctx.store, ctx.snapshot.id)
    before = _counted_on(ctx)
    seconds = poll_seconds()
    seen = None
    if ctx.snapshot.source is not Source.FILE and seconds:
        seen = erp_poller().see(ctx.snapshot, utc_now(), seconds).plant
    plan = load_plan(ctx.store, ctx.release.schedule_id).schedule if ctx.release else None
    return machine_loss(before, seen or pulled, ctx.now, plan, sorted(_recorded_down(ctx)))


def _recorded_down(ctx: PlantContext) -> set[int]:
    """Machines that planners have recorded as down and that are so now."""
    return {d.machine for d in downtimes.in_force(ctx.store, ctx.snapshot.plant, ctx.now) if d.is_down(ctx.now)}


def _counted_on(ctx: PlantContext) -> Plant:
    """The plant of the plan in force, else that of the pull."""
    return load_plan(ctx.store, ctx.release.schedule_id).plant if ctx.release else load_plant(ctx.store, ctx.snapshot.id)


def show(ctx: PlantContext) -> None:
    """Draw it; nothing where every machine works."""
    with st.container():  # as around the runs at work, see page_shell.show_runs
        _alarm(ctx)
    for downtime in downtimes.in_force(ctx.store, ctx.snapshot.plant, ctx.now):
        _recorded(ctx, downtime)
    for downtime in downtimes.just_over(ctx.store, ctx.snapshot.plant, ctx.now):
        _expected_back(ctx, downtime)
    downtime_dialog.show(ctx)


def _recorded(ctx: PlantContext, downtime: RecordedDowntime) -> None:
    """One recorded downtime, with its end to change and its machine to take back into service."""
    words, later, back = st.columns([7, 1.5, 1.7], vertical_alignment="center")
    said = downtime_words.sentence(downtime, ctx.now)
    if downtime.is_down(ctx.now):
        words.error(safe_text.escape_markdown(said), icon=":material/error:")
    else:
        words.text(said)
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    later.button(
        t("Change end…"), key=f"down_end_{downtime.id}", icon=":material/schedule:", width="stretch",
        disabled=refusal is not None, help=refusal or t("When it is expected back"),
        on_click=downtime_dialog.ask_end, args=(ctx, downtime),
    )  # fmt: skip
    clicked = back.button(
        t("Back in service…"), key=f"down_over_{downtime.id}", icon=":material/check_circle:", width="stretch",
        disabled=refusal is not None, help=refusal or t("New plans use the machine again"),
    )  # fmt: skip
    downtime_dialog.confirm_back(ctx, downtime, clicked=clicked)


def _expected_back(ctx: PlantContext, downtime: RecordedDowntime) -> None:
    """A downtime whose expected end has passed: who knows better says so."""
    words, later = st.columns([7, 1.7], vertical_alignment="center")
    words.text(downtime_words.over(downtime))
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    later.button(
        t("Still down…"), key=f"down_still_{downtime.id}", icon=":material/build_circle:", width="stretch",
        disabled=refusal is not None, help=refusal, on_click=downtime_dialog.ask_end, args=(ctx, downtime),
    )  # fmt: skip


@st.fragment(run_every=TICK_SECONDS)
def _alarm(ctx: PlantContext) -> None:
    loss = look(ctx)
    if {m.id for m in loss.down} <= _recorded_down(ctx) and not loss.stranded:
        return  # the line of each recorded downtime says so
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
            data_table.show(rows, "stranded", height=table_height(len(rows), 240))
            page_shell.download(rows, "cannot_be_planned", "cannot_be_planned_xlsx")


def stranded_frame(loss: MachineLoss, before: Plant) -> pd.DataFrame:
    """A row per order that cannot be planned; due days are those of the plant ``before``."""
    columns = [Column(t("Order")), Column(t("Part")), Column(t("Due"), DATE), Column(t("Why")), Column(t("What to do"))]
    advice = t(
        "Put the machine back into service in the ERP, record when it is back, or assign another machine to the "
        "operation; then pull."
    )
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
        return t("was running on {machines}, which is out of service", machines=machines)
    if stranded.operation.requires_all:
        return t("also needs {machines}, which is out of service", machines=machines)
    return t("needs {machines}; no such machine is in service", machines=machines)
