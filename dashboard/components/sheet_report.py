"""A spreadsheet that somebody has uploaded: read once, asked about hidden rows, and what became of its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import data_table
from dashboard.components.table_height import table_height
from dashboard.presentation.sheet_tables import accepted_frame, noted_frame, refused_frame
from scheduler_core.i18n.translate import t
from scheduler_core.interchange.job_sheet import HIDDEN_ROWS, HiddenRows, JobSheet, UndecidedHiddenRows
from scheduler_core.interchange.sheet_table import Progress
from scheduler_core.plant import Plant

T = TypeVar("T")
MOST_NAMED = 10
"""Hidden rows that are named by their numbers."""
HEIGHT = 220
"""Pixels of each table."""


def read_once(name: str, file: tuple[str, ...], read: Callable[[Progress, HiddenRows | None], T]) -> T | None:
    """What ``read`` makes of a file, read once for each file and answer; any click meanwhile stops the reading.

    ``file``: what tells one file from another. None while the question about hidden rows has no answer. Raises InvalidValue.
    """
    digest = hashlib.sha256("\n".join(file).encode()).hexdigest()[:16]
    known = st.session_state.get(f"_sheet_{name}")
    found: dict[HiddenRows | None, T | UndecidedHiddenRows] = known[1] if known and known[0] == file else {}

    def result(hidden_rows: HiddenRows | None) -> T | UndecidedHiddenRows:
        if hidden_rows not in found:
            place = st.empty()
            try:
                found[hidden_rows] = read(lambda share, said: _say(place, share, said), hidden_rows)
            except UndecidedHiddenRows as undecided:
                found[hidden_rows] = undecided
            place.empty()
            st.session_state[f"_sheet_{name}"] = (file, found)
        return found[hidden_rows]

    first = result(None)
    if not isinstance(first, UndecidedHiddenRows):
        return first
    answer = _ask_hidden_rows(first.hidden, f"{name}_hidden_{digest}")
    second = None if answer is None else result(answer)
    return None if isinstance(second, UndecidedHiddenRows) else second


def show(plant: Plant, sheet: JobSheet, name: str, under_refused: Callable[[pd.DataFrame], None] | None = None) -> None:
    """Counts, refused rows, notes and accepted jobs; ``under_refused`` draws below the table of refused rows."""
    st.text(
        t(
            "Rows: {rows_accepted} accepted + {rows_refused} refused = {rows_read} read. Jobs: {jobs} "
            "accepted, {jobs_refused} refused.",
            rows_accepted=sheet.rows_accepted,
            rows_refused=sheet.rows_refused,
            rows_read=sheet.rows_accepted + sheet.rows_refused,
            jobs=len(sheet.jobs),
            jobs_refused=sheet.jobs_refused,
        )
    )
    if sheet.rows_left_out:
        st.text(t("Hidden rows that were left out: {rows}.", rows=sheet.rows_left_out))
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


def _say(place: DeltaGenerator, share: float, said: str) -> None:
    place.progress(share, text=said)
