"""The canvas Gantt as a Streamlit component. The script is plain modules joined in order; there is no build step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

FOLDER = Path(__file__).parent
SCRIPTS = ("message", "time", "model", "layout", "theme", "paint", "minimap", "view", "drag", "toolbar", "help", "gantt")
"""In order of use; the last one holds the component's default export."""


@dataclass(frozen=True)
class Picked:
    """What the planner clicked: an operation, or nothing (an empty place), which clears the selection."""

    job: str | None
    sequence: int | None


@dataclass(frozen=True)
class Dropped:
    """Where the planner set an operation down: on a machine (id), at a minute from plan_start. Nobody has judged it yet."""

    job: str
    sequence: int
    machine: int
    start: int


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


def show_gantt(data: bytes, *, key: str) -> Picked | Dropped | None:
    """Draw a packed plan (see ``payload.pack``); returns what was clicked or dropped in this very run, else None."""
    result = _renderer()(key=key, data=data, on_picked_change=_nothing, on_dropped_change=_nothing)
    return read_dropped(result.get("dropped")) or read_picked(result.get("picked"))


def read_picked(told: object) -> Picked | None:
    """What the browser says was clicked. It is not trusted: anything but an id and a number is a click on nothing."""
    if not isinstance(told, Mapping):
        return None
    job, sequence = told.get("job"), told.get("sequence")
    if isinstance(job, str) and _is_whole(sequence):
        return Picked(job, sequence)
    return Picked(None, None)


def read_dropped(told: object) -> Dropped | None:
    """What the browser says was set down where; anything else than an id and three whole numbers counts as nothing."""
    if not isinstance(told, Mapping):
        return None
    job, sequence, machine, start = (told.get(name) for name in ("job", "sequence", "machine", "start"))
    if isinstance(job, str) and _is_whole(sequence) and _is_whole(machine) and _is_whole(start):
        return Dropped(job, sequence, machine, start)
    return None


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _nothing() -> None:
    """Streamlit asks for a callback per event, so that the event is declared."""
