"""The orders that leave the plan with a release, and the acknowledgement that the approver gives for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard.components import data_table
from dashboard.presentation import formatting
from dashboard.presentation.columns import MOMENT, Column, frame_of, moment
from dashboard.state.plant_context import PlantContext
from scheduler_core.analysis.job_sets import LeavesBecause, LeavingJob, losses
from scheduler_core.data.store.records import QuarantinedRow
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.services.quarantine_words import quarantine_words

REASONS: Mapping[LeavesBecause, str] = {
    LeavesBecause.FINISHED: mark("finished"),
    LeavesBecause.QUARANTINED: mark("in quarantine: the pull could not use its data"),
    LeavesBecause.DROPPED: mark("no longer open, though work was planned"),
}


def show(ctx: PlantContext, snapshot_id: str, key: str) -> tuple[tuple[str, ...], bool]:
    """Draw the list and the acknowledgement; what is acknowledged by it, and whether something still has to be."""
    found = ctx.store.releases.leaving(ctx.snapshot.plant, snapshot_id)
    lost = losses(found)
    if not lost:
        return (), False
    number = ctx.release.number if ctx.release else 0
    orders = tn("{n} order", "{n} orders", len(lost))
    st.error(
        t("No longer in this plan: {orders} of version {number}.", orders=orders, number=number),
        icon=":material/error:",
    )
    with st.expander(t("Orders that leave the plan ({count})", count=len(lost))):
        pulled = ctx.snapshot.id if snapshot_id in ctx.scenarios else snapshot_id  # a what-if has its pull's quarantine
        refused = {row.job: row for row in reversed(ctx.store.snapshots.quarantine(pulled)) if row.job is not None}
        data_table.show(leaving_frame(lost, refused), "leaving", height=240)
    given = st.checkbox(t("I confirm that these orders leave the plan (recorded)"), key=key)
    ids = tuple(j.job.id for j in lost)
    return (ids, False) if given else ((), True)


def leaving_frame(leaving: Sequence[LeavingJob], refused: Mapping[str, QuarantinedRow]) -> pd.DataFrame:
    """A row per order that leaves; ``refused``: for orders in quarantine, the row that cannot be used."""
    rows = [
        (
            j.job.id,
            j.job.product or formatting.NOTHING,
            _why(j, refused.get(j.job.id)),
            moment(j.planned_end),
        )
        for j in leaving
    ]
    return frame_of([Column(t("Order")), Column(t("Part")), Column(t("Why")), Column(t("Planned end"), MOMENT)], rows)


def _why(leaving: LeavingJob, refused: QuarantinedRow | None) -> str:
    if leaving.because is not LeavesBecause.QUARANTINED or refused is None:
        return t(REASONS[leaving.because])
    said = quarantine_words(refused)
    return f"{said.what}. {said.to_do}"
