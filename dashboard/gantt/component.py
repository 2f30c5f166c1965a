"""The canvas Gantt as a Streamlit component. The script is plain modules joined in order; there is no build step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

FOLDER = Path(__file__).parent
SCRIPTS = (
    "message", "time", "model", "layout", "theme", "colouring", "actuals", "paint", "minimap", "view", "drag", "steps",
    "toolbar", "help", "notice", "menu", "gantt",
)  # fmt: skip
"""In order of use; the last one holds the component's default export."""


class Errand(StrEnum):
    """What the context menu and the keys ask the page for."""

    DETAILS = "details"
    ORDER = "order"
    EXPEDITE = "expedite"
    PIN = "pin"
    BREAKDOWN = "breakdown"
    DOWN = "down"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True)
class Picked:
    """What the planner clicked: an operation, a machine's name (its id), or nothing (an empty place), which clears the
    selection."""

    job: str | None
    sequence: int | None
    machine: int | None = None


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


@dataclass(frozen=True)
class Asked:
    """An entry of the context menu, or a key: what is asked for, of which operation or machine (id)."""

    errand: Errand
    job: str | None = None
    sequence: int | None = None
    machine: int | None = None


Told = Picked | Dropped | Asked


@cache
def _renderer() -> ComponentRenderer:
    return st.components.v2.component(
        "shopwright_gantt",
        html='<div id="shopwright-gantt"></div>',
        css=(FOLDER / "gantt.css").read_text(encoding="utf-8"),
        js=script(),
    )


def show_gantt(data: bytes, *, key: str, on_told: Callable[[], None] | None = None) -> Told | None:
    """Draw a packed plan (see ``payload.pack``); returns what was clicked, dropped or asked for in this very run, else None.

    on_told: called before the run that a click causes; ``told`` then says what was clicked.
    """
    heard = on_told or _nothing
    result = _renderer()(key=key, data=data, on_picked_change=heard, on_dropped_change=heard, on_asked_change=heard)
    return _read(result)


def told(key: str) -> Told | None:
    """What the browser told of the chart of this key, while ``on_told`` is called."""
    state = st.session_state.get(key)
    return _read(state) if isinstance(state, Mapping) else None


def _read(state: Mapping[str, object]) -> Told | None:
    return read_dropped(state.get("dropped")) or read_asked(state.get("asked")) or read_picked(state.get("picked"))


def read_picked(told: object) -> Picked | None:
    """What the browser says was clicked. It is not trusted: anything but an id and a number is a click on nothing."""
    if not isinstance(told, Mapping):
        return None
    job, sequence = told.get("job"), told.get("sequence")
    if isinstance(job, str) and _is_whole(sequence):
        return Picked(job, sequence)
    machine = told.get("machine")
    return Picked(None, None, machine if _is_whole(machine) else None)


def read_dropped(told: object) -> Dropped | None:
    """What the browser says was set down where; anything else than an id and three whole numbers counts as nothing."""
    if not isinstance(told, Mapping):
        return None
    job, sequence, machine, start = (told.get(name) for name in ("job", "sequence", "machine", "start"))
    if isinstance(job, str) and _is_whole(sequence) and _is_whole(machine) and _is_whole(start):
        return Dropped(job, sequence, machine, start)
    return None


def read_asked(told: object) -> Asked | None:
    """What the menu or a key asks for; anything but a known errand, with ids and numbers, counts as nothing."""
    if not isinstance(told, Mapping) or told.get("what") not in list(Errand):
        return None
    job, sequence, machine = (told.get(name) for name in ("job", "sequence", "machine"))
    return Asked(
        Errand(told["what"]),
        job if isinstance(job, str) else None,
        sequence if _is_whole(sequence) else None,
        machine if _is_whole(machine) else None,
    )


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _nothing() -> None:
    """Streamlit asks for a callback per event, so that the event is declared."""
