"""How runs ended, and why some have no plan."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components import data_table, page_shell
from dashboard.components.table_height import table_height
from dashboard.presentation import formatting
from dashboard.presentation.columns import (
    DATED_MOMENT,
    TWO,
    WHOLE,
    Column,
    frame_of,
    moment,
)
from dashboard.state.plant_context import PlantContext
from scheduler_core.comparison.over_time import engine_records
from scheduler_core.comparison.run_outcomes import Outcome, outcomes
from scheduler_core.data.store.records import Run, RunState, StoredSchedule
from scheduler_core.i18n.translate import t, tn
from scheduler_core.runs.execute import PLAN_STAYS


def show(ctx: PlantContext, runs: tuple[Run, ...], plans: Mapping[str, StoredSchedule]) -> None:
    """Draw the section."""
    st.subheader(t("Which runs fail, and why?"))
    found = engine_records(runs, plans)
    if not found:
        st.info(t("No run has ended yet: press Run on Compare."))
        return
    rows = frame_of(
        [Column(t("Engine")), Column(t("Runs"), WHOLE), Column(t("With a plan"), WHOLE), Column(t("Failed"), WHOLE),
         Column(t("Took too long"), WHOLE), Column(t("Cancelled"), WHOLE), Column(t("Plans rejected"), WHOLE),
         Column(t("Violations"), WHOLE), Column(t("Fell back on a rule"), WHOLE), Column(t("Median (s)"), TWO),
         Column(t("Longest (s)"), TWO)],
        [
            (formatting.engine_name(r.engine), r.runs, r.ok, r.failed, r.timeout, r.cancelled, r.rejected, r.violations,
             r.fallbacks, r.median_seconds, r.longest_seconds)
            for r in found
        ],
    )  # fmt: skip
    _why(ctx, runs, plans)
    data_table.show(rows, "runs", height="content")
    page_shell.download(rows, "runs", "runs_xlsx")


def _why(ctx: PlantContext, runs: tuple[Run, ...], plans: Mapping[str, StoredSchedule]) -> None:
    """What ended without a plan of the engine that was asked for, and why; equal reasons are one line."""
    found = outcomes(runs, plans)
    ended = sum(run.state.finished for run in runs)
    without = sum(o.runs for o in found)
    if not found:
        st.text(tn("None: the {n} run that ended gave a plan.", "None: all {n} runs that ended gave a plan.", ended))
        return
    st.text(
        t(
            "{without} of {runs} ended without a plan of their engine. The reasons, the most frequent first:",
            without=without, runs=tn("{n} run", "{n} runs", ended),
        )
    )  # fmt: skip
    rows = frame_of(
        [Column(t("Engine")), Column(t("How it ended")), Column(t("Why")), Column(t("Runs"), WHOLE),
         Column(t("Last"), DATED_MOMENT)],
        [(formatting.engine_name(o.engine), _ending(o), _reason(o), o.runs, moment(o.newest, ctx.zone)) for o in found],
    )  # fmt: skip
    data_table.show(
        rows, "failed_runs", height=table_height(len(rows), 240),
        column_config={t("Why"): st.column_config.TextColumn(width="large")},
    )  # fmt: skip


def _ending(one: Outcome) -> str:
    return t("another engine replaced it") if one.state is RunState.OK else formatting.run_state(one.state)


def _reason(one: Outcome) -> str:
    if one.reason == PLAN_STAYS:
        return t("nothing better was found: the plan stays")
    if one.state is RunState.CANCELLED:
        return t("somebody cancelled it")
    return one.reason or t("no reason was recorded")
