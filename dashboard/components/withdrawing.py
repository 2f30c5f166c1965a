"""The button that withdraws a plan or a scenario, after a question, and the one that takes it back in."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import confirm_dialog, page_shell
from dashboard.loaded_plan import version_of
from dashboard.state import plan_choice
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import Scenario, StoredSchedule
from scheduler_core.i18n.translate import t
from scheduler_core.roles import Action
from scheduler_core.services import authorized


def of_plan(ctx: PlantContext, plan: StoredSchedule) -> None:
    """For a plan; one that was released stays."""
    withdrawn = any(p.id == plan.id for p in ctx.withdrawn)
    number = version_of(plan.id, ctx.releases)
    why = None if number is None else t("Version {number} was released: it stays in the history.", number=number)

    def act() -> None:
        authorized.withdraw_plan(ctx.store, current_user.actor(), plan.id, withdraw=not withdrawn)
        if not withdrawn and (shown := plan_choice.shown(ctx)) is not None and shown.id == plan.id:
            plan_choice.let_go()

    why = why or current_user.may_not(ctx.store, Action.PLAN)
    _button(f"plan_{plan.id}", ctx.short_name(plan), act, withdrawn=withdrawn, why=why)


def of_scenario(ctx: PlantContext, scenario: Scenario, *, withdrawn: bool) -> None:
    """For a saved scenario, whose plans go with it."""

    def act() -> None:
        authorized.withdraw_scenario(ctx.store, current_user.actor(), scenario.id, withdraw=not withdrawn)

    why = current_user.may_not(ctx.store, Action.WHAT_IF)
    _button(f"scenario_{scenario.id}", scenario.name or scenario.id, act, withdrawn=withdrawn, why=why)


def _button(key: str, name: str, act: Callable[[], None], *, withdrawn: bool, why: str | None) -> None:
    label, icon = (t("Restore"), ":material/undo:") if withdrawn else (t("Withdraw…"), ":material/archive:")
    hint = t("Lists show it again") if withdrawn else t("Lists no longer show it; nothing is deleted")
    clicked = st.button(label, key=f"withdraw_{key}", icon=icon, width="stretch", disabled=why is not None, help=why or hint)

    def acted() -> None:
        act()
        page_shell.flash(t("Restored.") if withdrawn else t("Withdrawn."))

    title = t("Restore this?") if withdrawn else t("Withdraw this?")
    yes = t("Restore") if withdrawn else t("Withdraw")
    confirm_dialog.ask_once_more(f"withdraw_{key}_{withdrawn}", title, f"{name}\n{hint}.", yes, acted, clicked=clicked)
