"""Snapshots: what was read, and what could not be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler_core.data.store.records.facts import AppliedFact
from scheduler_core.plant import Plant


class Source(StrEnum):
    """Where a snapshot came from."""

    ERP = "erp"  # a live pull
    DEMO = "demo"  # a pull from the demo ERP, whose clock stands still
    FILE = "file"  # a snapshot or benchmark file that somebody opened


@dataclass(frozen=True)
class QuarantinedRow:
    """A source row that cannot be used, and why. With a ``job``, that whole job is left out of the plan.

    ``row`` identifies the row inside ``table`` (such as ``TxnId_i=7, RowId_i=2``); ``value`` is the field's content as text.
    """

    table: str
    row: str
    field: str
    value: str
    reason: str
    job: str | None = None


@dataclass(frozen=True)
class PullNote:
    """Something about a row that was used that a planner should know (an assigned machine out of service, no due date)."""

    table: str
    row: str
    message: str
    job: str | None = None


@dataclass(frozen=True)
class PullCounts:
    """How many jobs and rows were read; accepted + quarantined = read, for jobs and for rows.

    ``beyond_horizon``: open jobs due after the pull's horizon, which are not read at all.
    """

    jobs_read: int
    jobs_accepted: int
    jobs_quarantined: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    beyond_horizon: int = 0


@dataclass(frozen=True)
class SnapshotInfo:
    """A stored snapshot without its plant (see ``Store.snapshots.plant``).

    ``taken_at``: when its jobs were pulled or loaded; what planners add to them since does not make them younger.
    ``plan_start`` is naive plant time. ``fingerprint`` is the SHA-256 of the source rows, None for a file. ``banner`` is a
    sentence to show on every page (the demo's clock), or None. ``sha256`` is the hash of the canonical snapshot JSON.
    ``order`` is its place in the order of arrival.
    """

    id: str
    plant: str
    source: Source
    taken_at: datetime
    plan_start: datetime
    timezone: str
    counts: PullCounts
    operation_count: int
    sha256: str
    fingerprint: str | None
    banner: str | None
    order: int = 0

    def age_minutes(self, now: datetime) -> int:
        """Whole minutes from taking the snapshot to ``now`` (aware)."""
        return int((now - self.taken_at).total_seconds() // 60)


@dataclass(frozen=True)
class NewSnapshot:
    """A plant on its way into the store, with everything that was noticed while reading it.

    ``facts``: planners' facts that it knows, and ``before``: the plant without them, None where they change nothing.
    ``on_top_of``: the snapshot that it was made from and that has to be the latest still; None: whatever is the latest.
    ``taken_at`` (aware): when its jobs were pulled, where that was not just now.
    """

    plant: Plant
    request_id: str
    source: Source
    counts: PullCounts
    quarantine: Sequence[QuarantinedRow]
    notes: Sequence[PullNote]
    fingerprint: str | None
    banner: str | None
    actor: str
    before: Plant | None = None
    facts: Sequence[AppliedFact] = ()
    on_top_of: str | None = None
    taken_at: datetime | None = None
