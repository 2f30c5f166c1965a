"""The keyboard shortcuts, told in one place. Streamlit itself leaves them alone while something is typed into a field."""

from __future__ import annotations

from typing import Final

import streamlit as st

from scheduler_core.i18n.translate import mark, t

RUN: Final = "ctrl+enter"
GANTT: Final = "g"
BREAKDOWN: Final = "b"
DIFFERENCES: Final = "d"
PRINT: Final = "p"

TOLD: Final[tuple[tuple[str, str], ...]] = (
    ("Ctrl+Enter", mark("The page's main step: run on Compare, pull on Jobs, compare repairs on What-if")),
    ("G", mark("Open the Gantt")),
    ("B", mark("A machine breaks down: open What-if with its form")),
    ("D", mark("What differs between two plans, on Compare")),
    ("P", mark("Print the shift's lists on Dispatch, the week on Summary")),
    ("/", mark("Find a job, part or machine, on Gantt")),
    ("?", mark("All keys of the picture, on Gantt")),
)
"""Keys and what they do, as the list tells them."""


def tell() -> None:
    """The button that opens the list of keys."""
    with st.popover(t("Keys"), icon=":material/keyboard:", type="tertiary", help=t("Keyboard shortcuts")):
        head = "| " + t("Key") + " | " + t("What it does") + " |"
        st.markdown("\n".join([head, "|---|---|", *(f"| `{key}` | {t(does)} |" for key, does in TOLD)]))
