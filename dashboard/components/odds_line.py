"""What pages say of a plan's odds beside them: the variation that is assumed and what they do not count with, or that
they are still computed."""

from __future__ import annotations

import streamlit as st

from dashboard.presentation import fact_words, odds_words, safe_text
from dashboard.state import plan_odds
from dashboard.state.facts import beside
from dashboard.state.loaded import load_plant
from dashboard.state.plan_odds import Look
from dashboard.state.plant_context import PlantContext
from scheduler_core.i18n.translate import t

EVERY_SECONDS = 2.0
"""How often a page looks whether the odds are there."""


def show(ctx: PlantContext, schedule_id: str, look: Look, *, again: bool = True) -> None:
    """The sentence below odds. While they are computed the page goes on without them. ``again``: it is drawn again once they
    are there; not so where a table would lose the order in which the reader has sorted it."""
    # A place that is always there, as around the runs at work, see page_shell.show_runs.
    with st.container():
        if look.failed:
            st.caption(t("The chances could not be computed; the server's log names the reason."))
        elif look.off:
            st.caption(t("This server computes no chances (SHOPWRIGHT_ODDS)."))
        elif look.waiting and not again:
            st.caption(
                t("The chances of this plan are being computed. They appear here when you next open or reload the page.")
            )
        elif look.waiting:
            with st.container():
                st.fragment(_waiting, run_every=EVERY_SECONDS)(ctx, schedule_id)
        else:
            st.caption(odds_words.assumed(look.assumed), help=t(odds_words.HELP))
            _not_counted(ctx, schedule_id)


def _not_counted(ctx: PlantContext, schedule_id: str) -> None:
    """That the odds are those of a plan which facts recorded since have overtaken."""
    if names := _missing(ctx, schedule_id):
        words = t("The chances do not count with what was recorded since: {facts}. Those of a replan do.", facts=names)
        st.caption(f":material/warning: **{safe_text.escape_markdown(words)}**")


def warn_better(ctx: PlantContext, schedule_id: str, version: str) -> None:
    """Beside a plan that keeps to facts: that the version in force is played without them."""
    if names := _missing(ctx, schedule_id):
        words = t("{version} is played without what was recorded since, so it looks safer than it is: {facts}.",
                  version=version, facts=names)  # fmt: skip
        st.warning(safe_text.escape_markdown(words), icon=":material/warning:")


def _missing(ctx: PlantContext, schedule_id: str) -> str:
    """The facts in force that a plan does not know, in words; notes change no plan."""
    missing = [f for f in beside(ctx, ctx.store.schedules.get(schedule_id)).missing if fact_words.note_words(f) is None]
    plant = load_plant(ctx.store, ctx.snapshot.id)
    return "; ".join(fact_words.said(plant, fact) for fact in missing)


def _waiting(ctx: PlantContext, schedule_id: str) -> None:
    if not plan_odds.look(ctx, schedule_id).waiting:
        st.rerun(scope="app")
    st.caption(t("The chances of this plan are being computed, which takes some seconds (longer once after an update)."))
