"""What the pull found wrong: the rows in quarantine, and remarks on the rows in use; a click shows a row's whole text."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.components import page_shell
from dashboard.components.row_selection import select_row
from dashboard.components.table_height import table_height
from dashboard.presentation import tables
from scheduler_core.data.store.records import PullNote, QuarantinedRow
from scheduler_core.i18n.translate import t

HEIGHT = 400


def show_quarantine(rows: Sequence[QuarantinedRow]) -> None:
    """The rows that cannot be used."""
    if not rows:
        st.success(t("Every row could be used."), icon=":material/check_circle:")
        return
    st.text(t("Jobs with a row that cannot be used are left out of every plan until the row is corrected in the ERP."))
    frame = tables.quarantine_frame(rows)
    _table(frame, "quarantine", t("What is wrong"), t("What to do"))
    page_shell.download(frame, "quarantine", "quarantine_xlsx")


def show_notes(notes: Sequence[PullNote]) -> None:
    """Remarks on the rows in use."""
    if not notes:
        st.info(t("No remarks on the rows in use."))
        return
    _table(tables.notes_frame(notes), "notes", t("Note"))


def _table(frame: pd.DataFrame, name: str, *wide: str) -> None:
    """The table, and above it the row that was clicked, whose cells may be too narrow for their text."""
    place = st.container()
    row = select_row(
        frame, key=f"{name}_{len(frame)}", height=table_height(len(frame), HEIGHT),
        column_config={heading: st.column_config.TextColumn(width="large") for heading in wide},
    )  # fmt: skip
    if row is not None:
        with place.container(border=True, key=f"{name}_row"):
            for column, value in frame.iloc[row].items():
                st.text(f"{column}: {value}")
