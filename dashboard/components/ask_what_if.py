"""Asking what if: keep the question as a scenario and start its three repairs."""

from __future__ import annotations

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import page_shell
from dashboard.loaded_plan import Plan
from dashboard.presentation import safe_text
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.data.store.records import Scenario
from scheduler_core.errors import ShopwrightError
from scheduler_core.scenarios.changes import Change
from scheduler_core.services import authorized, what_if


def ask(
    ctx: PlantContext,
    base: Plan,
    changes: tuple[Change, ...],
    token: str,
    *,
    frozen_hours: float = 0.0,
    pins: tuple[tuple[str, int], ...] = (),
    parent: str | None = None,
) -> Scenario | None:
    """The scenario with its repairs on their way; None, after the page has said why, for changes that do not fit.

    ``token``: names the button, so that a second click on it is the same question.
    """
    now = max(0, base.plant.minute_of(ctx.now))
    try:
        question = what_if.Question(request_id_for(token), base.id, changes, now, frozen_hours, pins, parent)
        scenario = authorized.ask_what_if(ctx.store, current_user.actor(), question)
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return None
    finally:
        consume_request_id(token)
    page_shell.ask_for(ctx.store, what_if.repair_requests(ctx.store, scenario))
    return scenario
