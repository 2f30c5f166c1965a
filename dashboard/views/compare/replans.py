"""Keep, calm and best of the latest jobs beside the plan in force, with one of them recommended."""

from __future__ import annotations

import streamlit as st

from dashboard.components import column_help, data_table
from dashboard.presentation import formatting, job_set_words, replan_words, terms, what_if_tables
from dashboard.state import proposal
from dashboard.state.loaded import load_plan, load_replanned
from dashboard.state.plant_context import PlantContext
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.i18n.translate import t
from scheduler_core.runs.supervisor import ACTIVE


def show(ctx: PlantContext) -> None:
    """Draw them; without any, what makes them."""
    if ctx.released is None:
        st.info(t("Nothing is released yet: a replan starts from a plan in force."))
        return
    stored = proposal.replans(ctx)
    if not stored:
        st.info(
            t(
                "There is no replan of the latest jobs since the last release: press Run to make keep, calm and best "
                "from the plan in force."
            )
        )
        return
    base = load_plan(ctx.store, ctx.released.id)
    found = {engine: load_replanned(ctx.store, base.id, plan.id, ctx.now) for engine, plan in stored.items()}
    working = [
        r.engine for r in ctx.store.runs.newest(snapshot_id=ctx.snapshot.id, states=ACTIVE) if r.engine in REPAIR_CHOICES
    ]
    if working:
        missing = ", ".join(formatting.engine_name(engine) for engine in REPAIR_CHOICES if engine in working)
        st.text(t("Still calculating: {missing}.", missing=missing))
    else:
        st.markdown(replan_words.recommended(found))
    # Every replan has the same jobs: those of the latest pull.
    answer = next(iter(found.values())).plan
    if unlike := job_set_words.unlike_orders(base, answer, t("the plan in force"), t("the answers")):
        st.text(unlike)
    headed = {formatting.engine_name(engine): one for engine, one in found.items()}
    help_ = {formatting.engine_name(engine): terms.engines([engine]) for engine in found}
    data_table.show(
        what_if_tables.repairs_frame(base, headed), "replans", height="content", column_config=column_help.of_figures(help_)
    )
    st.caption(
        t("Keep: the same sequence on the same machines, at later times. Calm: at most 5 % of the operations of "
          "the next 24 h move, or the number under Settings. Best: any operation may move. A move is a change of "
          "the start by more than 15 minutes, or of the machine, that Keep does not make.")
    )  # fmt: skip
    st.caption(replan_words.how_often())
