"""The orders whose delivery differs between two plans; a click on one leads to its page, the Gantt and Expedite."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.components.order_links import show_links
from dashboard.components.row_selection import select_row
from dashboard.components.table_height import table_height
from dashboard.loaded_plan import Plan
from dashboard.presentation import tables
from dashboard.state import page_theme
from scheduler_core.analysis.plan_diff import JobChange
from scheduler_core.i18n.translate import t

HEIGHT = 330


def show_changed_jobs(before: Plan, after: Plan, changes: Sequence[JobChange], key: str) -> pd.DataFrame:
    """Draw the table and return its frame. ``key`` tells one table of a page from the next. The links of an order that the
    later plan does not have lead into the earlier one."""
    frame = tables.job_changes_frame(changes)
    place = st.container()
    row = select_row(
        tables.coloured(frame, t("What"), page_theme.dark()),
        key=f"{key}_{before.id}_{after.id}",
        height=table_height(len(frame), HEIGHT),
    )
    if row is not None:
        job = str(frame[t("Job")].iloc[row])
        plan = after if job in after.plant.job_by_id else before
        with place:
            show_links(plan.id, plan.plant.job_by_id[job], None, key)
    return frame
