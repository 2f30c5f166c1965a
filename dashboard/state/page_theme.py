"""Whether the reader's page is dark: for fills that would not stand out from it otherwise."""

from __future__ import annotations

import streamlit as st


def dark() -> bool:
    """As the browser said when it last asked for the page; a page that was never told counts as light."""
    return st.context.theme.type == "dark"
