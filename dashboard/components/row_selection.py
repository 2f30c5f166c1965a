"""A table of which a click on any cell selects the row, as do the tick box, the arrow keys and Space.

Streamlit selects a row by its tick box only and reports a clicked cell apart from it. Both are allowed here and the later of
the two counts: it is written back, so that the whole row of a clicked cell is marked. A row's number is its place in the
frame that was handed in, also after the table was sorted in the browser.

When a table gets the focus (a click on a head, which sorts, or Tab) and nothing is selected, the browser marks the cell at
its upper left and would report it as clicked. So the first column is the frame's index, one pixel wide, whose cells it never
reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from dashboard.presentation import columns, formatting

_FOCUS: Final = "focus"
"""Name of the index, where the focus goes when it comes to the table."""
Cell = tuple[int, str]
"""A clicked cell: row and column."""


def chosen_row(before: int | None, rows: Sequence[int], cells: Sequence[Cell]) -> int | None:
    """The row that a selection means, given the row that was selected ``before``; None where nothing is selected.

    A tick box that changed wins over a cell that stayed where it was; otherwise the clicked cell's row counts.
    """
    ticked = rows[0] if rows else None
    if ticked != before or not cells:
        return ticked
    return cells[0][0]


def select_row(
    frame: pd.DataFrame | Styler,
    *,
    key: str,
    height: int | Literal["content", "auto", "stretch"] = "auto",
    column_config: Mapping[str, Any] | None = None,
    column_order: Sequence[str] | None = None,
    first: int | None = None,
) -> int | None:
    """Draw the table and return the selected row's place in ``frame``, or None.

    ``key`` names table and content: rows of another content must have another key, or the selection would move to a row that
    nobody chose. ``first``: the row that is selected when the table is drawn for the first time under this key.
    """
    remembered = f"_row_of_{key}"
    style = frame if isinstance(frame, Styler) else columns.shown(frame)
    values = columns.sortable(style)
    values.index = values.index.rename(_FOCUS)  # a column without a heading would share its settings with a nameless index
    amount = len(values)
    if key not in st.session_state:
        start = first if first is not None and 0 <= first < amount else None
        st.session_state[remembered] = start
        if start is not None:
            st.session_state[key] = _state(start, ())

    def follow() -> None:
        selection = st.session_state[key]["selection"]
        row = chosen_row(st.session_state.get(remembered), selection["rows"], selection["cells"])
        cells = [cell for cell in selection["cells"] if cell[0] == row]
        st.session_state[remembered] = row
        st.session_state[key] = _state(row, cells)

    told = st.dataframe(
        style, hide_index=False, placeholder=formatting.NOTHING, key=key, height=height, on_select=follow,
        selection_mode=["single-row", "single-cell"],
        column_config={**(column_config or {}), _FOCUS: st.column_config.Column("", width=1)}, column_order=column_order,
    )  # fmt: skip
    row = chosen_row(None, told["selection"]["rows"], told["selection"]["cells"])
    return row if row is not None and row < amount else None


def selected_row(key: str) -> int | None:
    """The row that is selected in a table before it is drawn; None too where it was not drawn yet."""
    row: int | None = st.session_state.get(f"_row_of_{key}") if key in st.session_state else None
    return row


def clear(key: str) -> None:
    """Let nothing be selected in the table when it is drawn the next time."""
    st.session_state.pop(key, None)
    st.session_state.pop(f"_row_of_{key}", None)


def _state(row: int | None, cells: Sequence[Cell]) -> dict[str, dict[str, list[Any]]]:
    rows = [] if row is None else [row]
    return {"selection": {"rows": rows, "columns": [], "cells": [list(cell) for cell in cells]}}
