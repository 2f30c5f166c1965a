"""A spreadsheet that somebody has uploaded: read once, asked about hidden rows, and what became of its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import pandas as pd
import streamlit as st

from dashboard.background import progress
from dashboard.background.open_session import watch_session
from dashboard.components import data_table
from dashboard.components.table_height import table_height
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.sheet_tables import accepted_frame, noted_frame, refused_frame
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.interchange.job_sheet import HIDDEN_ROWS, HiddenRows, JobSheet, UndecidedHiddenRows
from scheduler_core.interchange.sheet_table import Progress
from scheduler_core.limits import MAX_SHEET_BYTES
from scheduler_core.plant import Plant

T = TypeVar("T")
MOST_NAMED = 10
"""Hidden rows that are named by their numbers."""
HEIGHT = 220
"""Pixels of each table."""


@dataclass(frozen=True)
class Upload:
    """A file that somebody has uploaded to the box of ``name``."""

    name: str
    file: str
    content: bytes
    about: str = ""
    """What else decides what the file means, such as the snapshot that it is read for."""

    @cached_property
    def key(self) -> str:
        """Tells one file from another."""
        return hashlib.sha256("\n".join((self.about, self.file)).encode() + self.content).hexdigest()[:16]


def uploaded(name: str, label: str, endings: Sequence[str], key: str, refusal: str | None) -> Upload | None:
    """Draw the box for a file; None as long as there is none.

    ``refusal``: why this person may not add what is in a file, None if it is allowed. With a refusal the box is disabled and
    no file is read.
    """
    if refusal is not None:
        st.text(refusal)
    given = st.file_uploader(
        label, type=list(endings), key=key, label_visibility="collapsed", max_upload_size=MAX_SHEET_BYTES // 1_000_000,
        disabled=refusal is not None,
    )  # fmt: skip
    if given is None or refusal is not None:
        progress.give_up(_owner(name))
        st.session_state.pop(f"_sheet_{name}", None)
        return None
    return Upload(name, given.name, given.getvalue())


def read_once(upload: Upload, read: Callable[[Progress, HiddenRows | None], T]) -> T | None:
    """What ``read`` makes of a file, read once for each file and answer, with progress and Cancel.

    ``read`` is called in a thread. None while it is being read, after Cancel, and while nobody has said what to do with
    hidden rows. Raises InvalidValue.
    """
    state = f"_sheet_{upload.name}"
    known = st.session_state.get(state)
    if known is None or known[0] != upload.key:
        progress.give_up(_owner(upload.name))  # the reading of another file
        st.session_state[state] = known = (upload.key, {})
    found: dict[HiddenRows | None, T | ShopwrightError] = known[1]
    first = _outcome(upload, read, None, found)
    if not isinstance(first, UndecidedHiddenRows):
        return _usable(first, found, upload)
    answer = _ask_hidden_rows(first.hidden, f"{upload.name}_hidden_{upload.key}")
    return None if answer is None else _usable(_outcome(upload, read, answer, found), found, upload)


def _outcome(
    upload: Upload, read: Callable[[Progress, HiddenRows | None], T], hidden_rows: HiddenRows | None,
    found: dict[HiddenRows | None, T | ShopwrightError],
) -> T | ShopwrightError | None:  # fmt: skip
    """What came of one reading; None as long as it is under way."""
    if hidden_rows in found:
        return found[hidden_rows]
    file = safe_text.escape_markdown(upload.file)
    if progress.busy():
        if progress.waits_for(_owner(upload.name)):
            progress.show_here(_owner(upload.name))
        else:
            st.text(t("The file is read next."))
        return None
    still_open = watch_session()

    def work(listener: ReadProgress) -> T:
        def rows(rows_read: int, expected: int) -> None:
            listener.rows(rows_read, expected)
            still_open()

        return read(rows, hidden_rows)

    def settle(result: Callable[[], T], *, later: bool) -> None:
        del later  # the page below shows what came of it, whenever it is drawn
        try:
            found[hidden_rows] = result()
        except ShopwrightError as error:
            found[hidden_rows] = error

    progress.wait_for(t("Reading {file}…", file=file), work, settle, _owner(upload.name))
    return found.get(hidden_rows)


def _usable(
    outcome: T | ShopwrightError | None, found: dict[HiddenRows | None, T | ShopwrightError], upload: Upload
) -> T | None:
    """What was read. Raises InvalidValue; after Cancel there is a button to read the file all the same."""
    if isinstance(outcome, Cancelled):
        text, button = st.columns([5, 1], vertical_alignment="center")
        text.text(t("Reading the file was cancelled: nothing was added."))
        if button.button(t("Read again"), icon=":material/refresh:", key=f"{upload.name}_again", width="stretch"):
            found.clear()
            st.rerun()
        return None
    if isinstance(outcome, ShopwrightError):
        raise outcome
    return outcome


def _owner(name: str) -> str:
    return f"sheet_{name}"


def show(plant: Plant, sheet: JobSheet, name: str, under_refused: Callable[[pd.DataFrame], None] | None = None) -> None:
    """Counts, refused rows, notes and accepted jobs; ``under_refused`` draws below the table of refused rows."""
    st.text(
        t(
            "Rows: {rows_accepted} accepted + {rows_refused} refused = {rows_read} read. Jobs: {jobs} "
            "accepted, {jobs_refused} refused.",
            rows_accepted=formatting.number(sheet.rows_accepted, 0),
            rows_refused=formatting.number(sheet.rows_refused, 0),
            rows_read=formatting.number(sheet.rows_accepted + sheet.rows_refused, 0),
            jobs=formatting.number(len(sheet.jobs), 0),
            jobs_refused=formatting.number(sheet.jobs_refused, 0),
        )
    )
    if sheet.rows_left_out:
        st.text(t("Hidden rows that were left out: {rows}.", rows=formatting.number(sheet.rows_left_out, 0)))
    if sheet.refused:
        refused = refused_frame(sheet.refused)
        data_table.show(refused, f"{name}_refused", height=table_height(len(refused), HEIGHT))
        if under_refused is not None:
            under_refused(refused)
    if sheet.notes:
        noted = noted_frame(sheet.notes, sheet.file)
        data_table.show(noted, f"{name}_noted", height=table_height(len(noted), HEIGHT))
    if sheet.jobs:
        accepted = accepted_frame(plant, sheet.jobs)
        data_table.show(accepted, f"{name}_accepted", height=table_height(len(accepted), HEIGHT))


def _ask_hidden_rows(hidden: Sequence[int], key: str) -> HiddenRows | None:
    """What to do with the rows that the spreadsheet does not show; None until somebody has chosen."""
    rows = ", ".join(map(str, hidden[:MOST_NAMED]))
    more = len(hidden) - MOST_NAMED
    named = t("{names} and {n} more", names=rows, n=more) if more > 0 else rows
    st.warning(
        t("The table has hidden rows: {rows}. Are they orders to plan?", rows=named), icon=":material/visibility_off:"
    )
    words = {"read": t("Read the hidden rows"), "skip": t("Leave the hidden rows out")}
    return st.segmented_control(
        t("Hidden rows"), HIDDEN_ROWS, format_func=words.__getitem__, key=key,
        label_visibility="collapsed",
    )  # fmt: skip
