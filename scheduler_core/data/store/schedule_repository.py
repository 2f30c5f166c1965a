"""Schedules: plans with their key figures, and rejected schedules with their violations. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database
from scheduler_core.data.store import runs, schedules
from scheduler_core.data.store.records import RunState, StoredSchedule, StoredViolation
from scheduler_core.judge.kpis import Kpis
from scheduler_core.judge.validator import Violation
from scheduler_core.schedule import Result, Schedule


class ScheduleRepository:
    """Schedules by id, newest first. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, run_id: str, owner: str, result: Result, violations: Sequence[Violation], kpis: Kpis | None) -> str:
        """Keep a run's schedule and end the run, in one transaction: ok with a plan, failed with a rejected one.

        ``kpis`` is needed for a plan and ignored for a rejected schedule.
        """

        def work(connection: Connection) -> str:
            run = runs.get(connection, run_id)
            if run.schedule_id is not None:
                # A first attempt whose answer was lost had been committed.
                return schedules.same_as_stored(connection, run.schedule_id, result)
            schedule_id = schedules.save(connection, run, result, violations, kpis)
            if violations:
                reason = f"the schedule broke {len(violations)} rules, first: {violations[0].message}"
                runs.finish(connection, run_id, owner, RunState.FAILED, reason)
            else:
                runs.finish(connection, run_id, owner, RunState.OK, "done", schedule_id)
            return schedule_id

        return self._database.writing(work)

    def get(self, schedule_id: str) -> StoredSchedule:
        """A schedule's facts and KPIs, rejected ones too."""
        with self._database.reading() as connection:
            return schedules.get(connection, schedule_id)

    def newest(
        self,
        *,
        snapshot_id: str | None = None,
        rejected: bool | None = False,
        limit: int = 50,
        after: tuple[int, str] | None = None,
    ) -> tuple[StoredSchedule, ...]:
        """Newest first. ``rejected`` None: both plans and rejected ones. ``after``: order and id of the schedule after which
        the list goes on."""
        with self._database.reading() as connection:
            return schedules.newest(connection, snapshot_id, rejected, limit, after)

    def load(self, schedule_id: str) -> Schedule:
        """The assignments of a plan, ordered by job and sequence (immutable; safe to cache by id). Refused if rejected."""
        with self._database.reading() as connection:
            return schedules.load(connection, schedule_id)

    def violations(self, schedule_id: str) -> tuple[StoredViolation, ...]:
        """What the validator found in a rejected schedule; empty for a plan."""
        with self._database.reading() as connection:
            return schedules.faults(connection, schedule_id)
