"""How the released plans' figures went, release by release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scheduler_core.analysis.job_sets import CommonFigures
from scheduler_core.data.store.records import Release, StoredSchedule
from scheduler_core.judge.kpis import Kpis


@dataclass(frozen=True)
class ReleasedFigures:
    """One release with the figures of its plan; ``jobs`` were open then, so that figures of unlike loads can be told.

    against: its figures and those of the release before it, over the jobs that both have; None where that is not known.
    """

    release: Release
    engine: str
    kpis: Kpis
    jobs: int
    against: CommonFigures | None = None


Common = Callable[[str, str], CommonFigures]
"""The figures of two plans (schedule ids, the earlier first) over the jobs that both have."""


def kpi_history(
    releases: Iterable[Release],
    plans: Mapping[str, StoredSchedule],
    jobs: Mapping[str, int],
    common: Common,
    most_compared: int,
) -> tuple[ReleasedFigures, ...]:
    """The releases in their order. ``plans``: by schedule id; ``jobs``: accepted jobs by snapshot id.

    The last ``most_compared`` of them are set against the one before by ``common``, which reads both plans. Raises KeyError
    for a release whose plan or snapshot is missing.
    """
    ordered = sorted(releases, key=lambda r: r.number)
    found = []
    for place, release in enumerate(ordered):
        plan = plans[release.schedule_id]
        # The store refuses to release a plan that the validator rejected, and only those have no figures.
        assert plan.kpis is not None
        compared = place > 0 and place >= len(ordered) - most_compared
        against = common(ordered[place - 1].schedule_id, release.schedule_id) if compared else None
        found.append(ReleasedFigures(release, plan.engine, plan.kpis, jobs[release.snapshot_id], against))
    return tuple(found)
