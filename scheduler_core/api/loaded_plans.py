"""Stored plans with their plants, kept for the next question: neither ever changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo, StoredSchedule
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule

if TYPE_CHECKING:
    from scheduler_core.causes import Explainer

REMEMBERED: Final = 3
"""Plans of 500 orders take some ten megabytes each."""


@dataclass(frozen=True)
class LoadedPlan:
    """A stored plan with its snapshot, plant and operations."""

    stored: StoredSchedule
    snapshot: SnapshotInfo
    plant: Plant
    schedule: Schedule

    @cached_property
    def lateness(self) -> Mapping[str, int | None]:
        """Minutes late of each order; None without a due date."""
        return job_lateness(self.plant, self.schedule)

    @cached_property
    def explainer(self) -> Explainer:
        """Its causes."""
        from scheduler_core.causes import Explainer  # compiled code, which most requests do without

        return Explainer(self.plant, self.schedule)


class LoadedPlans:
    """The plans that were asked for last. May be shared between threads."""

    def __init__(self, store: Store, most: int = REMEMBERED) -> None:
        self._store, self._most, self._lock = store, most, Lock()
        self._known: OrderedDict[str, LoadedPlan] = OrderedDict()

    def get(self, plan_id: str) -> LoadedPlan:
        """The plan. Raises NotFound, and Refused for a rejected schedule."""
        with self._lock:
            if plan_id in self._known:
                self._known.move_to_end(plan_id)
                return self._known[plan_id]
        stored = self._store.schedules.get(plan_id)
        schedule = self._store.schedules.load(plan_id)
        snapshot = self._store.snapshots.get(stored.snapshot_id)
        found = LoadedPlan(stored, snapshot, self._store.snapshots.plant(snapshot.id), schedule)
        with self._lock:
            self._known[plan_id] = found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found
