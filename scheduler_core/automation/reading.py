"""Reads from the store what decisions are made from. Only looks."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler_core.analysis.job_sets import on_common_jobs
from scheduler_core.automation.situation import Best, Jobs, LastRun, Situation
from scheduler_core.data import erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, AutomationAct, AutomationKind, Run, RunState, SnapshotInfo, Source
from scheduler_core.data.store.runs import DIED
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.runs.supervisor import ACTIVE
from scheduler_core.settings import locations

MOST_RUNS = 50
"""The newest runs among which the last one that ended is looked for."""


ASKED = "auto-"
"""What the request ids of automation's runs begin with."""
MOST_DEATHS = 3


class SituationReader:
    """The situation of one store's plant, whose name and time zone are those of the ERP's settings."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._later: tuple[str, float] | None = None

    def read(self, now: datetime, objective: Objective) -> Situation:
        """The situation at ``now`` (aware). Raises InvalidValue for settings of the ERP that are wrong."""
        settings = erp.load_config(locations.erp_config())
        store = self._store
        acts = {act.kind: act for act in store.automation.newest_of_kinds(settings.plant)}
        newest = store.snapshots.newest()
        jobs = _jobs(newest, settings.plant)
        release = store.releases.current(settings.plant)
        active = store.runs.newest(states=ACTIVE)
        return Situation(
            now=now,
            zone=ZoneInfo(settings.timezone),
            acts=acts,
            jobs=jobs,
            in_force=None if release is None else release.schedule_id,
            best=None if jobs is None else self._best(jobs.id, objective),
            busy=any(run.engine != STANDING for run in active),
            searching=any(run.engine == STANDING for run in active),
            idle_since=self._idle_since() or (None if jobs is None else jobs.taken_at),
            standing=self._outcome(acts.get(AutomationKind.STANDING)),
            later_by=self._later_by(acts.get(AutomationKind.CHECK)),
            lost=() if jobs is None else self._lost(jobs.id),
        )

    def _best(self, snapshot_id: str, objective: Objective) -> Best | None:
        """The best plan by the objective, of equals the newest; those that were withdrawn do not count."""
        gone = self._store.withdrawals.plans(snapshot_id)
        found = [
            Best(plan.id, objective_value(objective, plan.kpis), plan.asked_by)
            for plan in self._store.schedules.newest(snapshot_id=snapshot_id)
            if plan.kpis is not None and plan.id not in gone
        ]
        return min(found, key=lambda best: best.value, default=None)

    def _idle_since(self) -> datetime | None:
        ended = (run.finished_at for run in self._store.runs.newest(limit=MOST_RUNS) if run.engine != STANDING)
        return max((at for at in ended if at is not None), default=None)

    def _lost(self, snapshot_id: str) -> tuple[str, ...]:
        """The newest run of each engine that automation asked for, where its worker died: its host was killed, or it was
        short of memory. One that has died MOST_DEATHS times would die again."""
        of: dict[str, list[Run]] = {}
        for run in self._store.runs.newest(snapshot_id=snapshot_id, limit=MOST_RUNS):
            if run.engine != STANDING and run.request_id.startswith(ASKED):
                of.setdefault(run.engine, []).append(run)
        return tuple(
            runs[0].id
            for runs in of.values()
            if runs[0].fail_reason == DIED and sum(run.fail_reason == DIED for run in runs) < MOST_DEATHS
        )

    def _outcome(self, act: AutomationAct | None) -> LastRun | None:
        if act is None or act.run_id is None:
            return None
        run = self._store.runs.get(act.run_id)
        cut_short = run.keep_requested or run.cancel_requested or (run.fail_reason == DIED and not self._dies_always(run))
        return LastRun(run.state.finished, run.state is RunState.OK, cut_short)

    def _dies_always(self, search: Run) -> bool:
        """Whether a standing search on these jobs has lost its worker so often that it would lose it again."""
        runs = self._store.runs.newest(snapshot_id=search.snapshot_id, limit=MOST_RUNS)
        return sum(run.engine == STANDING and run.fail_reason == DIED for run in runs) >= MOST_DEATHS

    def _later_by(self, act: AutomationAct | None) -> float | None:
        """By how many weighted days the plan in force, pushed back on the newest jobs, is later than it was planned, over
        the jobs that both have; None while its run has not ended or where it has no plan to show."""
        if act is None or act.run_id is None or act.schedule_id is None:
            return None
        if self._later is not None and self._later[0] == act.run_id:
            return self._later[1]
        run = self._store.runs.get(act.run_id)
        if not run.state.finished:
            return None
        found = self._difference(run, act.schedule_id)
        self._later = (run.id, found)
        return found

    def _difference(self, run: Run, in_force: str) -> float:
        """0 where the run has no plan: the plan in force holds as it is, or nobody can say."""
        if run.state is not RunState.OK or run.schedule_id is None:
            return 0.0
        store = self._store
        before = store.schedules.get(in_force)
        both = on_common_jobs(
            store.snapshots.plant(before.snapshot_id), store.schedules.load(in_force),
            store.snapshots.plant(run.snapshot_id), store.schedules.load(run.schedule_id),
        )  # fmt: skip
        return both.after.weighted_tardiness_days - both.before.weighted_tardiness_days


def objective_of(text: str) -> Objective:
    """The objective of the settings, which were checked when they were read. Raises InvalidValue."""
    try:
        return Objective.parse(text)
    except InvalidValue as error:
        raise InvalidValue(f"{locations.automation_config()}: objective", text, error.reason) from None


def _jobs(newest: tuple[SnapshotInfo, ...], plant: str) -> Jobs | None:
    """The newest snapshot, and the one that its pull made: what is added to a pull has the pull's time."""
    if not newest:
        return None
    last = newest[0]
    first = last
    for older in newest[1:]:
        if (older.plant, older.taken_at) != (last.plant, last.taken_at):
            break
        first = older
    from_erp = last.source is not Source.FILE and last.plant == plant
    return Jobs(last.id, first.id, last.taken_at, from_erp)
