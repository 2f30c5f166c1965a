"""A stored plan with everything that pages ask of it, computed once by the core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from scheduler_core.analysis.job_sets import on_common_jobs
from scheduler_core.analysis.job_status import JobStatus, statuses
from scheduler_core.analysis.load import WorkCentreLoad, work_centre_loads
from scheduler_core.analysis.plan_diff import PlanDiff, plan_diff, share_moved
from scheduler_core.analysis.stability import Stability
from scheduler_core.causes import Explainer, LateJob
from scheduler_core.causes.bottlenecks import Bottleneck, ranked
from scheduler_core.data.store.records import STANDING, Release, SnapshotInfo, StoredSchedule
from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.frozen_zone import FrozenZone
from scheduler_core.judge.kpis import Kpis, job_lateness
from scheduler_core.judge.moves import Moves, moves
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.reports import Curve, LearnedReport, RepairReport
from scheduler_core.runs.kept_zone import judged_zone
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours

LOAD_DAYS = 7
"""Days from the plan's start over which the load of the work centres is counted."""


@dataclass(frozen=True)
class Plan:
    """One plan that passed the validator; immutable, so that it may be cached and shared.

    config: the settings of the run that made it; None where they are not looked at.
    counted: ids of the jobs that its figures count, None for all of them (see ``over_the_same_jobs``).
    """

    stored: StoredSchedule
    info: SnapshotInfo
    plant: Plant
    schedule: Schedule
    kpis: Kpis
    hours: OpenHours
    explainer: Explainer
    lateness: Mapping[str, int | None]
    status: Mapping[str, JobStatus]
    config: EngineConfig | None = None
    counted: frozenset[str] | None = None

    @property
    def id(self) -> str:
        """The stored schedule's id."""
        return self.stored.id

    @cached_property
    def loads(self) -> tuple[WorkCentreLoad, ...]:
        """Every work centre's load in the first days."""
        return work_centre_loads(self.plant, self.schedule, self.hours, 0, LOAD_DAYS * MINUTES_PER_DAY)

    @property
    def late_count(self) -> int:
        """How many jobs are late, which needs no explanation of why they are."""
        return sum((late or 0) > 0 for job, late in self.lateness.items() if self.counted is None or job in self.counted)

    @cached_property
    def late_jobs(self) -> tuple[LateJob, ...]:
        """The late jobs, each explained, the worst first; found once for all who look at the plan."""
        return tuple(late for late in self.explainer.late_jobs() if self.counted is None or late.job.id in self.counted)

    @property
    def bottleneck(self) -> Bottleneck | None:
        """The work centre that costs the most late hours: the one bottleneck that every page names."""
        return self.bottlenecks[0] if self.bottlenecks else None

    @cached_property
    def bottlenecks(self) -> tuple[Bottleneck, ...]:
        """The work centres by what they cost (see ``ranked``); found once for all who look at the plan."""
        return ranked(self.explainer, self.loads, self.counted)

    @cached_property
    def frozen_zone(self) -> FrozenZone | None:
        """The frozen zone that its run was to keep, as judged; None where there was none."""
        return None if self.config is None else judged_zone(self.plant, self.config, self.schedule)


def build_plan(
    stored: StoredSchedule, info: SnapshotInfo, plant: Plant, schedule: Schedule, config: EngineConfig | None = None
) -> Plan:
    """Compute everything that pages show of a plan. Raises ValueError for a schedule that the validator rejected."""
    if stored.kpis is None:
        raise ValueError(f"schedule {stored.id}: was rejected with {stored.fault_count} faults and is no plan")
    hours = OpenHours(plant, schedule)
    explainer = Explainer(plant, schedule, hours)
    lateness = job_lateness(plant, schedule)
    return Plan(
        stored=stored,
        info=info,
        plant=plant,
        schedule=schedule,
        kpis=stored.kpis,
        hours=hours,
        explainer=explainer,
        lateness=lateness,
        status=statuses(lateness),
        config=config,
    )


def compare(before: Plan, after: Plan) -> PlanDiff:
    """What changes for the floor when ``after`` takes the place of ``before``."""
    return plan_diff(before.plant, before.schedule, after.plant, after.schedule)


@dataclass(frozen=True)
class Replanned:
    """An answer to a change with what it changes against the plan before, counted once for all who tell it.

    moves: against the limit, see judge/moves.py; ``stability``: every operation that moves, chosen or forced.
    """

    plan: Plan
    diff: PlanDiff
    moves: Moves
    stability: Stability


def counted_moves(before: Plan, after: Plan) -> Moves:
    """The moves of ``after`` against ``before``, which may come from an older pull. What gives way to the frozen zone of
    ``after`` is no move."""
    old = before.schedule.on_clock(before.plant.clock, after.plant.clock)
    zone = after.frozen_zone
    return moves(after.plant if zone is None else zone.fixed_in(after.plant), old, after.schedule)


def over_the_same_jobs(before: Plan, after: Plan) -> tuple[Plan, Plan]:
    """Both plans with figures over the jobs that both have, so that their difference means something.

    Restricted are the key figures, the late jobs, the lateness and what jobs wait for; plant, schedule and loads stay whole.
    """
    if same_jobs(before, after):
        return before, after
    found = on_common_jobs(before.plant, before.schedule, after.plant, after.schedule)
    both = frozenset(before.plant.job_by_id.keys() & after.plant.job_by_id.keys())
    return _counting(before, both, found.before), _counting(after, both, found.after)


def same_jobs(before: Plan, after: Plan) -> bool:
    """Whether both plans have exactly the same jobs."""
    return before.plant.job_by_id.keys() == after.plant.job_by_id.keys()


def _counting(plan: Plan, jobs: frozenset[str], kpis: Kpis) -> Plan:
    """The plan with the figures of these jobs only."""
    lateness = {job: late for job, late in plan.lateness.items() if job in jobs}
    return replace(plan, kpis=kpis, lateness=lateness, counted=jobs)


def moved_next_day(before: Plan, after: Plan, now: datetime) -> float | None:
    """Share of the operations due to start in the next 24 h that ``after`` moves (plant time)."""
    return share_moved(before.plant, before.schedule, after.plant, after.schedule, now)


def best_of(stored: Iterable[StoredSchedule], objective: Objective = Objective.TARDINESS) -> StoredSchedule | None:
    """The plan with the best objective; of equals the newest."""
    plans = [s for s in stored if s.kpis is not None and not s.rejected]
    return min(
        plans,
        key=lambda s: (objective_value(objective, s.kpis) if s.kpis else float("inf"), -s.order),
        default=None,
    )


def search_curve(stored: StoredSchedule) -> Curve:
    """(seconds, value) at every improvement while the engine searched, the start at second 0; empty where nothing was."""
    report = stored.report
    if not isinstance(report, LearnedReport | RepairReport) or report.start_cost is None or not report.curve:
        return ()
    return ((0.0, report.start_cost), *report.curve)


def newest_of(stored: Iterable[StoredSchedule], engine: str) -> StoredSchedule | None:
    """The newest plan of one engine."""
    return max((s for s in stored if s.engine == engine and not s.rejected), key=lambda s: s.order, default=None)


def outdone(stored: Iterable[StoredSchedule]) -> frozenset[str]:
    """Ids of the standing searches' plans that a later one of the same jobs goes on from, so that lists show one."""
    newest: dict[str, StoredSchedule] = {}
    found = [plan for plan in stored if plan.engine == STANDING]
    for plan in found:
        before = newest.setdefault(plan.snapshot_id, plan)
        newest[plan.snapshot_id] = max(before, plan, key=lambda p: p.order)
    return frozenset(plan.id for plan in found if newest[plan.snapshot_id] is not plan)


def version_of(schedule_id: str, releases: Iterable[Release]) -> int | None:
    """The latest release number under which a plan was released, if it was."""
    return max((r.number for r in releases if r.schedule_id == schedule_id), default=None)
