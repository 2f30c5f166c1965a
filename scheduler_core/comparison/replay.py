"""Past snapshots planned again: the plan of that time beside what engines make of the same jobs today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduler_core.comparison.spec import EngineSpec
from scheduler_core.comparison.trial import Trial, judged, part_of, run_trial, values_of, warm_up
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Release, StoredSchedule
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.statistics import Ratio, ratio_of_means


@dataclass(frozen=True)
class Past:
    """A snapshot of an earlier day. ``plan``: what was in force then, or the best that was kept; None if there is none."""

    name: str
    plant: Plant
    plan: Schedule | None = None
    plan_name: str = ""


@dataclass(frozen=True)
class Replayed:
    """A past snapshot with the plan of its time (None if there is none) and the engines' trials of today."""

    past: Past
    then: Trial | None
    now: tuple[Trial, ...]


@dataclass(frozen=True)
class ReplayReport:
    """All replayed snapshots. The engines' trials stand in the order of ``specs``."""

    specs: tuple[EngineSpec, ...]
    objective: Objective
    rows: tuple[Replayed, ...]

    @property
    def comparable(self) -> tuple[Replayed, ...]:
        """Snapshots with a plan of their time and one by every engine: the means are over these."""
        return tuple(r for r in self.rows if r.then is not None and all(t.value is not None for t in r.now))

    def means(self) -> tuple[float, tuple[float, ...]]:
        """Mean value of the plans then, and of each engine now. Raises ValueError if no snapshot is comparable."""
        rows = self.comparable
        if not rows:
            raise ValueError("no snapshot has a plan of its time and of every engine")
        then = float(np.mean(values_of([r.then for r in rows if r.then is not None])))
        return then, tuple(float(np.mean(values_of([r.now[k] for r in rows]))) for k in range(len(self.specs)))

    def ratio(self, k: int) -> Ratio:
        """Mean of engine ``k`` now over the mean of the plans then, with its 95 % interval."""
        rows = self.comparable
        if not rows:
            return Ratio(None, None, None)
        then = values_of([r.then for r in rows if r.then is not None])
        return ratio_of_means(values_of([r.now[k] for r in rows]), then)

    @property
    def violations(self) -> int:
        """Violations in all schedules of today."""
        return sum(t.violations for r in self.rows for t in r.now)


def past_of_store(store: Store, last: int, objective: Objective) -> list[Past]:
    """The newest ``last`` snapshots of the store, oldest first, each with the plan that was released from it, else with
    the best one kept. Raises InvalidValue if the store has no snapshot.
    """
    found: list[Past] = []
    for info in store.snapshots.newest(last):
        release = next((r for r in store.releases.newest(info.plant, limit=1000) if r.snapshot_id == info.id), None)
        kept = _kept(store, info.id, release, objective)
        name = f"{info.plant} {info.plan_start:%Y-%m-%d %H:%M}"
        plan = None if kept is None else store.schedules.load(kept.id)
        found.append(Past(name, store.snapshots.plant(info.id), plan, _plan_name(kept, release)))
    if not found:
        raise InvalidValue("--last", last, "finds nothing: the store holds no snapshot")
    return found[::-1]


def replay(
    pasts: Sequence[Past], specs: Sequence[EngineSpec], objective: Objective, progress: Progress = no_progress
) -> ReplayReport:
    """Plans every snapshot again with every engine. ``progress`` may raise Cancelled. Raises what the engines raise."""
    warm_up(specs)
    rows: list[Replayed] = []
    total = len(pasts) * len(specs)
    for i, past in enumerate(pasts):
        then = None if past.plan is None else judged(past.plant, past.plan, objective)
        now = []
        for k, spec in enumerate(specs):
            label = f"snapshot {i + 1} of {len(pasts)}, {spec.text}"
            now.append(run_trial(spec, past.plant, objective, part_of(progress, i * len(specs) + k, total, label)))
        rows.append(Replayed(past, then, tuple(now)))
    return ReplayReport(tuple(specs), objective, tuple(rows))


def _kept(store: Store, snapshot_id: str, release: Release | None, objective: Objective) -> StoredSchedule | None:
    if release is not None:
        return store.schedules.get(release.schedule_id)
    plans = [(p, p.kpis) for p in store.schedules.newest(snapshot_id=snapshot_id, limit=1000)]
    return min(
        ((p, objective_value(objective, kpis)) for p, kpis in plans if kpis is not None),
        key=lambda found: found[1],
        default=(None, 0.0),
    )[0]


def _plan_name(kept: StoredSchedule | None, release: Release | None) -> str:
    if kept is None:
        return "none"
    return f"{kept.engine}, released as v{release.number}" if release is not None else f"{kept.engine}, kept"
