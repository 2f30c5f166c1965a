"""The figures of a week beside their targets and the week before, as KPIs and Summary show them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.presentation.week_figures import WeekFigure
from dashboard.state.plant_context import PlantContext
from scheduler_core.actuals.weeks import WeekFigures
from scheduler_core.comparison.performance import Performance
from scheduler_core.data.store.records import Source
from scheduler_core.i18n.translate import t


def show(week: WeekFigures, before: WeekFigures | None, shown: Sequence[WeekFigure]) -> None:
    """Draw a row of figures, each with its target and whether it is met; a change is green where it is for the better."""
    columns = st.columns(len(shown))
    for column, one in zip(columns, shown, strict=True):
        change = one.change(week, before)
        column.metric(
            one.label,
            one.words(one.value(week)),
            None if change is None else one.change_words(change),
            delta_color="off" if not change else "green" if (change > 0) == one.more else "red",
            delta_arrow="off" if not change else "up" if change > 0 else "down",
            delta_description=one.target_words(week) or (None if change is None else t("against the week before")),
            border=True,
            help=one.meaning,
            height="stretch",
        )


def say_nothing_known(ctx: PlantContext, found: Performance | None) -> None:
    """Why there are no figures of the floor, and what is missing."""
    if found is not None:
        st.info(t("Since the first pull no order was due and no planned operation began, so there are no figures yet."))
    elif ctx.snapshot.source is Source.FILE:
        st.info(t("These jobs come from a file. Only pulls from an ERP show what the shop floor did: connect an ERP."))
    elif ctx.snapshot.source is Source.DEMO:
        st.info(
            t(
                "This demo's clock stands still, so its shop floor never makes progress. For a demo with a "
                "simulated history run {command}.",
                command="`shopwright demo --days 14`",
            )
        )
    else:
        st.info(
            t(
                "The figures come from comparing two pulls, and a second pull at a later time is missing: pull the "
                "jobs again on Jobs, ideally every hour."
            )
        )


def say_simulated(ctx: PlantContext) -> None:
    """That a demo's history was never on a floor."""
    if ctx.snapshot.source is Source.DEMO:
        st.caption(t("Simulated by the demo: these figures do not come from a real shop floor."))
