"""A line above the pages that show a plan: a machine is recorded as down, and the plan does not know it. With the way on: a
replan."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.presentation import downtime_words, safe_text
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import RecordedDowntime, StoredSchedule
from scheduler_core.i18n.translate import t
from scheduler_core.roles import Action
from scheduler_core.services import downtimes


def of_plan(ctx: PlantContext, plan: StoredSchedule | None) -> tuple[RecordedDowntime, ...]:
    """The recorded downtimes that a plan does not know, those that began first in front."""
    known = downtimes.in_force(ctx.store, ctx.snapshot.plant, ctx.now)
    if plan is None or not known:
        return ()
    return downtimes.unknown_to(load_plant(ctx.store, plan.snapshot_id), known, ctx.now)


def show(ctx: PlantContext, plan: StoredSchedule | None, replan: Callable[[], None], *, at_work: bool) -> bool:
    """Draw the line; False where the plan knows all. ``replan`` is done at the click; ``at_work``: runs are at work."""
    unknown = of_plan(ctx, plan)
    if not unknown:
        return False
    text, button = st.columns([5, 1], vertical_alignment="center")
    text.error(
        safe_text.escape_markdown(
            t("Recorded, and not known to this plan: {machines}.", machines=downtime_words.short(unknown, ctx.now))
        ),
        icon=":material/build_circle:",
    )
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    if button.button(
        t("Replan"), type="primary", icon=":material/play_arrow:", width="stretch", key="replan_down",
        disabled=refusal is not None or at_work or progress.busy(),
        help=refusal or t("Keep, calm and best from the plan in force, around the machines that are down"),
    ):  # fmt: skip
        replan()
    return True
