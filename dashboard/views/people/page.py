"""People: for admins who has which role, and giving and taking them; for everybody one's own service tokens.

Only there where people sign in.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.auth import current_user
from dashboard.components import confirm_dialog, data_table, page_shell
from dashboard.components.row_selection import select_row
from dashboard.presentation import formatting
from dashboard.presentation.columns import DATED_MOMENT, TICK, Column, frame_of, moment
from dashboard.state.plant_context import open_store
from dashboard.views.people import tokens
from scheduler_core.data.store.records import Granted
from scheduler_core.i18n.translate import t
from scheduler_core.people.person_names import MAX_PERSON
from scheduler_core.roles import ALLOWED, Action, Role
from scheduler_core.services import authorized

_CLICKED = "_clicked_person"


def show() -> None:
    """Draw the page."""
    store = open_store()
    st.title(t("People"))
    snapshot = store.snapshots.newest(1)
    zone = ZoneInfo(snapshot[0].timezone) if snapshot else ZoneInfo("UTC")
    person = current_user.actor()
    if authorized.may(store, person, Action.MANAGE_ROLES):
        _roles(authorized.roles_in_force(store, person), zone)
    if not person.unrestricted:
        tokens.show(zone)


def _roles(granted: Sequence[Granted], zone: ZoneInfo) -> None:
    rows = frame_of(
        [Column(t("Person")), Column(t("Role")), Column(t("Granted by")), Column(t("On"), DATED_MOMENT)],
        [(g.person, g.role.value, g.actor, moment(g.at, zone)) for g in granted],
    )
    if granted:
        _choose([(g.person, g.role.value) for g in granted], rows)
        st.caption(t("Times are in {zone}.", zone=formatting.zone_text(zone.key)))
    else:
        st.info(t("Nobody has a role yet."))
    person_cell, role_cell, give_cell, take_cell = st.columns([4, 2, 1, 1], vertical_alignment="bottom")
    person = person_cell.text_input(t("Person, as signed in"), key="person", max_chars=MAX_PERSON)
    role = role_cell.selectbox(t("Role"), [r.value for r in Role], key="role")
    give = give_cell.button(t("Grant…"), key="give_role", type="primary", width="stretch")
    take = take_cell.button(t("Revoke…"), key="take_role", width="stretch")
    named = person.strip()
    if (give or take) and not named:
        st.error(t("Enter the person's name first."), icon=":material/error:")
    for grant, clicked in ((True, give), (False, take)):
        _ask(named, role, grant, clicked=clicked and bool(named))
    st.subheader(t("What each role may do"))
    allowed = frame_of(
        [Column(t("May")), *(Column(r.value, TICK) for r in Role)],
        [(t(current_user.ACTION_WORDS[a]), *(a in ALLOWED[r] for r in Role)) for a in Action],
    )
    data_table.show(allowed, "allowed", height="content")


def _choose(granted: Sequence[tuple[str, str]], rows: pd.DataFrame) -> None:
    """The roles that are granted; a click on one fills the fields below, so that nobody types an address to revoke it."""
    key = f"people_{sha256(repr(granted).encode()).hexdigest()[:12]}"
    clicked = select_row(rows, key=key, height="content")
    if clicked != st.session_state.get(_CLICKED) and clicked is not None:
        st.session_state["person"], st.session_state["role"] = granted[clicked]
    st.session_state[_CLICKED] = clicked


def _ask(person: str, role: str, grant: bool, *, clicked: bool) -> None:
    """Ask once more before a role is granted or revoked."""

    def act() -> None:
        change = authorized.grant_role if grant else authorized.revoke_role
        if not change(open_store(), current_user.actor(), person, role):
            page_shell.flash(t("No change: they already have this role.") if grant else t("No change: they lack this role."))
        else:
            page_shell.flash(t("The role is granted.") if grant else t("The role is revoked."))

    text = (
        t("{person} gets the role {role}.", person=person, role=role)
        if grant
        else t("{person} loses the role {role}.", person=person, role=role)
    )
    confirm_dialog.ask_once_more(
        f"{'grant' if grant else 'revoke'} {person} {role}", t("Grant this role?") if grant else t("Revoke this role?"),
        text, t("Grant") if grant else t("Revoke"), act, clicked=clicked,
    )  # fmt: skip
