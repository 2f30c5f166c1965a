"""On People: one's own service tokens (an admin sees all): what they may do, the last use, making and revoking them.

A secret that was just made is held in this session's memory until its dialog is closed, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import confirm_dialog, page_shell
from dashboard.components.row_selection import select_row
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.columns import DATED_MOMENT, Column, frame_of, moment
from dashboard.state.plant_context import open_store
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.data.store.records import ServiceToken
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.local_formats import date_field
from scheduler_core.i18n.translate import t
from scheduler_core.roles import Role
from scheduler_core.services import authorized
from scheduler_core.services.service_tokens import LONGEST, MOST_NAME

_SECRET: Final = "_made_token"
_REQUEST: Final = "token_make_token"
USUAL: Final = timedelta(days=90)


def show(zone: ZoneInfo) -> None:
    """Draw the section. ``zone``: of the times."""
    store, person = open_store(), current_user.actor()
    now = datetime.now(UTC)
    st.subheader(t("Service tokens of programs"))
    st.caption(
        t(
            "A program that asks the HTTP API with a token acts in its owner's name, with the token's roles and never more "
            "than the owner has. Make one token for each program."
        )
    )
    found = authorized.tokens(store, person)
    if found:
        _list(found, now, zone)
    else:
        st.info(t("There is no token yet."))
    _new(person.name, sorted(store.roles.of(person.name)), now, zone)
    if _SECRET in st.session_state:
        st.dialog(t("The new token"), on_dismiss=_forget)(_show_once)()


def _list(found: Sequence[ServiceToken], now: datetime, zone: ZoneInfo) -> None:
    rows = frame_of(
        [Column(t("Program")), Column(t("Owner")), Column(t("Roles")), Column(t("Expires"), DATED_MOMENT),
         Column(t("Last use"), DATED_MOMENT), Column(t("State")), Column(t("Token"))],
        [
            (one.name, one.owner, ", ".join(sorted(one.roles)), moment(one.expires_at, zone), moment(one.last_used, zone),
             _state(one, now), one.id)
            for one in found
        ],
    )  # fmt: skip
    names = sha256(repr([one.id for one in found]).encode()).hexdigest()[:12]
    row = select_row(rows, key=f"tokens_{names}", height="content")
    st.caption(t("Times are in {zone}.", zone=formatting.zone_text(zone.key)))
    chosen = None if row is None else found[row]
    live = chosen is not None and chosen.is_live(now)
    clicked = st.button(
        t("Revoke token…"), key="revoke_token", disabled=not live, help=None if live else t("Select a token in force first.")
    )
    if chosen is not None:
        _ask_to_revoke(chosen, clicked=clicked)


def _ask_to_revoke(token: ServiceToken, *, clicked: bool) -> None:
    def act() -> None:
        authorized.revoke_token(open_store(), current_user.actor(), token.id)
        page_shell.flash(t("The token is revoked."))

    text = t(
        "{program} of {owner} is refused from its next request on. A revoked token cannot be used again.",
        program=token.name, owner=token.owner,
    )  # fmt: skip
    confirm_dialog.ask_once_more(
        f"revoke_token_{token.id}", t("Revoke this token?"), text, t("Revoke"), act, clicked=clicked
    )


def _new(owner: str, roles: Sequence[Role], now: datetime, zone: ZoneInfo) -> None:
    today = now.astimezone(zone).date()
    with st.form("new_token", border=False):
        name_cell, roles_cell, until_cell, make_cell = st.columns([4, 3, 2, 2], vertical_alignment="bottom")
        name = name_cell.text_input(t("Program that uses the token"), key="token_name", max_chars=MOST_NAME)
        chosen = roles_cell.multiselect(
            t("Roles of the token"), [role.value for role in roles], key="token_roles",
            placeholder=t("At least one"),
        )  # fmt: skip
        until = until_cell.date_input(
            t("Last day"), today + USUAL, key="token_until", min_value=today,
            max_value=today + LONGEST - timedelta(days=2), format=date_field(),
        )  # fmt: skip
        clicked = make_cell.form_submit_button(t("Make token"), type="primary", width="stretch")
    if not clicked:
        return
    ends = datetime.combine(until, time(), zone) + timedelta(days=1)
    try:
        made = authorized.make_token(
            open_store(), current_user.actor(), name=name, roles=[Role(one) for one in chosen], expires_at=ends,
            request_id=request_id_for(_REQUEST),
        )  # fmt: skip
    except ShopwrightError as error:
        st.error(t("No token was made: {why}", why=safe_text.escape_markdown(str(error))), icon=":material/block:")
        return
    consume_request_id(_REQUEST)
    if made.secret is not None:
        st.session_state[_SECRET] = made.secret
    st.rerun()


def _show_once() -> None:
    st.warning(
        t("Copy the token now: it is shown this once. Keep it where only the program can read it."),
        icon=":material/key:",
    )
    st.code(st.session_state[_SECRET], language=None, wrap_lines=True)
    if st.button(t("Done"), key="token_copied", type="primary"):
        _forget()
        st.rerun()


def _forget() -> None:
    st.session_state.pop(_SECRET, None)


def _state(token: ServiceToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return t("revoked")
    return t("in force") if token.is_live(now) else t("expired")
