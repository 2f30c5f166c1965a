"""A button that opens a document in a tab of its own and the print dialog with it; the key P does the same.

The document travels with the page, so that the browser sees a click and not a reply, which it would block as a pop-up.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from scheduler_core.i18n.translate import t

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

FOLDER = Path(__file__).parent


@cache
def _renderer() -> ComponentRenderer:
    return st.components.v2.component(
        "shopwright_print",
        html='<button type="button"><span></span> <kbd>P</kbd></button>',
        css=(FOLDER / "print_button.css").read_text(encoding="utf-8"),
        js=(FOLDER / "print_button.js").read_text(encoding="utf-8"),
    )


def print_button(document: str, *, key: str) -> None:
    """Draw the button for a whole HTML document."""
    _renderer()(key=key, data={"document": document, "label": t("Print"), "title": t("Open the printable page (P)")})
