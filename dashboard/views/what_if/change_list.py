"""Several changes that are asked together: a list under the form, to add to and to take from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.presentation import what_if_tables
from scheduler_core.i18n.translate import t, tn
from scheduler_core.scenarios.changes import Change

_LISTED = "_changes_listed"


def listed(plan: Plan) -> tuple[Change, ...]:
    """The changes on the list, in their order; a list belongs to one plan."""
    of, changes = st.session_state.get(_LISTED, (None, ()))
    return tuple(changes) if of == plan.info.id else ()


def put(plan: Plan, changes: Sequence[Change]) -> None:
    """These changes become the list."""
    st.session_state[_LISTED] = (plan.info.id, tuple(changes))


def show(plan: Plan, change: Change | None) -> tuple[Change, ...]:
    """Draw the list below the fields that say ``change``; returns what is asked: the list, or without one the change."""
    changes = listed(plan)
    if st.button(
        t("Add to a list of changes"), icon=":material/add:", key="add_change", disabled=change is None,
        help=t("Several changes are evaluated together, in their order"),
    ) and change is not None:  # fmt: skip
        put(plan, (*changes, change))
        st.rerun()
    if not changes:
        return () if change is None else (change,)
    st.text(tn("{n} change is evaluated; the fields above count only after you add them:",
               "{n} changes are evaluated together; the fields above count only after you add them:",
               len(changes)))  # fmt: skip
    for number, one in enumerate(changes):
        words, remove = st.columns([9, 1], vertical_alignment="center")
        words.text(f"{number + 1}. {what_if_tables.change_words(plan.plant, one)}")
        if remove.button(t("Remove"), key=f"remove_change_{number}", width="stretch"):
            put(plan, changes[:number] + changes[number + 1 :])
            st.rerun()
    return changes
