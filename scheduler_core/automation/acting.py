"""Does what is due: pulls, and asks for runs. Every right is that of automation itself, which may plan and nothing else."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler_core.automation.config import AutomationSettings
from scheduler_core.automation.plan_decision import LOST, ways_now
from scheduler_core.automation.pull_decision import ONLY_IF_CHANGED
from scheduler_core.automation.reading import ASKED, objective_of
from scheduler_core.automation.situation import Jobs, Situation
from scheduler_core.data import erp
from scheduler_core.data.database import open_erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, AutomationAct, AutomationKind, RunRequest
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import REPLANS
from scheduler_core.i18n.translate import mark
from scheduler_core.roles import AUTOMATION, Action
from scheduler_core.runs.kept_zone import stored_hours
from scheduler_core.runs.request import DEADLINE_SECONDS, at_work, replans, side_by_side
from scheduler_core.schedule import Schedule
from scheduler_core.services import authorized
from scheduler_core.settings import locations

LOG = logging.getLogger(__name__)
STANDING_MARGIN_SECONDS = 120
"""A standing search's deadline is so long after the end of its time, for its worker's start and end."""


@dataclass(frozen=True)
class Planning:
    """What runs are asked for: ``ways`` as in the settings, seconds of each search, moves of calm."""

    ways: tuple[str, ...]
    seconds: float
    most_moves: int | None


class Acting:
    """The acts on one store. ``erp_url``: the ERP (None: as the environment says)."""

    def __init__(self, store: Store, erp_url: str | None = None) -> None:
        self._store, self._erp_url = store, erp_url

    def begin(self, situation: Situation) -> None:
        """Note that automation is on from now on."""
        jobs = situation.jobs
        self.note(AutomationKind.BEGIN, mark("switched on"), situation.now, None if jobs is None else jobs.id)

    def pull(self, cause: str, situation: Situation) -> str | None:
        """Pull the ERP's jobs; the new snapshot's id, None where a look found the rows unchanged. Raises as ``pull``."""
        if cause.startswith(ONLY_IF_CHANGED) and situation.jobs is not None and not self._changed(situation.jobs):
            return None
        snapshot_id = authorized.pull(self._store, AUTOMATION, _token())
        self.note(AutomationKind.PULL, cause, situation.now, snapshot_id)
        return snapshot_id

    def plan(self, cause: str, situation: Situation, settings: AutomationSettings) -> tuple[str, ...]:
        """Ask for the runs that plan a new pull; their ids."""
        jobs, plan = _needed(situation.jobs), settings.plan
        if cause == LOST:
            return self._ask_again(jobs, situation)
        planning = Planning(ways_now(plan.ways, situation), plan.seconds, plan.most_moves)
        runs = self._ask(jobs.id, situation, planning, settings)
        self.note(AutomationKind.PLAN, cause, situation.now, jobs.first_id, run_id=runs[-1] if runs else None)
        return runs

    def check(self, cause: str, situation: Situation, settings: AutomationSettings) -> tuple[str, ...]:
        """Ask for the plan in force pushed back on the newest jobs; the run's id."""
        jobs, planning = _needed(situation.jobs), Planning(("keep",), 1.0, None)
        runs = self._ask(jobs.id, situation, planning, settings)
        self.note(AutomationKind.CHECK, cause, situation.now, jobs.id, situation.in_force, runs[-1])
        return runs

    def replan(self, cause: str, situation: Situation, settings: AutomationSettings) -> tuple[str, ...]:
        """Ask for runs from the plan in force; where there is none, for those that plan a new pull."""
        jobs, again, plan = _needed(situation.jobs), settings.replan, settings.plan
        planning = (
            Planning(ways_now(plan.ways, situation), plan.seconds, plan.most_moves)
            if situation.in_force is None
            else Planning(tuple(again.ways), again.seconds, again.most_moves)
        )
        runs = self._ask(jobs.id, situation, planning, settings)
        self.note(AutomationKind.REPLAN, cause, situation.now, jobs.id, situation.in_force, runs[-1] if runs else None)
        return runs

    def search_on(self, cause: str, situation: Situation, settings: AutomationSettings) -> str:
        """Ask for a standing search from the newest jobs' best plan; the run's id."""
        jobs, best, standing = _needed(situation.jobs), situation.best, settings.standing_search
        assert best is not None
        hours, by_type = stored_hours(self._store, self._store.snapshots.get(jobs.id).plant)
        seconds = 60.0 * standing.store_minutes
        last = situation.last(AutomationKind.STANDING)
        number = 0 if last is None else last.number
        config = EngineConfig(
            objective=objective_of(settings.objective), time_limit=seconds, seed=number, workers=standing.cores,
            warm_start=self._store.schedules.load(best.schedule_id), frozen_hours=hours, frozen_by_type=by_type,
        )  # fmt: skip
        deadline = round(seconds) + STANDING_MARGIN_SECONDS
        request = RunRequest(_token(), jobs.id, STANDING, config, deadline_seconds=deadline)
        run_id = authorized.submit(self._store, AUTOMATION, request)
        self.note(AutomationKind.STANDING, cause, situation.now, jobs.id, best.schedule_id, run_id)
        return run_id

    def _ask(
        self, snapshot_id: str, situation: Situation, planning: Planning, settings: AutomationSettings
    ) -> tuple[str, ...]:
        """Queue the runs; one that does the same already is taken instead, whoever asked for it."""
        runs = []
        for request in self._requests(snapshot_id, situation, planning, settings):
            same = at_work(self._store, request)
            runs.append(authorized.submit(self._store, AUTOMATION, request) if same is None else same.id)
        return tuple(runs)

    def _ask_again(self, jobs: Jobs, situation: Situation) -> tuple[str, ...]:
        """Ask once more for the runs whose worker was lost, as they were asked for."""
        token, runs = _token(), []
        for run_id in situation.lost:
            run = self._store.runs.get(run_id)
            seconds = round(run.allowed_seconds)
            request = RunRequest(f"{token}-{run.engine}", jobs.id, run.engine, run.config, deadline_seconds=seconds)
            runs.append(authorized.submit(self._store, AUTOMATION, request))
        self.note(AutomationKind.PLAN, LOST, situation.now, jobs.first_id, run_id=runs[-1])
        return tuple(runs)

    def _requests(
        self, snapshot_id: str, situation: Situation, planning: Planning, settings: AutomationSettings
    ) -> Sequence[RunRequest]:
        token = _token()
        old = None if situation.in_force is None else self._in_force(situation.in_force, snapshot_id)
        zone = stored_hours(self._store, self._store.snapshots.get(snapshot_id).plant)
        objective = objective_of(settings.objective)
        engines = [way for way in planning.ways if way not in REPLANS]
        found = side_by_side(
            snapshot_id, token, objective=objective, seconds=round(planning.seconds), engines=engines, in_force=old,
            frozen=zone,
        )  # fmt: skip
        if old is not None:
            again = replans(
                snapshot_id, token, old, objective=objective, seconds=planning.seconds, most_moves=planning.most_moves,
                frozen_hours=zone[0], frozen_by_type=zone[1],
            )  # fmt: skip
            wanted = {REPLANS[way] for way in planning.ways if way in REPLANS}
            found = (*found, *(request for request in again if request.engine in wanted))
        longest = round(planning.seconds) + DEADLINE_SECONDS
        return tuple(replace(request, deadline_seconds=longest) for request in found)

    def _in_force(self, schedule_id: str, snapshot_id: str) -> Schedule:
        """The plan in force, in minutes of the newest jobs' plan start."""
        store = self._store
        old = store.snapshots.plant(store.schedules.get(schedule_id).snapshot_id)
        return store.schedules.load(schedule_id).on_clock(old.clock, store.snapshots.plant(snapshot_id).clock)

    def _changed(self, jobs: Jobs) -> bool:
        """Whether the ERP's rows are no longer the snapshot's; a fingerprint, no plant is built."""
        authorized.require(self._store, AUTOMATION, Action.PULL)
        info = self._store.snapshots.get(jobs.id)
        settings = erp.load_config(locations.erp_config())
        with closing(open_erp(self._erp_url or locations.erp_url())) as database:
            return erp.fingerprint(database, settings, info.plan_start) != info.fingerprint

    def note(
        self,
        kind: AutomationKind,
        cause: str,
        now: datetime,
        snapshot_id: str | None,
        schedule_id: str | None = None,
        run_id: str | None = None,
    ) -> None:
        """Keep what was done, and why."""
        plant = erp.load_config(locations.erp_config()).plant
        self._store.automation.record(AutomationAct(0, plant, kind, cause, now, snapshot_id, schedule_id, run_id))
        LOG.info("automation acted", extra={"act": kind.value, "cause": cause, "snapshot": snapshot_id, "run": run_id})


def _needed(jobs: Jobs | None) -> Jobs:
    assert jobs is not None, "nothing is planned before the first pull"
    return jobs


def _token() -> str:
    """A request id unlike any other. A host that dies between an act and its note leaves runs at work, which are found."""
    return f"{ASKED}{uuid.uuid4().hex}"
