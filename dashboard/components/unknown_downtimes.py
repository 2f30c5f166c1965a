"""A line above the pages that show a plan: operations of it stand on a machine that is recorded as down. With the way on: a
replan."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.presentation import downtime_words, safe_text
from dashboard.state.loaded import load_plan
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import RecordedDowntime, StoredSchedule
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.i18n.translate import t, tn
from scheduler_core.roles import Action
from scheduler_core.services import downtimes, facts


def of_plan(ctx: PlantContext, plan: StoredSchedule | None) -> tuple[tuple[RecordedDowntime, int], ...]:
    """The recorded downtimes that a plan does not go around, and the machines out of service until a planner expects them
    back, each with the number of operations that it has there meanwhile; those that began first in front."""
    known = downtimes.in_force(ctx.store, ctx.snapshot.plant, ctx.now)
    known = (*known, *facts.awaited(ctx.store, ctx.snapshot.id, ctx.now))
    if plan is None or not known:
        return ()
    loaded = load_plan(ctx.store, plan.id)
    hit = ((d, len(downtimes.hit_by(loaded.plant, loaded.schedule, d, ctx.now))) for d in known)
    return tuple((downtime, operations) for downtime, operations in hit if operations)


def words(ctx: PlantContext, plan: StoredSchedule | None) -> str | None:
    """Which machines the plan uses while they are down; None for a plan that goes around all of them."""
    return ", ".join(downtime_words.short(downtime, ctx.now) for downtime, _ in of_plan(ctx, plan)) or None


def show(ctx: PlantContext, plan: StoredSchedule | None, replan: Callable[[], None], *, at_work: bool) -> bool:
    """Draw the line; False where the plan goes around all. ``replan``: done at the click, until there are replans.
    ``at_work``: runs are at work."""
    hit = of_plan(ctx, plan)
    if not hit:
        return False
    text, button = st.columns([5, 1], vertical_alignment="center")
    said = (
        tn("{machine}: this plan has {n} operation on it while it is down.",
           "{machine}: this plan has {n} operations on it while it is down.", operations,
           machine=downtime_words.short(downtime, ctx.now))
        for downtime, operations in hit
    )  # fmt: skip
    text.error(safe_text.escape_markdown(" ".join(said)), icon=":material/build_circle:")
    if any(plan.engine in REPAIR_CHOICES for plan in ctx.fresh_plans):
        if button.button(
            t("See the replans"), type="primary", icon=":material/compare_arrows:", width="stretch", key="see_replans",
            help=t("Keep, calm and best side by side on Compare, with one of them recommended"),
        ):  # fmt: skip
            navigation.go(navigation.COMPARE, show="replans")
        return True
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    if button.button(
        t("Replan"), type="primary", icon=":material/play_arrow:", width="stretch", key="replan_down",
        disabled=refusal is not None or at_work or progress.busy(),
        help=refusal or t("Keep, calm and best from the plan in force, around the machines that are down"),
    ):  # fmt: skip
        replan()
    return True
