"""What a plan assumes that the ERP does not say: the changes of the scenarios from which it comes."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.presentation import plan_names
from scheduler_core.data.store import Store
from scheduler_core.i18n.translate import language
from scheduler_core.scenarios.changes_file import changes_from_json


def assumptions(store: Store, snapshot_id: str, now: datetime) -> str | None:
    """The assumptions of a snapshot's plans at ``now`` (naive plant time), in words; None where nothing is (any more).

    An assumption with an end, such as a breakdown of 24 h, lapses by itself; one without stands as long as the plan does.
    """
    return _assumptions(store, snapshot_id, now, language())


@st.cache_data(max_entries=50, show_spinner=False)
def _assumptions(_store: Store, snapshot_id: str, now: datetime, language: str) -> str | None:
    del language
    words: list[str] = []
    at = snapshot_id
    # A scenario may be based on a plan that comes from another one.
    while (scenario := _store.scenarios.of_snapshots([at]).get(at)) is not None:
        base = _store.snapshots.plant(scenario.base_snapshot_id)
        changes = changes_from_json(scenario.changes, base, f"scenario {scenario.id}")
        words[:0] = plan_names.assumptions_at(base, changes, now)
        at = scenario.base_snapshot_id
    return " + ".join(words) or None
