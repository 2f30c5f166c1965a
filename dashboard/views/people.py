"""People: who has which role, and giving and taking them. Only there where people sign in, and for admins."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.auth import current_user
from dashboard.components import data_table, page_shell
from dashboard.presentation import safe_text
from dashboard.presentation.columns import DATED_MOMENT, Column, frame_of, moment
from dashboard.state.plant_context import open_store
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.roles import ALLOWED, MAX_PERSON, Action, Forbidden, Role
from scheduler_core.services import authorized


def show() -> None:
    """Draw the page."""
    store = open_store()
    st.title(t("People"))
    try:
        granted = authorized.roles_in_force(store, current_user.actor())
    except Forbidden as forbidden:
        st.error(safe_text.escape_markdown(current_user.refusal(forbidden)), icon=":material/block:")
        return
    snapshot = store.snapshots.newest(1)
    zone = ZoneInfo(snapshot[0].timezone) if snapshot else ZoneInfo("UTC")
    rows = frame_of(
        [Column(t("Person")), Column(t("Role")), Column(t("Given by")), Column(t("On"), DATED_MOMENT)],
        [(g.person, g.role.value, g.actor, moment(g.at, zone)) for g in granted],
    )
    if granted:
        data_table.show(rows, "people", height="content")
        st.caption(t("Times are those of {zone}.", zone=zone.key.replace("_", " ")))
    else:
        st.info(t("Nobody has a role yet."))
    person_cell, role_cell, give_cell, take_cell = st.columns([4, 2, 1, 1], vertical_alignment="bottom")
    person = person_cell.text_input(t("Person, as signed in"), key="person", max_chars=MAX_PERSON)
    role = role_cell.selectbox(t("Role"), [r.value for r in Role], key="role")
    give = give_cell.button(t("Give"), key="give_role", type="primary", width="stretch")
    take = take_cell.button(t("Take"), key="take_role", width="stretch")
    if give or take:
        _change(person, role, give)
    st.subheader(t("What each role may do"))
    table = [
        {t("May"): t(current_user.ACTION_WORDS[a]), **{r.value: "✓" if a in ALLOWED[r] else "" for r in Role}}
        for a in Action
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True, height="content")


def _change(person: str, role: str, give: bool) -> None:
    act = authorized.grant_role if give else authorized.revoke_role
    try:
        changed = act(open_store(), current_user.actor(), person, role)
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return
    if not changed:
        st.info(t("Nothing to change: it is so already."))
        return
    page_shell.flash(t("The role is given.") if give else t("The role is taken away."))
    st.rerun()
