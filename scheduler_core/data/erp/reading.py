"""One pull: the ERP's open jobs, machines and calendar as a plant, with everything unusable named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from scheduler_core.data.erp.jobs import OpenJob, read_job_rows, read_jobs
from scheduler_core.data.erp.machine_hours import read_machine_hours
from scheduler_core.data.erp.machines import MachinePark, read_park
from scheduler_core.data.erp.returning_machines import alone_of_their_type, with_returning
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.running_operations import with_running_fixed
from scheduler_core.data.read_progress import NULL_PROGRESS, ReadProgress
from scheduler_core.data.store.records import PullCounts, PullNote, QuarantinedRow
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.limits import MAX_JOBS, MAX_MACHINES, MAX_OPERATIONS, SURPLUS
from scheduler_core.plant import CLOCK_DAYS, Calendar, Machine, Plant


@dataclass(frozen=True)
class Pull:
    """A plant and how it came about. ``fingerprint`` is the SHA-256 of the rows read; ``banner`` is set for a demo ERP.
    ``out_of_service``: the machines (ids) that the ERP has and that are not active; ``alone``: those of them of whose type
    no other machine is active. ``returned``: the machines (ids) that are not active and were read as if they were.
    ``any_case``: the ERP takes two order numbers that differ in letter case alone for one."""

    plant: Plant
    quarantine: tuple[QuarantinedRow, ...]
    notes: tuple[PullNote, ...]
    counts: PullCounts
    fingerprint: str
    banner: str | None
    out_of_service: frozenset[int] = frozenset()
    alone: tuple[Machine, ...] = ()
    returned: frozenset[int] = frozenset()
    any_case: bool = False


class NothingToPlan(Unschedulable):
    """An ERP of which nothing can be planned, and everything that was found in it: the same as a pull has, but a plant."""

    def __init__(self, why: Sequence[str], accounting: RowAccounting) -> None:
        super().__init__("; ".join(why))
        self.quarantine = tuple(accounting.quarantine)
        self.notes = tuple(accounting.notes)
        self.counts = accounting.counts


def read(
    erp: Database, config: ErpConfig, plan_start: datetime | None = None, listener: ReadProgress = NULL_PROGRESS,
    returning: Collection[int] = (),
) -> Pull:  # fmt: skip
    """Read everything in one read-only transaction.

    ``plan_start``: naive plant time in whole minutes (one that does not exist: the next that does); None: now, or the
    demo's clock. ``returning``: machines (ids) that are read as active whatever the ERP says, because planners know when
    they are back. Raises NothingToPlan (Unschedulable), which carries every reason found, InvalidValue for an absurd number
    of jobs, DatabaseUnavailable if a table cannot be read, and Cancelled if the listener does.
    """
    why: list[str] = []
    with source.transaction(erp) as connection:
        demo = source.demo_clock(connection)
        _begin(connection, listener)
        given = plan_start or (demo[0] if demo is not None else _now(config.timezone))
        clock = clock_from(config.timezone, given, CLOCK_DAYS)
        start = clock.start
        accounting = RowAccounting()
        calendar = _calendar(connection, config, start, accounting, why)
        known = read_park(connection, config.machine_type_names, accounting)
        park = with_returning(known, returning, config.machine_type_names)
        own = {} if calendar is None else read_machine_hours(connection, config, calendar, park, accounting)
        jobs = _jobs(connection, config, start, park, accounting, why)
        any_case = source.ignores_case(connection, "tbl_jo_txn", "DocRef_v")
    if calendar is None or not jobs:
        raise NothingToPlan(why, accounting)
    try:
        planned = with_running_fixed(jobs, calendar, own, clock, accounting)
    except Unschedulable as nothing:
        raise NothingToPlan([str(nothing)], accounting) from nothing
    plant = Plant(
        config.plant, config.timezone, start, (calendar,), tuple(park.types.values()), tuple(park.machines.values()), planned
    )
    plant = with_own_calendars(plant, own)
    return Pull(
        plant,
        tuple(accounting.quarantine),
        tuple(accounting.notes),
        accounting.counts,
        accounting.fingerprint,
        None if demo is None else demo[1],
        frozenset(park.type_of) - frozenset(park.machines),
        alone_of_their_type(park),
        frozenset(park.machines) - frozenset(known.machines),
        any_case,
    )


def time_now(erp: Database, config: ErpConfig) -> datetime:
    """The plan_start that a pull would have now: the time (naive plant time, whole minutes), or the demo's clock."""
    with source.transaction(erp) as connection:
        demo = source.demo_clock(connection)
    return _now(config.timezone) if demo is None else demo[0]


def _calendar(
    connection: Connection, config: ErpConfig, start: datetime, accounting: RowAccounting, why: list[str]
) -> Calendar | None:
    try:
        return read_calendar(connection, config, start, accounting)
    except Unschedulable as nothing:
        # What else is wrong is read all the same: the planner mends all of it at once.
        why.append(str(nothing))
        return None


def _jobs(
    connection: Connection, config: ErpConfig, start: datetime, park: MachinePark, accounting: RowAccounting, why: list[str]
) -> list[OpenJob]:
    if not park.machines:
        # No job is read: each would only say once more that its machine is not active.
        why.append("the ERP's table tbl_machine holds no active machine: nothing can be planned")
        return []
    jobs = read_jobs(connection, config, start, park, accounting)
    if not jobs:
        read, refused, later = accounting.jobs_read, accounting.jobs_quarantined, accounting.beyond_horizon
        beyond = f", {later} due later than {config.horizon_days} days from now (horizon_days)" if later else ""
        why.append(f"the ERP holds no usable open job: {read} read, {refused} in quarantine{beyond}")
    return jobs


def fingerprint(erp: Database, config: ErpConfig, plan_start: datetime, listener: ReadProgress = NULL_PROGRESS) -> str:
    """The fingerprint that a pull with this plan_start would have now: the same horizon, so only the rows can differ.

    The rows are read and hashed; no job and no plant is built. Raises as ``read`` does, Unschedulable apart.
    """
    accounting = RowAccounting()
    with source.transaction(erp) as connection:
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
