"""A table as every page draws it: sorted by value, unknown values as a dash, columns as wide as what they hold."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Literal

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.delta_generator import DeltaGenerator

from dashboard.presentation import columns, formatting


def show(
    table: pd.DataFrame | Styler,
    key: str,
    *,
    place: DeltaGenerator | None = None,
    height: int | Literal["stretch", "content", "auto"] = "auto",
    column_config: Any = None,
) -> None:
    """Draw a frame of ``columns.frame_of``, or its Styler. ``key`` names the table among those of the page; another content
    is another table, so that its columns do not keep the widths that the one before had."""
    style = table if isinstance(table, Styler) else columns.shown(table)
    values = columns.sortable(style)
    rows = pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes()
    content = sha256(rows + "\0".join(map(str, values.columns)).encode()).hexdigest()[:12]
    (place or st).dataframe(
        style, hide_index=True, placeholder=formatting.NOTHING, key=f"{key}_{content}", height=height,
        column_config=column_config,
    )  # fmt: skip
