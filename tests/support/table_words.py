"""What a reader sees in the cells of a table."""

from __future__ import annotations

import re

import pandas as pd
from streamlit import dataframe_util
from streamlit.testing.v1.element_tree import Dataframe

from dashboard.presentation.columns import shown

_CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)


def read(frame: pd.DataFrame) -> dict[str, list[str]]:
    """The words of each column, from the top; the texts in ``frame`` hold no HTML."""
    found = _CELL.findall(shown(frame).hide(axis="index").to_html())
    width = len(frame.columns)
    return {heading: found[k::width] for k, heading in enumerate(frame.columns)}


def drawn(table: Dataframe) -> pd.DataFrame:
    """The words of a table on a page, where ``table.value`` has the values behind them."""
    return dataframe_util.convert_arrow_bytes_to_pandas_df(table.proto.arrow_data.styler.display_values)
