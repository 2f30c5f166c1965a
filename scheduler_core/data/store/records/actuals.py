"""Pulls of which it is stored what they told of operations, and those of which it is not."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.data.store.records.snapshots import SnapshotInfo


@dataclass(frozen=True)
class ReadPull:
    """The newest pull that has been compared with the one before it, and what ran then."""

    snapshot: SnapshotInfo
    running: tuple[OperationActual, ...]


@dataclass(frozen=True)
class UnreadPull:
    """A pulled snapshot that was kept later. plan: schedule and snapshot (ids) of the release in force when it was kept,
    None where there was none."""

    snapshot: SnapshotInfo
    plan: tuple[str, str] | None
