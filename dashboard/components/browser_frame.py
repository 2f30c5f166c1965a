"""What the browser does for all pages: one entry of its history for each page, and our words where the server is away."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from scheduler_core.i18n.translate import t

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_SCRIPT = Path(__file__).parent / "browser_frame.js"


def install() -> None:
    """Hand the browser its script; it takes effect once for each loaded page."""
    words = t(
        "The Shopwright server does not answer. All stored data are safe; this page continues by itself when the "
        "server runs again."
    )
    _frame()(key="browser_frame", data={"words": words})


@cache
def _frame() -> ComponentRenderer:
    return st.components.v2.component(
        "shopwright_browser_frame", html="<span></span>", js=_SCRIPT.read_text(encoding="utf-8")
    )
