"""How the released plans' figures went, release by release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler_core.data.store.records import Release, StoredSchedule
from scheduler_core.judge.kpis import Kpis


@dataclass(frozen=True)
class ReleasedFigures:
    """One release with the figures of its plan; ``jobs`` were open then, so that figures of unlike loads can be told."""

    release: Release
    engine: str
    kpis: Kpis
    jobs: int


def kpi_history(
    releases: Iterable[Release], plans: Mapping[str, StoredSchedule], jobs: Mapping[str, int]
) -> tuple[ReleasedFigures, ...]:
    """The releases in their order. ``plans``: by schedule id; ``jobs``: accepted jobs by snapshot id.

    Raises KeyError for a release whose plan or snapshot is missing.
    """
    found = []
    for release in sorted(releases, key=lambda r: r.number):
        plan = plans[release.schedule_id]
        # The store refuses to release a plan that the validator rejected, and only those have no figures.
        assert plan.kpis is not None
        found.append(ReleasedFigures(release, plan.engine, plan.kpis, jobs[release.snapshot_id]))
    return tuple(found)
