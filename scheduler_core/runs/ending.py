"""Ending a run that has no schedule."""

from __future__ import annotations

import logging

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from scheduler_core.data.store_errors import LeaseLost

LOG = logging.getLogger(__name__)


def finish(store: Store, run_id: str, owner: str, state: RunState, reason: str) -> None:
    """End a run that ``owner`` holds. A run that was ended from outside in the same moment keeps that ending."""
    try:
        store.runs.finish(run_id, owner, state, reason)
    except LeaseLost:
        return
    level = logging.INFO if state is RunState.CANCELLED else logging.ERROR
    LOG.log(level, "run ended", extra={"run": run_id, "state": state.value, "reason": reason})
