"""Waiting for a background task: a moment in place, then with its progress and Cancel above every page, which stay
usable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import streamlit as st

from dashboard.background.background_task import BackgroundTask
from dashboard.presentation import formatting
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.i18n.translate import t

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
AT_ONCE_SECONDS = 1.0
"""What takes no longer is waited for in place."""
POLL_SECONDS = 0.5
_WAITS = "_waits_for"


class Then(Protocol[T_contra]):
    """What a page does with the outcome."""

    def __call__(self, result: Callable[[], T_contra], *, later: bool) -> None:
        """``result`` returns what the work returned or raises what it raised. ``later``: in another run of the page, at its
        top, and not where the planner has asked."""


@dataclass(frozen=True)
class _Waiting:
    title: str
    task: BackgroundTask[Any]
    then: Then[Any]
    owner: str


def busy() -> bool:
    """Whether this session waits for something; then nothing else is begun."""
    return _WAITS in st.session_state


def waits_for(owner: str) -> bool:
    """Whether what this session waits for was begun by ``owner``."""
    waiting = st.session_state.get(_WAITS)
    return waiting is not None and waiting.owner == owner


def give_up(owner: str) -> None:
    """Cancel what ``owner`` has begun, if this session waits for it: nobody needs its outcome any more."""
    if waits_for(owner) and st.session_state[_WAITS].task.call_off():
        del st.session_state[_WAITS]


def wait_for(title: str, work: Callable[[ReadProgress], T], then: Then[T], owner: str = "") -> None:
    """Begin ``work`` in a thread, where no ``st.`` may be called, and do ``then`` when it has ended. ``owner``: who may
    `give_up`."""
    if busy():
        return
    # Noted before anything is drawn: a run of the page that is broken off in between leaves it to the next one.
    waiting = _Waiting(title, BackgroundTask(work), then, owner)
    st.session_state[_WAITS] = waiting
    with st.spinner(title):
        ended = waiting.task.wait(AT_ONCE_SECONDS)
    if not ended:
        st.rerun(scope="app")
    _end(waiting, later=False)


def show() -> None:
    """Above a page: what this session waits for, or what came of it."""
    waiting = st.session_state.get(_WAITS)
    if waiting is None:
        return
    if waiting.task.ended:
        _end(waiting, later=True)
        return
    with st.container():  # as around the runs at work, see page_shell.show_runs
        _progress("cancel_waiting")


def show_here(owner: str) -> None:
    """The progress of `show`, drawn where ``owner`` was started: the top of a long page is out of sight there."""
    _progress(f"{owner}_cancel")


@st.fragment(run_every=POLL_SECONDS)
def _progress(key: str) -> None:
    waiting = st.session_state.get(_WAITS)
    if waiting is None:
        # The page is being drawn with the outcome; to begin it once more would lose what it says of it.
        return
    if waiting.task.ended:
        st.rerun(scope="app")
    read, expected = waiting.task.seen
    bar, cancel = st.columns([7, 1], vertical_alignment="center")
    rows = (
        t("{read} of about {expected} rows", read=formatting.number(read, 0), expected=formatting.number(expected, 0))
        if read
        else ""
    )
    bar.progress(min(1.0, read / expected) if expected else 0.0, text=f"{waiting.title} {rows}".rstrip())
    clicked = cancel.button(t("Cancel"), key=key, width="stretch", disabled=waiting.task.kept)
    if clicked and waiting.task.call_off():
        st.rerun(scope="app")


def _end(waiting: _Waiting, *, later: bool) -> None:
    st.session_state.pop(_WAITS, None)
    waiting.then(waiting.task.result, later=later)
