"""Request ids of buttons: one intention, one id, however often the button is drawn or clicked."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from scheduler_core.data.store_errors import RequestConflict


def request_id_for(key: str) -> str:
    """A request id that stays the same until it is consumed."""
    if key not in st.session_state:
        st.session_state[key] = uuid4().hex
    return str(st.session_state[key])


def give_up_if_used(key: str, error: Exception) -> None:
    """Where an id was used for something else already, let the next click be a new request."""
    if isinstance(error, RequestConflict):
        consume_request_id(key)


def consume_request_id(key: str) -> None:
    """The request went through: the next click is a new one."""
    st.session_state.pop(key, None)
