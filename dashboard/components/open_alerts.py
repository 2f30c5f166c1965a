"""The open alerts with Acknowledge: few on Today, all on Monitor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.auth import current_user
from dashboard.presentation import alert_words, safe_text
from dashboard.state.plant_context import PlantContext
from scheduler_core.alerts.kinds import PLANNERS, Kind
from scheduler_core.data.store.records import Incident
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t, tn
from scheduler_core.roles import Action
from scheduler_core.services import authorized

MOST_ON_TODAY: Final = 3
TOLD_ABOVE: Final = frozenset({Kind.MACHINE_DOWN, Kind.PLAN_REJECTED, Kind.OUTBOX_STUCK})
"""Kinds that Today tells by itself."""


def show_few(ctx: PlantContext) -> None:
    """On Today: what nobody has acknowledged and the page does not tell by itself, in a line each: what concerns the plan
    first, then the newest; nothing without any."""
    fresh = [one for one in reversed(ctx.store.alerts.opened()) if one.acknowledged_by is None]
    above = [one for one in fresh if one.kind in TOLD_ABOVE]
    others = sorted((one for one in fresh if one.kind not in TOLD_ABOVE), key=lambda one: one.kind not in PLANNERS)
    if not fresh:
        return
    with st.container(border=True, key="open_alerts"):
        for one in others[:MOST_ON_TODAY]:
            _row(ctx, one, alert_words.short(one))
        _rest(others[MOST_ON_TODAY:], above, ctx)


def show_all(ctx: PlantContext, incidents: Sequence[Incident]) -> None:
    """On Monitor: every open alert, also those that somebody has acknowledged."""
    for one in incidents:
        _row(ctx, one, alert_words.sentence(one))


def _row(ctx: PlantContext, one: Incident, sentence: str) -> None:
    words, button = st.columns([8, 1.7], vertical_alignment="center")
    words.text(f"{sentence} {alert_words.since(one, ctx.moment)}")
    if one.acknowledged_by is None:
        _acknowledge(ctx, (one,), button, t("Acknowledge"), f"acknowledge_{one.id}")


def _rest(more: Sequence[Incident], above: Sequence[Incident], ctx: PlantContext) -> None:
    """In one line: how many more there are, and those that stand above in the page's own words, acknowledged together."""
    said = []
    if more:
        said.append(tn("{n} more alert is on Monitor.", "{n} more alerts are on Monitor.", len(more)))
    if above:
        said.append(
            tn("{n} open alert is about what is told above.", "{n} open alerts are about what is told above.", len(above))
        )
    if not said:
        return
    words, button = st.columns([8, 1.7], vertical_alignment="center")
    words.caption(" ".join(said))
    if above:
        _acknowledge(ctx, above, button, t("Acknowledge"), "acknowledge_above")


def _acknowledge(ctx: PlantContext, several: Sequence[Incident], place: DeltaGenerator, label: str, key: str) -> None:
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    clicked = place.button(
        label, key=key, icon=":material/done:", width="stretch", disabled=refusal is not None,
        help=refusal or t("Others see that you know of it, and it is not sent again."),
    )  # fmt: skip
    if not clicked:
        return
    try:
        for one in several:
            authorized.acknowledge_alert(ctx.store, current_user.actor(), one.id)
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return
    st.rerun()
