"""One pull: the ERP's open jobs, machines and calendar as a plant, with everything unusable named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from scheduler_core.calendar_hours import with_own_calendars
from scheduler_core.clock import clock_from
from scheduler_core.data.database import Database
from scheduler_core.data.erp import source
from scheduler_core.data.erp.calendar import read_calendar
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.jobs import read_job_rows, read_jobs
from scheduler_core.data.erp.machine_hours import read_machine_hours
from scheduler_core.data.erp.machines import read_park
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.running_operations import with_running_fixed
from scheduler_core.data.read_progress import NULL_PROGRESS, ReadProgress
from scheduler_core.data.store.records import PullCounts, PullNote, QuarantinedRow
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.limits import MAX_JOBS, MAX_MACHINES, MAX_OPERATIONS, SURPLUS
from scheduler_core.plant import CLOCK_DAYS, Plant


@dataclass(frozen=True)
class Pull:
    """A plant and how it came about. ``fingerprint`` is the SHA-256 of the rows read; ``banner`` is set for a demo ERP.
    ``out_of_service``: the machines (ids) that the ERP has and that are not active."""

    plant: Plant
    quarantine: tuple[QuarantinedRow, ...]
    notes: tuple[PullNote, ...]
    counts: PullCounts
    fingerprint: str
    banner: str | None
    out_of_service: frozenset[int] = frozenset()


def read(
    erp: Database, config: ErpConfig, plan_start: datetime | None = None, listener: ReadProgress = NULL_PROGRESS
) -> Pull:
    """Read everything in one read-only transaction.

    ``plan_start``: naive plant time in whole minutes (one that does not exist: the next that does); None: now, or the
    demo's clock. Raises Unschedulable if there is
    nothing to plan with, InvalidValue for an absurd number of jobs, DatabaseUnavailable if a table cannot be read, and
    Cancelled if the listener does.
    """
    with erp.reading() as connection:
        demo = source.demo_clock(connection)
        _begin(connection, listener)
        given = plan_start or (demo[0] if demo is not None else _now(config.timezone))
        clock = clock_from(config.timezone, given, CLOCK_DAYS)
        start = clock.start
        accounting = RowAccounting()
        calendar = read_calendar(connection, config, start, accounting)
        park = read_park(connection, config.machine_type_names, accounting)
        own = read_machine_hours(connection, config, calendar, park, accounting)
        jobs = read_jobs(connection, config, start, park, accounting)
    if not jobs:
        raise Unschedulable(
            f"the ERP holds no usable open job: {accounting.jobs_read} read, {accounting.jobs_quarantined} in quarantine"
        )
    plant = Plant(
        config.plant, config.timezone, start, (calendar,), tuple(park.types.values()), tuple(park.machines.values()),
        with_running_fixed(jobs, calendar, own, clock, accounting),
    )  # fmt: skip
    plant = with_own_calendars(plant, own)
    return Pull(
        plant,
        tuple(accounting.quarantine),
        tuple(accounting.notes),
        accounting.counts,
        accounting.fingerprint,
        None if demo is None else demo[1],
        frozenset(park.type_of) - frozenset(park.machines),
    )


def fingerprint(erp: Database, config: ErpConfig, plan_start: datetime, listener: ReadProgress = NULL_PROGRESS) -> str:
    """The fingerprint that a pull with this plan_start would have now: the same horizon, so only the rows can differ.

    The rows are read and hashed; no job and no plant is built. Raises as ``read`` does, Unschedulable apart.
    """
    accounting = RowAccounting()
    with erp.reading() as connection:
        _begin(connection, listener)
        for table, rows in (
            ("ai_arrangable_hour", source.working_hours),
            ("ai_breaktimes", source.breaks),
            ("ai_holidays", lambda read: source.holidays(read, config.holiday_hours)),
            ("tbl_machine", source.machines),
        ):
            for row in rows(connection):
                accounting.read(table, row)
        if config.machine_hours is not None:
            for row in source.machine_hours(connection, config.machine_hours):
                accounting.read(config.machine_hours.table, row)
        read_job_rows(connection, config, plan_start, accounting)
    return accounting.fingerprint


def _begin(connection: Connection, listener: ReadProgress) -> None:
    """Refuse absurd numbers of rows before they are read, and tell the listener of those that follow."""
    count = source.open_job_count(connection)
    if count > MAX_JOBS:
        raise InvalidValue("tbl_jo_txn", count, f"open jobs are more than the limit of {MAX_JOBS}")
    machines = source.machine_count(connection)
    if machines > MAX_MACHINES:
        raise InvalidValue("tbl_machine", machines, f"machines are more than the limit of {MAX_MACHINES}")
    # Those of jobs beyond the horizon count here and not later: only what cannot be meant is refused by this count.
    operations = source.operation_count(connection)
    if operations > SURPLUS * MAX_OPERATIONS:
        raise InvalidValue("tbl_jo_process", operations, f"operations are more than the limit of {MAX_OPERATIONS}")
    source.follow(connection, listener, count + machines + operations)


def _now(timezone: str) -> datetime:
    return datetime.now(ZoneInfo(timezone)).replace(tzinfo=None, second=0, microsecond=0)
