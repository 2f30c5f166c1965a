"""Snapshots: pulled or opened plants, with what could not be used of them. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler_core.data.database import Database
from scheduler_core.data.store import applied_facts, snapshots
from scheduler_core.data.store.records import (
    AppliedFact,
    NewSnapshot,
    PullCounts,
    PullNote,
    QuarantinedRow,
    SnapshotInfo,
    Source,
)
from scheduler_core.data.store_errors import NotFound
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant


class SnapshotRepository:
    """Snapshots by id, newest first. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
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
        before: Plant | None = None,
        facts: Sequence[AppliedFact] = (),
        on_top_of: str | None = None,
        taken_at: datetime | None = None,
    ) -> str:
        """Keep a plant and return its snapshot's id; the same request id again returns the first one's.

        ``counts`` None: every row was accepted. ``facts``: what planners know, and ``before``: the plant without it
        (None: that changes nothing). ``on_top_of``: the latest snapshot, from which this one was made; raises
        Superseded where another is the latest by now. ``taken_at``: when the jobs were pulled (None: now).
        """
        if (source is Source.FILE) != (fingerprint is None):
            raise InvalidValue("fingerprint", fingerprint, f"does not go with a snapshot from {source.value}")
        new = NewSnapshot(
            plant, request_id, source, counts or snapshots.counts_of(plant), quarantine, notes, fingerprint, banner, actor,
            before, facts, on_top_of, taken_at,
        )  # fmt: skip
        return self._database.writing_once(lambda connection: snapshots.save(connection, new))

    def get(self, snapshot_id: str) -> SnapshotInfo:
        """One snapshot's facts."""
        with self._database.reading() as connection:
            return snapshots.info(connection, snapshot_id)

    def latest(self) -> SnapshotInfo | None:
        """The newest snapshot of any source, None if there is none."""
        return next(iter(self.newest(1)), None)

    def needed_latest(self) -> SnapshotInfo:
        """The same, where there has to be one. Raises NotFound."""
        latest = self.latest()
        if latest is None:
            raise NotFound("there is no snapshot yet: pull the jobs first")
        return latest

    def newest(self, limit: int = 50, after: tuple[int, str] | None = None) -> tuple[SnapshotInfo, ...]:
        """Newest first, without those that what-if scenarios derived. ``after``: order and id of the snapshot after which
        the list goes on."""
        with self._database.reading() as connection:
            return snapshots.infos(connection, limit, after)

    def of_request(self, request_id: str) -> str | None:
        """The snapshot that a request id has led to; None if there is none."""
        with self._database.reading() as connection:
            return snapshots.of_request(connection, request_id)

    def plant(self, snapshot_id: str) -> Plant:
        """The snapshot's plant (immutable; safe to cache by id)."""
        with self._database.reading() as connection:
            return snapshots.plant(connection, snapshot_id)

    def plant_before_facts(self, snapshot_id: str) -> Plant:
        """The snapshot's plant without planners' facts: its plant itself where they change nothing."""
        with self._database.reading() as connection:
            return applied_facts.before(connection, snapshot_id) or snapshots.plant(connection, snapshot_id)

    def facts(self, snapshot_id: str) -> tuple[AppliedFact, ...]:
        """The facts that the snapshot knows, in the order in which they were put in."""
        with self._database.reading() as connection:
            return applied_facts.of_snapshot(connection, snapshot_id)

    def quarantine(self, snapshot_id: str) -> tuple[QuarantinedRow, ...]:
        """The rows that were not usable, in source order."""
        with self._database.reading() as connection:
            return snapshots.quarantine(connection, snapshot_id)

    def notes(self, snapshot_id: str) -> tuple[PullNote, ...]:
        """Remarks on rows that were used, in source order."""
        with self._database.reading() as connection:
            return snapshots.notes(connection, snapshot_id)
