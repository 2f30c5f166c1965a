"""Alerts: the open ones with Acknowledge, those of the last time, and whom each message reached."""

from __future__ import annotations

import streamlit as st

from dashboard.components import data_table, open_alerts, page_shell
from dashboard.components.table_height import table_height
from dashboard.presentation import alert_words
from dashboard.state.plant_context import PlantContext
from scheduler_core.alerts.config import load_alerts_config
from scheduler_core.alerts.documents import deliveries_by_incident
from scheduler_core.i18n.translate import t

MOST = 100


def show(ctx: PlantContext) -> None:
    """Draw the section."""
    st.subheader(t("Which alerts are open?"))
    opened = ctx.store.alerts.opened()
    if opened:
        open_alerts.show_all(ctx, tuple(reversed(opened)))
    else:
        st.text(t("None."))
    if not load_alerts_config().receivers:
        st.caption(
            t(
                "No receiver is configured, so alerts are shown here only: configure one in {file}, see {manual}.",
                file="`configs/alerts.yaml`", manual="`docs/alerts.md`",
            )
        )  # fmt: skip
    known = ctx.store.alerts.newest(MOST)
    if not known:
        return
    messages = ctx.store.alerts.messages(MOST)
    with st.expander(t("All alerts and their messages ({count})", count=len(known))):
        rows = alert_words.alerts_frame(known, deliveries_by_incident(messages), ctx.zone)
        data_table.show(rows, "alerts", height=table_height(len(rows), 300))
        page_shell.download(rows, "alerts", "alerts_xlsx")
        if messages:
            sent = alert_words.deliveries_frame(messages, ctx.zone)
            data_table.show(sent, "alert_messages", height=table_height(len(sent), 300))
