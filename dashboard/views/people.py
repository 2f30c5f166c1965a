"""People: who has which role, and giving and taking them. Only there where people sign in, and for admins."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import frame, people, words
from dashboard.session import open_store
from scheduler_core import services
from scheduler_core.errors import ShopwrightError
from scheduler_core.roles import ALLOWED, MAX_PERSON, Action, Forbidden, Role


def show() -> None:
    """Draw the page."""
    store = open_store()
    st.title("People")
    try:
        granted = services.roles_in_force(store, people.actor())
    except Forbidden as forbidden:
        st.error(words.escape_markdown(str(forbidden)), icon=":material/block:")
        return
    rows = pd.DataFrame(
        [
            {"Person": g.person, "Role": g.role.value, "Given by": g.actor, "On": f"{g.at:%Y-%m-%d %H:%M} UTC"}
            for g in granted
        ],
        columns=["Person", "Role", "Given by", "On"],
    )
    if granted:
        st.dataframe(rows, hide_index=True, height="content")
    else:
        st.info("Nobody has a role yet.")
    person_cell, role_cell, give_cell, take_cell = st.columns([4, 2, 1, 1], vertical_alignment="bottom")
    person = person_cell.text_input("Person, as signed in", key="person", max_chars=MAX_PERSON)
    role = role_cell.selectbox("Role", [r.value for r in Role], key="role")
    give = give_cell.button("Give", key="give_role", type="primary", width="stretch")
    take = take_cell.button("Take", key="take_role", width="stretch")
    if give or take:
        _change(person, role, give)
    st.subheader("What each role may do")
    table = [{"May": a.value, **{r.value: "✓" if a in ALLOWED[r] else "" for r in Role}} for a in Action]
    st.dataframe(pd.DataFrame(table), hide_index=True, height="content")


def _change(person: str, role: str, give: bool) -> None:
    act = services.grant_role if give else services.revoke_role
    try:
        changed = act(open_store(), people.actor(), person, role)
    except ShopwrightError as error:
        st.error(words.escape_markdown(str(error)), icon=":material/error:")
        return
    if not changed:
        st.info("Nothing to change: it is so already.")
        return
    frame.flash("The role is given." if give else "The role is taken away.")
    st.rerun()
