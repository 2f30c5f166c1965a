"""A tour of three steps for whoever has not released a plan yet. Each step stands on the page that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboard import navigation
from dashboard.navigation import APPROVE, COMPARE, TODAY, Place
from dashboard.state.address import put_in_address
from dashboard.state.plant_context import PlantContext
from scheduler_core.i18n.translate import mark, t

STEPS: Final[Mapping[Place, str]] = {
    TODAY: mark("**Today** shows which jobs will be late and why. Pick a line below to read its cause."),
    COMPARE: mark("**Compare** puts two plans of the same jobs side by side: figures, Gantts, what differs."),
    APPROVE: mark(
        "**Approve** releases a plan to the shop floor. Enter your name; the page asks you to confirm before the release."
    ),
}
"""Our own words, read as Markdown."""
CLOSED: Final = "closed"
_ADDRESS: Final = "tour"
_CLOSED: Final = "_tour_closed"


def step(ctx: PlantContext, place: Place) -> None:
    """The step of this page, unless something was released or the tour was closed. The address remembers that it was, so
    that a reload or a bookmark does not bring it back."""
    if ctx.releases:
        return
    if st.query_params.get(_ADDRESS) == CLOSED:
        st.session_state[_CLOSED] = True
    if st.session_state.get(_CLOSED):
        put_in_address(_ADDRESS, CLOSED)
        return
    places = list(STEPS)
    number = places.index(place) + 1
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="tour"):
        st.markdown(
            t("Step {number} of {places}: {steps}", number=number, places=len(places), steps=t(STEPS[place])),
            width="content",
        )
        st.space("stretch")
        if number < len(places):
            following = places[number]
            if st.button(t("Next: {title}", title=t(following.title)), key="tour_next", icon=":material/arrow_forward:"):
                navigation.go(following)
        if st.button(t("Close the tour"), key="tour_close", type="tertiary", icon=":material/close:"):
            st.session_state[_CLOSED] = True
            put_in_address(_ADDRESS, CLOSED)
            st.rerun()
