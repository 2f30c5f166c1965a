"""Greedy against RL over time: both engines on the same jobs with the same aim, snapshot by snapshot; and how runs end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from scheduler_core.data.store.records import Run, RunState, SnapshotInfo, StoredSchedule
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.reports import Fallback, LearnedReport, Report

BASELINE, CHALLENGER = "greedy", "learned"


@dataclass(frozen=True)
class Attempt:
    """A run that gave a plan, with that plan; ``value`` is what the run's aim counts (lower is better)."""

    run: Run
    plan: StoredSchedule
    value: float


@dataclass(frozen=True)
class Pair:
    """Both engines' newest plans of one snapshot with one aim."""

    snapshot_id: str
    taken_at: datetime
    objective: Objective
    greedy: Attempt
    learned: Attempt

    @property
    def ratio(self) -> float | None:
        """RL's value over greedy's: below 1 RL is better. None where greedy's is 0 and so cannot be beaten."""
        return self.learned.value / self.greedy.value if self.greedy.value > 0 else None


@dataclass(frozen=True)
class EngineRecord:
    """How an engine's runs ended. ``rejected``: plans that broke a rule (among ``failed``); ``violations``: rules broken in
    them; ``fallbacks``: plans of a dispatching rule because none of the policy's was better or the engine failed;
    ``median_seconds`` and ``longest_seconds``: of runs with a plan."""

    engine: str
    runs: int
    ok: int
    failed: int
    timeout: int
    cancelled: int
    rejected: int
    violations: int
    fallbacks: int
    median_seconds: float | None
    longest_seconds: float | None


def pairs(runs: Iterable[Run], plans: Mapping[str, StoredSchedule], snapshots: Iterable[SnapshotInfo]) -> tuple[Pair, ...]:
    """Oldest first. ``plans``: by schedule id; runs whose plan or snapshot is not given are left out."""
    newest: dict[tuple[str, Objective], dict[str, Attempt]] = {}
    for run in sorted(runs, key=lambda r: (r.order, r.created_at)):
        plan = plans.get(run.schedule_id or "")
        # A fallback's plan says nothing about the engine that was asked for.
        if run.state is RunState.OK and plan is not None and plan.kpis is not None and not isinstance(plan.report, Fallback):
            value = objective_value(run.config.objective, plan.kpis)
            newest.setdefault((run.snapshot_id, run.config.objective), {})[run.engine] = Attempt(run, plan, value)
    taken = {s.id: s.taken_at for s in snapshots}
    found = [
        Pair(snapshot, taken[snapshot], objective, by_engine[BASELINE], by_engine[CHALLENGER])
        for (snapshot, objective), by_engine in newest.items()
        if snapshot in taken and BASELINE in by_engine and CHALLENGER in by_engine
    ]
    return tuple(sorted(found, key=lambda p: (p.taken_at, p.objective.value)))


def engine_records(runs: Sequence[Run], plans: Mapping[str, StoredSchedule]) -> tuple[EngineRecord, ...]:
    """One record per engine that has a finished run, by name. ``plans``: by schedule id, rejected ones too."""
    ended = [r for r in runs if r.state.finished]
    return tuple(_record(e, [r for r in ended if r.engine == e], plans) for e in sorted({r.engine for r in ended}))


def _record(engine: str, runs: Sequence[Run], plans: Mapping[str, StoredSchedule]) -> EngineRecord:
    known = [plans[r.schedule_id] for r in runs if r.schedule_id is not None and r.schedule_id in plans]
    good = [p for p in known if not p.rejected]
    rejected = [p for p in known if p.rejected]
    seconds = [p.seconds for p in good]

    def ended(state: RunState) -> int:
        return sum(r.state is state for r in runs)

    return EngineRecord(
        engine,
        runs=len(runs),
        ok=ended(RunState.OK),
        failed=ended(RunState.FAILED),
        timeout=ended(RunState.TIMEOUT),
        cancelled=ended(RunState.CANCELLED),
        rejected=len(rejected),
        violations=sum(p.fault_count for p in rejected),
        fallbacks=sum(_stands_in(p.report) for p in good),
        median_seconds=median(seconds) if seconds else None,
        longest_seconds=max(seconds, default=None),
    )


def _stands_in(report: Report) -> bool:
    """Whether a plan is not that of the engine's own decisions: another engine's, or a rule's."""
    return isinstance(report, Fallback) or (isinstance(report, LearnedReport) and report.winning_rule is not None)
