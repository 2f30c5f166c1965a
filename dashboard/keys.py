"""The keyboard shortcuts, told in one place. Streamlit itself leaves them alone while something is typed into a field."""

from __future__ import annotations

from typing import Final

import streamlit as st

RUN: Final = "ctrl+enter"
GANTT: Final = "g"
BREAKDOWN: Final = "b"
DIFFERENCES: Final = "d"
PRINT: Final = "p"

TOLD: Final[tuple[tuple[str, str], ...]] = (
    ("Ctrl+Enter", "The page's main step: run on Compare, pull on Jobs, compare repairs on What-if"),
    ("G", "Open the Gantt"),
    ("B", "A machine breaks down: open What-if with its form"),
    ("D", "What differs between two plans, on Compare"),
    ("P", "Print the shift's lists, on Dispatch"),
    ("/", "Find a job, part or machine, on Gantt"),
    ("?", "Every key of the picture, on Gantt"),
)
"""Keys and what they do, as the list tells them."""


def tell() -> None:
    """The button that opens the list of keys."""
    with st.popover("Keys", icon=":material/keyboard:", type="tertiary", help="Keyboard shortcuts"):
        st.markdown("\n".join(["| Key | What it does |", "|---|---|", *(f"| `{key}` | {does} |" for key, does in TOLD)]))
        st.text("Letters typed into a field stay letters.")
