"""Help at the headings of tables: a term is explained where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.presentation import terms
from scheduler_core.i18n.translate import t


def explained(headings: Mapping[str, str]) -> dict[str, Any]:
    """Columns with help (Markdown) by their headings."""
    return {heading: st.column_config.Column(help=text) for heading, text in headings.items() if text}


def of_figures(headings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The columns of a table of figures: the terms of its rows at the first heading, and ``headings`` for the others."""
    first = {t("Figure"): st.column_config.Column(help=terms.of_figures(), width="medium")}
    return {**first, **explained(headings or {})}
