"""What stored scenarios assume, in words, read once for each scenario and language."""

from __future__ import annotations

import streamlit as st

from dashboard.presentation import plan_names
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Scenario
from scheduler_core.i18n.translate import language
from scheduler_core.scenarios.changes_file import changes_from_json


def scenario_words(store: Store, scenario: Scenario) -> str:
    """The scenario's name, where a planner gave it one, else what it assumes."""
    return scenario.name or _assumption(store, scenario, scenario.id, language())


@st.cache_data(max_entries=50, show_spinner=False)
def _assumption(_store: Store, _scenario: Scenario, scenario_id: str, language: str) -> str:
    del language
    plant = _store.snapshots.plant(_scenario.base_snapshot_id)
    return plan_names.assumption(plant, changes_from_json(_scenario.changes, plant, f"scenario {scenario_id}"))
