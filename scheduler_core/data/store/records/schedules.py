"""Schedules: plans, and rejected schedules with their violations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler_core.judge.kpis import Kpis
from scheduler_core.reports import Report, as_dict
from scheduler_core.schedule import Status


@dataclass(frozen=True)
class StoredViolation:
    """A violation as stored: the rule's name (see ``scheduler_core.judge.validator.Rule``) and where it is broken."""

    rule: str
    job: str
    sequence: int | None
    machine: int | None
    message: str


@dataclass(frozen=True)
class StoredSchedule:
    """A schedule's facts without its assignments (see ``Store.schedules.load``).

    ``fault_count`` = 0: a plan. Otherwise it was rejected: it is kept with its faults as evidence and can't be loaded as a
    plan or approved; its ``kpis`` is None. ``content_sha256`` is the hash of the stored assignments.
    ``order``: a higher one was stored later, whatever the clock said; it compares with that of a release.
    ``asked_by``: who asked for its run.
    """

    id: str
    run_id: str
    snapshot_id: str
    engine: str
    status: Status
    content_sha256: str
    fault_count: int
    kpis: Kpis | None
    objective: float | None
    lower_bound: float | None
    seconds: float
    report: Report
    created_at: datetime
    order: int = 0
    asked_by: str = ""

    @property
    def detail(self) -> Mapping[str, object]:
        """The report as plain values."""
        return as_dict(self.report)

    @property
    def rejected(self) -> bool:
        """True if the validator found a fault."""
        return self.fault_count > 0
