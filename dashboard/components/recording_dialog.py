"""What the dialogs share that record something: their two buttons, a refusal, and the way out."""

from __future__ import annotations

import streamlit as st

from dashboard.components import acting_person, page_shell
from dashboard.presentation import safe_text
from dashboard.state.request_ids import consume_request_id, give_up_if_used
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t


def decided(label: str, key: str, back_key: str, open_key: str) -> bool:
    """Whether the dialog's button was pressed; *Back* beside it closes the dialog. ``open_key``: what keeps it open in the
    session."""
    decide, back = st.columns(2)
    if back.button(t("Back"), key=back_key, width="stretch"):
        st.session_state.pop(open_key, None)
        st.rerun()
    return decide.button(label, type="primary", key=key, width="stretch")


def refused(error: ShopwrightError, token: str) -> None:
    """Say that nothing was recorded, and why; the dialog stays. ``token``: names its request id."""
    give_up_if_used(token, error)
    st.error(
        t("Not recorded: {error}", error=safe_text.escape_markdown(acting_person.refusal(error))), icon=":material/block:"
    )


def done(message: str, token: str, open_key: str) -> None:
    """Close the dialog, whose request id is used up, and say the message on the page."""
    consume_request_id(token)
    st.session_state.pop(open_key, None)
    page_shell.flash(message)
    st.rerun()
