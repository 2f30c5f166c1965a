"""What comes after a release: the lists for the shop floor, and fields that are empty for the next plan."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import navigation
from dashboard.state.plant_context import PlantContext
from scheduler_core.i18n.translate import t

_RELEASED = "_just_released"
_EMPTY = "_empty_fields"


def remember(plant: str, number: int) -> None:
    """A version was released on this page just now."""
    st.session_state[_RELEASED] = (plant, number)
    st.session_state[_EMPTY] = True


def empty_fields(keys: Sequence[str]) -> None:
    """Empty these fields if something was released since they were filled; call it before they are drawn."""
    if st.session_state.pop(_EMPTY, False):
        for key in keys:
            st.session_state[key] = ""


def show(ctx: PlantContext) -> None:
    """The ways on, as long as the version that was released here is in force."""
    plant, number = st.session_state.get(_RELEASED, (None, None))
    if ctx.release is None or (plant, number) != (ctx.release.plant, ctx.release.number):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="next_steps"):
        st.success(t("Version {number} is released. Next: give the lists to the shop floor.", number=number),
                   icon=":material/verified:")  # fmt: skip
        if st.button(t("Print the lists on Dispatch"), icon=":material/print:", type="primary", key="next_print"):
            navigation.go(navigation.DISPATCH, plan=ctx.release.schedule_id)
        if st.button(t("Open Today"), icon=navigation.TODAY.icon, key="next_today"):
            navigation.go(navigation.TODAY)
