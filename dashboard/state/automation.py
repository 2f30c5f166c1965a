"""What runs by itself, for the pages: looked up once for all sessions every few seconds."""

from __future__ import annotations

import streamlit as st

from dashboard.state.plant_context import PlantContext, utc_now
from scheduler_core.automation.config import AutomationSettings, load_automation
from scheduler_core.automation.state import AutomationState, automation_state
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AutomationKind
from scheduler_core.errors import InvalidValue
from scheduler_core.i18n.translate import t

LOOK_SECONDS = 10


def state(ctx: PlantContext) -> AutomationState:
    """The state as it was at most LOOK_SECONDS ago. Raises InvalidValue for settings that are wrong."""
    return _state(ctx.store, load_automation())


@st.cache_data(ttl=LOOK_SECONDS, max_entries=4, show_spinner=False, hash_funcs={AutomationSettings: repr})
def _state(_store: Store, settings: AutomationSettings) -> AutomationState:
    return automation_state(_store, utc_now(), settings)


def next_pull(ctx: PlantContext) -> str:
    """When the jobs are pulled by itself next, in words; empty where they are not, nobody would do it, or the settings are
    wrong, which Monitor tells."""
    try:
        if not load_automation().enabled:
            return ""
        found = state(ctx)
    except InvalidValue:
        return ""
    verdict = next(one.verdict for one in found.parts if one.kind is AutomationKind.PULL)
    if not found.acting or (verdict.next_at is None and not verdict.due):
        return ""
    if verdict.due or verdict.next_at is None:
        return t("The jobs are about to be pulled automatically.")
    return t("Next automatic pull: {moment}.", moment=ctx.moment(verdict.next_at))
