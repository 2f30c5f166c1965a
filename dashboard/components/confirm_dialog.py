"""A question before something that is kept for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from dashboard.presentation import safe_text
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t

_OPEN: Final = "_asked_once_more"


def ask_once_more(
    key: str, title: str, text: str, yes: str, act: Callable[[], None], *, clicked: bool, refused: str = ""
) -> None:
    """Ask when ``clicked``, and until the planner has answered; then ``act`` and run the page again.

    ``key`` names the question: it must name what it is about, so that no answer is taken for another question. ``text`` is
    shown as it is. What ``act`` refuses with a ShopwrightError or an OSError is shown, behind ``refused``, and the question
    stays open.
    """
    if clicked:
        st.session_state[_OPEN] = key
    if st.session_state.get(_OPEN) != key:
        return

    @st.dialog(title, on_dismiss=put_away)
    def question() -> None:
        st.text(text)
        left, right = st.columns(2)
        if right.button(t("Back"), width="stretch", key="back"):
            put_away()
            st.rerun()
        if left.button(yes, type="primary", width="stretch", key="confirm"):
            try:
                act()
            except (ShopwrightError, OSError) as error:
                st.error(refused + safe_text.escape_markdown(str(error)), icon=":material/error:")
                return
            put_away()
            st.rerun()

    question()


def put_away() -> None:
    """Close the question without an answer."""
    st.session_state.pop(_OPEN, None)
