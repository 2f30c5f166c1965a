"""Choices that are part of a page's address, and what is said of an address that names something unknown."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.presentation import safe_text
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Machine, Plant


def put_in_address(key: str, value: str) -> None:
    """Make a choice part of the page's address; only a change is told to the browser."""
    st.session_state[f"_address_{key}"] = value
    if st.query_params.get(key) != value:
        st.query_params[key] = value


def take_out_of_address(key: str) -> None:
    """Let the address name this choice no longer."""
    st.session_state.pop(f"_address_{key}", None)
    st.query_params.pop(key, None)


def take_from_address(key: str, widget: str, known: Sequence[str], *, told: bool = True) -> None:
    """Let a widget follow the address where a link has changed it; a widget that was just used wins over the old address.

    A value that is not ``known`` is said to be a wrong link, unless ``told`` is False because the caller says so itself.
    """
    asked = st.query_params.get(key)
    if asked is None or asked == st.session_state.get(f"_address_{key}"):
        return
    if asked in known:
        st.session_state[widget] = asked
    elif told:
        wrong_link(t("{key} cannot be {asked}", key=key, asked=asked))


def wrong_link(what: str) -> None:
    """Say in one and the same way on every page what is wrong with the link that led here. ``what`` is shown as it is."""
    text = t("Wrong link: {what}. The page shows its usual content instead.", what=what)
    st.warning(safe_text.escape_markdown(text), icon=":material/link_off:")


def machine_taken_along() -> dict[str, str]:
    """The machine that the page shows or has picked (``row``), as a parameter for the address of another page."""
    asked = st.query_params.get("row") or st.query_params.get("machine")
    return {} if asked is None else {"machine": asked}


def machine_of_address(plant: Plant) -> Machine | None:
    """The machine that the address names by its number or its name; where there is no such machine, that is said."""
    asked = st.query_params.get("machine")
    if asked is None:
        return None
    by_id = next((m for m in plant.machines if asked == str(m.id)), None)  # as pages write it
    found = by_id or next((m for m in plant.machines if asked == m.name), None)
    if found is None:
        wrong_link(t("this plant has no machine {asked}", asked=asked))
    return found
