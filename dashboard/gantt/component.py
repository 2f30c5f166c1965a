"""The canvas Gantt as a Streamlit component. The script is plain modules joined in order; there is no build step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

FOLDER = Path(__file__).parent
SCRIPTS = ("time", "model", "layout", "theme", "paint", "view", "toolbar", "gantt")
"""In order of use; the last one holds the component's default export."""


@dataclass(frozen=True)
class Picked:
    """What the planner clicked: an operation, or nothing (an empty place), which clears the selection."""

    job: str | None
    sequence: int | None


def script() -> str:
    """The component's whole script."""
    return "\n".join((FOLDER / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


@cache
def _renderer() -> ComponentRenderer:
    return st.components.v2.component(
        "shopwright_gantt",
        html='<div id="shopwright-gantt"></div>',
        css=(FOLDER / "gantt.css").read_text(encoding="utf-8"),
        js=script(),
    )


def show_gantt(data: bytes, *, key: str) -> Picked | None:
    """Draw a packed plan (see ``payload.pack``); returns what was clicked in this very run, else None."""
    result = _renderer()(key=key, data=data, on_picked_change=_nothing)
    picked = result.get("picked")
    if not isinstance(picked, Mapping):
        return None
    job, sequence = picked.get("job"), picked.get("sequence")
    # The browser is not trusted: anything but a job's id and a number counts as a click on nothing.
    if isinstance(job, str) and isinstance(sequence, int):
        return Picked(job, sequence)
    return Picked(None, None)


def _nothing() -> None:
    """Streamlit asks for a callback per event, so that the event is declared."""
