"""Facts of the store's own list, in the minutes of a plant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler_core.data.store.records import StoredFact
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes_file import change_from_json
from scheduler_core.services.planner_facts.kinds import Fact, Origin


def in_force(facts: Sequence[StoredFact], plant: Plant, now: datetime) -> tuple[Fact, ...]:
    """Those of a plant's facts that act at ``now``, in the order in which they were recorded: a snapshot gets these.
    Downtimes and pins have ways of their own into it."""
    return tuple(
        read(one, plant)
        for one in facts
        if one.undone_by is None and one.since <= now and (one.until is None or one.until > now)
    )


def read(stored: StoredFact, plant: Plant) -> Fact:
    """A stored fact in the minutes of a plant."""
    return Fact(
        stored.id, Origin.FACT, stored.kind, change_from_json(stored.change, plant, f"fact {stored.id}"), stored.since,
        stored.until, stored.reason, stored.recorded_by, stored.recorded_at, stored.scenario_id, stored.undone_by,
        stored.undone_at, stored.undone_reason,
    )  # fmt: skip
