"""Monitor: how the floor follows the plans, how releases and their odds went, RL against greedy, and how the runs ended."""

from __future__ import annotations

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import page_shell
from dashboard.views.monitor import (
    alert_list,
    automation_panel,
    engine_trend,
    floor_trend,
    health_panel,
    odds_truth,
    release_history,
    run_ends,
)
from scheduler_core.comparison.over_time import pairs
from scheduler_core.i18n.translate import t

MOST_RUNS = 500


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    st.title(t("Monitor"))
    current_user.tell_no_sign_in()
    health_panel.show()
    alert_list.show(ctx)
    automation_panel.show(ctx)
    runs = ctx.store.runs.newest(limit=MOST_RUNS)
    plans = {p.id: p for p in ctx.store.schedules.newest(rejected=None, limit=MOST_RUNS)}
    floor_trend.show(ctx)
    release_history.show(ctx)
    odds_truth.show(ctx)
    engine_trend.show(ctx, pairs(runs, plans, ctx.store.snapshots.newest(MOST_RUNS)))
    run_ends.show(ctx, runs, plans)
