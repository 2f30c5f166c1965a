"""A click anywhere on a row selects it: which row a selection of tick box and cell means."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.row_selection import Cell, chosen_row


@pytest.mark.parametrize(
    ("before", "rows", "cells", "row"),
    [
        (None, [], [], None),
        (None, [], [(3, "Job")], 3),  # a cell is clicked
        (None, [2], [], 2),  # a tick box is clicked
        (3, [3], [(1, "Part")], 1),  # another row's cell is clicked
        (3, [3], [(3, "Part")], 3),  # another cell of the same row
        (3, [1], [(3, "Job")], 1),  # another row's tick box: the old cell stands still
        (3, [], [(3, "Job")], None),  # the tick is taken away
        (3, [3], [], 3),  # sorting drops the cell
        (3, [], [], None),  # Escape
        (0, [0], [(4, "Job")], 4),
    ],
)
def test_the_later_of_tick_box_and_cell_counts(
    before: int | None, rows: Sequence[int], cells: Sequence[Cell], row: int | None
) -> None:
    assert chosen_row(before, rows, cells) == row


SCRIPT = """
import pandas as pd, streamlit as st
from dashboard.components.row_selection import select_row
frame = pd.DataFrame({"Job": ["a", "b", "c"][: st.session_state.get("rows", 3)]})
st.text(str(select_row(frame, key="jobs", first=FIRST)))
"""


@pytest.mark.parametrize(("first", "row"), [("None", "None"), ("1", "1"), ("7", "None")])
def test_a_row_may_be_selected_at_first(first: str, row: str) -> None:
    page = AppTest.from_string(SCRIPT.replace("FIRST", first)).run()
    assert not page.exception
    assert page.text[0].value == row
    assert page.run().text[0].value == row


def test_a_row_that_the_table_does_not_have_any_more_is_not_selected() -> None:
    page = AppTest.from_string(SCRIPT.replace("FIRST", "2")).run()
    assert page.text[0].value == "2"
    page.session_state["rows"] = 2
    assert page.run().text[0].value == "None"
