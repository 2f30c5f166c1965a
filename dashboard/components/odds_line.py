"""What pages say of a plan's odds beside them: the variation that is assumed, or that they are still computed."""

from __future__ import annotations

import streamlit as st

from dashboard.presentation import odds_words
from dashboard.state import plan_odds
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


def _waiting(ctx: PlantContext, schedule_id: str) -> None:
    if not plan_odds.look(ctx, schedule_id).waiting:
        st.rerun(scope="app")
    st.caption(t("The chances of this plan are being computed, which takes some seconds (longer once after an update)."))
