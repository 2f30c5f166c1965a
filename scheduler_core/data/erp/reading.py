"""One pull: the ERP's open jobs, machines and calendar as a plant, with everything unusable named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler_core.calendar_hours import with_own_calendars
from scheduler_core.clock import Clock, clock_from
from scheduler_core.data.database import Database
from scheduler_core.data.erp.calendar import Calendars, read_calendars
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.downtimes import read_downtimes, with_downtimes
from scheduler_core.data.erp.jobs import OpenJob, read_job_rows, read_jobs
from scheduler_core.data.erp.machine_hours import machine_calendars
from scheduler_core.data.erp.machines import MachinePark, read_park
from scheduler_core.data.erp.returning_machines import alone_of_their_type, with_returning
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.running_operations import with_running_fixed
from scheduler_core.data.erp.source import ErpTables, demo_clock, transaction
from scheduler_core.data.read_progress import NULL_PROGRESS, ReadProgress
from scheduler_core.data.store.records import PullCounts, PullNote, QuarantinedRow
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.limits import MAX_JOBS, MAX_MACHINES, MAX_OPERATIONS, SURPLUS
from scheduler_core.plant import CLOCK_DAYS, Machine, Plant


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
    with transaction(erp) as connection:
        demo = demo_clock(connection)
        tables = ErpTables(connection, config.tables)
        _begin(tables, listener)
        any_case = tables.ignores_case("jobs", "number")
        given = plan_start or (demo[0] if demo is not None else _now(config.timezone))
        clock = clock_from(config.timezone, given, CLOCK_DAYS)
        start = clock.start
        accounting = RowAccounting(config.tables)
        calendars = _calendars(tables, config, start, accounting, why)
        unusable = frozenset() if calendars is None else calendars.unusable
        known = read_park(tables, config.machine_type_names, accounting, unusable)
        park = with_returning(known, returning, config.machine_type_names)
        hours = None if calendars is None else machine_calendars(tables, config, calendars, park, accounting)
        downtimes = read_downtimes(tables, config, clock, park, accounting)
        jobs = _jobs(tables, config, clock, park, accounting, why, bool(unusable))
    if hours is None or not jobs:
        raise NothingToPlan(why, accounting)
    calendar, own = hours
    try:
        running = with_running_fixed(jobs, calendar, own, clock, accounting)
    except Unschedulable as nothing:
        raise NothingToPlan([str(nothing)], accounting) from nothing
    plant = Plant(
        config.plant,
        config.timezone,
        start,
        (calendar,),
        tuple(park.types.values()),
        running.holding(park.machines),
        running.jobs,
    )
    plant = with_downtimes(with_own_calendars(plant, own), downtimes)
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


def _calendars(
    tables: ErpTables, config: ErpConfig, start: datetime, accounting: RowAccounting, why: list[str]
) -> Calendars | None:
    try:
        return read_calendars(tables, config, start, accounting)
    except Unschedulable as nothing:
        # What else is wrong is read all the same: the planner mends all of it at once.
        why.append(str(nothing))
        return None


def _jobs(
    tables: ErpTables, config: ErpConfig, clock: Clock, park: MachinePark, accounting: RowAccounting, why: list[str],
    no_hours: bool,
) -> list[OpenJob]:  # fmt: skip
    """``no_hours``: some machines have working hours of which none can be used."""
    if not park.machines:
        # No job is read: each would only say once more that its machine is not active.
        without = f" whose working hours in {tables.mapping.table_of('hours')} can be used" if no_hours else ""
        machines = tables.mapping.table_of("machines")
        why.append(f"the ERP's table {machines} holds no active machine{without}: nothing can be planned")
        return []
    jobs = read_jobs(tables, config, clock, park, accounting)
    if not jobs:
        read, refused, later = accounting.jobs_read, accounting.jobs_quarantined, accounting.beyond_horizon
        beyond = f", {later} due later than {config.horizon_days} days from now (horizon_days)" if later else ""
        why.append(f"the ERP holds no usable open job: {read} read, {refused} in quarantine{beyond}")
    return jobs


def time_now(erp: Database, config: ErpConfig) -> datetime:
    """The plan_start that a pull would have now: the time (naive plant time, whole minutes), or the demo's clock."""
    with transaction(erp) as connection:
        demo = demo_clock(connection)
    return _now(config.timezone) if demo is None else demo[0]


def fingerprint(erp: Database, config: ErpConfig, plan_start: datetime, listener: ReadProgress = NULL_PROGRESS) -> str:
    """The fingerprint that a pull with this plan_start would have now: the same horizon, so only the rows can differ.

    The rows are read and hashed; no job and no plant is built. Raises as ``read`` does, Unschedulable apart.
    """
    accounting = RowAccounting(config.tables)
    with transaction(erp) as connection:
        tables = ErpTables(connection, config.tables)
        _begin(tables, listener)
        for subject in ("hours", "breaks", "holidays", "machines", "machine_hours", "downtimes"):
            for row in tables.rows(subject):
                accounting.read(subject, row)
        read_job_rows(tables, config, plan_start, accounting)
    return accounting.fingerprint


def _begin(tables: ErpTables, listener: ReadProgress) -> None:
    """Refuse absurd numbers of rows before they are read, and tell the listener of those that follow."""
    count = tables.count("jobs")
    if count > MAX_JOBS:
        raise InvalidValue(tables.mapping.table_of("jobs"), count, f"open jobs are more than the limit of {MAX_JOBS}")
    machines = tables.count("machines")
    if machines > MAX_MACHINES:
        raise InvalidValue(
            tables.mapping.table_of("machines"), machines, f"machines are more than the limit of {MAX_MACHINES}"
        )
    # Those of jobs beyond the horizon count here and not later: only what cannot be meant is refused by this count.
    operations = tables.count("operations")
    if operations > SURPLUS * MAX_OPERATIONS:
        where = tables.mapping.table_of("operations")
        raise InvalidValue(where, operations, f"operations are more than the limit of {MAX_OPERATIONS}")
    tables.follow(listener, count + machines + operations)


def _now(timezone: str) -> datetime:
    return datetime.now(ZoneInfo(timezone)).replace(tzinfo=None, second=0, microsecond=0)
