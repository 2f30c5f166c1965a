"""The product's own store: snapshots, runs, schedules, releases and the audit trail, on SQLite or MariaDB.

Every method is one transaction, so a ``Store`` may be shared between threads and holds nothing but its connection pool;
everything is found again by its id. Unknown ids raise ``NotFound``. The work behind each method lives in the module of its
subject (``snapshots``, ``runs``, ``schedules``, ``approvals``, ``audit``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from scheduler_core.data import migrations
from scheduler_core.data.database import Database, open_store
from scheduler_core.data.store import approvals, audit, runs, schedules, serialization, snapshots
from scheduler_core.data.store.people_store import PeopleStore
from scheduler_core.data.store.records import (
    ApprovalRequest,
    AuditEntry,
    DispatchRow,
    Fault,
    PullCounts,
    PullNote,
    QuarantinedRow,
    Release,
    Run,
    RunState,
    SnapshotInfo,
    Source,
    StoredSchedule,
    Wish,
)
from scheduler_core.data.store.release_store import ReleaseStore
from scheduler_core.data.store.runs import NewRun
from scheduler_core.data.store.scenario_store import ScenarioStore
from scheduler_core.data.store.scenarios import NewScenario, Scenario
from scheduler_core.data.store.snapshots import NewSnapshot
from scheduler_core.data.store_errors import LeaseLost, NotFound, Refused, StaleSnapshot
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import Kpis
from scheduler_core.judge.validator import Violation
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result, Schedule
from scheduler_core.settings import locations
from scheduler_core.settings.run_slots import RunSlots

T = TypeVar("T")
LEASE_SECONDS = 20
"""A worker that is silent for longer is taken for dead; it reports about twice a second."""
STARTING_SECONDS = 60
"""The same for one that has not reported yet, as its process is only being started."""


class Store(ScenarioStore, ReleaseStore, PeopleStore):
    """See the module's text. Open one with ``Store.open(url)``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str | None = None) -> Store:
        """Connect (default: ``locations.database_url()``) and bring the tables up to date."""
        database = open_store(url or locations.database_url())
        migrations.upgrade(database)
        return cls(database)

    def close(self) -> None:
        """Close all pooled connections."""
        self._database.close()

    @property
    def url(self) -> str:
        """The database's URL, password included: for a child process, never for a log."""
        return self._database.url

    def _once(self, work: Callable[[Connection], T]) -> T:
        """One transaction that carries a request id; if another one with the same id wins the race, its result."""
        try:
            return self._database.writing(work)
        except IntegrityError:
            return self._database.writing(work)

    # ---------------------------------------------------------------- snapshots
    def save_snapshot(
        self,
        plant: Plant,
        *,
        request_id: str,
        source: Source,
        counts: PullCounts | None = None,
        quarantine: Sequence[QuarantinedRow] = (),
        notes: Sequence[PullNote] = (),
        fingerprint: str | None = None,
        banner: str | None = None,
        actor: str = "planner",
    ) -> str:
        """Keep a plant and return its snapshot's id; the same request id again returns the first one's.

        ``counts`` None: every row was accepted.
        """
        if (source is Source.FILE) != (fingerprint is None):
            raise InvalidValue("fingerprint", fingerprint, f"does not go with a snapshot from {source.value}")
        new = NewSnapshot(
            plant, request_id, source, counts or snapshots.counts_of(plant), quarantine, notes, fingerprint, banner, actor
        )
        return self._once(lambda connection: snapshots.save(connection, new))

    def snapshot(self, snapshot_id: str) -> SnapshotInfo:
        """One snapshot's facts."""
        with self._database.reading() as connection:
            return snapshots.info(connection, snapshot_id)

    def latest_snapshot(self) -> SnapshotInfo | None:
        """The newest snapshot of any source, None if there is none."""
        return next(iter(self.snapshots(1)), None)

    def snapshots(self, limit: int = 50) -> tuple[SnapshotInfo, ...]:
        """Newest first, without those that what-if scenarios derived."""
        with self._database.reading() as connection:
            return snapshots.infos(connection, limit)

    def plant(self, snapshot_id: str) -> Plant:
        """The snapshot's plant (immutable; safe to cache by id)."""
        with self._database.reading() as connection:
            return snapshots.plant(connection, snapshot_id)

    def quarantine(self, snapshot_id: str) -> tuple[QuarantinedRow, ...]:
        """The rows that were not usable, in source order."""
        with self._database.reading() as connection:
            return snapshots.quarantine(connection, snapshot_id)

    def notes(self, snapshot_id: str) -> tuple[PullNote, ...]:
        """Remarks on rows that were used, in source order."""
        with self._database.reading() as connection:
            return snapshots.notes(connection, snapshot_id)

    # ---------------------------------------------------------------- runs
    # Pages read and cancel runs; submitting and the worker's side are called by scheduler_core.runs.planning.
    def submit_run(self, new: NewRun) -> str:
        """Queue a run and return its id; the same request id again returns the first run's id."""
        return self._once(lambda connection: runs.submit(connection, new))

    def take_run(self, owner: str, places: RunSlots) -> Run | None:
        """Lease the run that has waited longest to a worker that is being started; None while no run waits or no place is
        free."""

        def work(connection: Connection) -> Run | None:
            run_id = runs.take(connection, places, owner, STARTING_SECONDS * 1_000_000)
            return None if run_id is None else runs.get(connection, run_id)

        with self._database.reading() as connection:
            if runs.next_in_line(connection, places) is None:
                return None
        return self._database.writing(work)

    def claim_run(self, run_id: str, owner: str) -> Run:
        """Lease a queued run to a worker, or find that it is leased to it already. Raises LeaseLost if it is neither."""

        def work(connection: Connection) -> Run:
            runs.claim(connection, run_id, owner, LEASE_SECONDS * 1_000_000)
            return runs.get(connection, run_id)

        return self._database.writing(work)

    def report_run(self, run_id: str, owner: str, progress: tuple[float, str] | None = None) -> Wish | None:
        """Renew a worker's lease and note (fraction 0 to 1, message); returns what somebody has asked of the run."""
        lease = LEASE_SECONDS * 1_000_000
        return self._database.writing(lambda connection: runs.report(connection, run_id, owner, lease, progress))

    def finish_run(self, run_id: str, owner: str, state: RunState, message: str) -> None:
        """End a run that has no schedule: failed, timeout or cancelled."""
        self._database.writing(lambda connection: runs.finish(connection, run_id, owner, state, message))

    def save_schedule(
        self, run_id: str, owner: str, result: Result, violations: Sequence[Violation], kpis: Kpis | None
    ) -> str:
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

    def run(self, run_id: str) -> Run:
        """One run."""
        with self._database.reading() as connection:
            return runs.get(connection, run_id)

    def runs(self, *, snapshot_id: str | None = None, states: Collection[RunState] = (), limit: int = 50) -> tuple[Run, ...]:
        """Newest first; ``states`` empty: all."""
        with self._database.reading() as connection:
            return runs.newest(connection, snapshot_id, states, limit)

    def request_cancel(self, run_id: str, actor: str = "planner") -> None:
        """Ask a run to stop: a queued one is cancelled at once, a running one within about a second."""
        self._database.writing(lambda connection: runs.request_cancel(connection, run_id, actor))

    def request_keep(self, run_id: str, actor: str = "planner") -> None:
        """Ask a running run to end within about a second with the best plan so far; any other run stays as it is."""
        self._database.writing(lambda connection: runs.request_keep(connection, run_id, actor))

    def fail_expired(self, now: datetime | None = None) -> tuple[str, ...]:
        """Mark running runs whose worker has not been heard of for a lease as failed; returns their ids. Cheap: poll it."""
        moment = serialization.now_us() if now is None else serialization.to_us(now)
        with self._database.reading() as connection:
            if not runs.any_expired(connection, moment):
                return ()
        return self._database.writing(lambda connection: runs.fail_expired(connection, moment))

    # ---------------------------------------------------------------- schedules
    def stored_schedule(self, schedule_id: str) -> StoredSchedule:
        """A schedule's facts and KPIs, rejected ones too."""
        with self._database.reading() as connection:
            return schedules.get(connection, schedule_id)

    def stored_schedules(
        self, *, snapshot_id: str | None = None, rejected: bool | None = False, limit: int = 50
    ) -> tuple[StoredSchedule, ...]:
        """Newest first. ``rejected`` None: both plans and rejected ones."""
        with self._database.reading() as connection:
            return schedules.newest(connection, snapshot_id, rejected, limit)

    def schedule(self, schedule_id: str) -> Schedule:
        """The assignments of a plan, ordered by job and sequence (immutable; safe to cache by id). Refused if rejected."""
        with self._database.reading() as connection:
            return schedules.load(connection, schedule_id)

    def faults(self, schedule_id: str) -> tuple[Fault, ...]:
        """What the validator found in a rejected schedule; empty for a plan."""
        with self._database.reading() as connection:
            return schedules.faults(connection, schedule_id)

    # ---------------------------------------------------------------- releases
    def approve(self, request: ApprovalRequest, current_fingerprint: str | None, four_eyes: bool = False) -> Release:
        """Release a schedule in one transaction: approval, dispatch rows, outbox and audit, or nothing at all.

        ``current_fingerprint``: of the ERP's rows now (``approving.approve`` reads it), None for a snapshot from a file.
        Raises Refused (faults in the stored rows, another content hash, another release meanwhile, already current, no
        approver's name; with ``four_eyes`` also no proposal by somebody else) and StaleSnapshot. Pages call
        ``approving.approve``, which reads the fingerprint first.
        """
        return self._once(lambda connection: approvals.approve(connection, request, current_fingerprint, four_eyes))

    def current_release(self, plant: str) -> Release | None:
        """The latest release of a plant (by ``SnapshotInfo.plant``), None before the first."""
        with self._database.reading() as connection:
            return approvals.current(connection, plant)

    def releases(self, plant: str, limit: int = 50) -> tuple[Release, ...]:
        """Newest first."""
        with self._database.reading() as connection:
            return approvals.newest(connection, plant, limit)

    def release(self, release_id: str) -> Release:
        """One release by its id."""
        with self._database.reading() as connection:
            return approvals.get(connection, release_id)

    def dispatch_rows(self, release_id: str) -> tuple[DispatchRow, ...]:
        """What was written for the shop floor, by machine and position."""
        with self._database.reading() as connection:
            return approvals.dispatch_rows(connection, release_id)

    # ---------------------------------------------------------------- audit
    def audit(self, limit: int = 200) -> tuple[AuditEntry, ...]:
        """Newest first."""
        with self._database.reading() as connection:
            return audit.entries(connection, limit)

    def first_broken_audit(self) -> int | None:
        """Sequence of the first line whose hash does not follow from the line before; None if the trail is whole."""
        with self._database.reading() as connection:
            return audit.first_broken(connection)


__all__ = [
    "ApprovalRequest", "AuditEntry", "DispatchRow", "Fault", "LeaseLost", "NewRun", "NewScenario", "NotFound",
    "PullCounts", "PullNote", "QuarantinedRow", "Refused", "Release", "Run", "RunState", "Scenario", "SnapshotInfo",
    "Source", "StaleSnapshot", "Store", "StoredSchedule", "Wish",
]  # fmt: skip
