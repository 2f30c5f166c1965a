"""Open jobs with their operations and output so far: each becomes a Job, or goes into quarantine as a whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.engine import Connection

from scheduler_core.clock import Clock, clock_of
from scheduler_core.data.erp import source
from scheduler_core.data.erp.cells import (
    BadCell,
    canonical,
    day,
    flag,
    moment,
    number,
    shown,
    stands_for_no_date,
    text,
    whole,
)
from scheduler_core.data.erp.cells import key as key_of
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.data.erp.operations import (
    OperationDraft,
    Output,
    Reading,
    RoutingKey,
    is_finished,
    is_milestone,
    read_operation,
    routing_key,
)
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.store.records import PullNote, QuarantinedRow
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_OPERATIONS
from scheduler_core.plant import CLOCK_DAYS, MAX_DAYS, Job

_Key = str
"""A job's TxnId_i as canonical text."""


@dataclass(frozen=True)
class OpenJob:
    """A usable job beside its drafts, because who holds which machine is settled over all jobs."""

    job: Job
    drafts: tuple[OperationDraft, ...]


@dataclass
class _Gathered:
    """All rows of one job."""

    row: Row
    operations: list[Row]
    output: dict[_Key, list[Row]]

    @property
    def count(self) -> int:
        return 1 + len(self.operations) + sum(len(rows) for rows in self.output.values())


def read_jobs(
    connection: Connection, config: ErpConfig, plan_start: datetime, park: MachinePark, accounting: RowAccounting
) -> list[OpenJob]:
    """Usable jobs in the order of TxnId_i; the others are in the tally's quarantine."""
    gathered = _gather(connection, config, plan_start, accounting)
    routing = _routing(connection, config, gathered, accounting)
    clock = clock_of(config.timezone, plan_start, CLOCK_DAYS)
    reading = Reading(config, park, routing, source.ignores_case(connection, "tbl_jo_process", "Task_v"), clock)
    any_case = source.ignores_case(connection, "tbl_jo_txn", "DocRef_v")
    references = Counter(key_of(one.row["DocRef_v"], any_case) for one in gathered)
    numbers = Counter(key_of(one.row["TxnId_i"]) for one in gathered)
    usable = []
    without_date: Counter[str] = Counter()
    gathered.reverse()
    while gathered:
        # Its rows are gone before the next job is made: the plant and the rows are never whole at the same time.
        one = gathered.pop()
        source.pause(connection)
        refused: list[QuarantinedRow] = []
        noted: list[PullNote] = []
        name = canonical(one.row["DocRef_v"]).strip() or f"TxnId_i={shown(one.row['TxnId_i'])}"
        job = _job(one, name, reading, refused, noted)
        for field, seen, fold in (("DocRef_v", references, any_case), ("TxnId_i", numbers, False)):
            if seen[key_of(one.row[field], fold)] > 1:
                reason = "stands in two open jobs: neither is used"
                refused.append(QuarantinedRow("tbl_jo_txn", _job_row(one.row), field, shown(one.row[field]), reason, name))
        if refused or job is None:
            accounting.refuse_job(name, one.count, refused)
        else:
            accounting.notes.extend(replace(note, job=job.job.id) for note in noted)
            if stands_for_no_date(one.row["TargetDate_dd"]):
                without_date[shown(one.row["TargetDate_dd"])] += 1
            usable.append(job)
    _note_placeholders(without_date, accounting)
    return usable


def read_job_rows(connection: Connection, config: ErpConfig, plan_start: datetime, accounting: RowAccounting) -> None:
    """Read the rows of open jobs for their fingerprint alone; no job is made of them."""
    _routing(connection, config, _gather(connection, config, plan_start, accounting), accounting)


def _gather(connection: Connection, config: ErpConfig, plan_start: datetime, accounting: RowAccounting) -> list[_Gathered]:
    limit = None if config.horizon_days is None else (plan_start + timedelta(days=config.horizon_days)).date()
    gathered: list[_Gathered] = []
    by_id: dict[_Key, _Gathered] = {}
    for row in source.jobs(connection):
        try:
            due = None if stands_for_no_date(row["TargetDate_dd"]) else day("TargetDate_dd", row["TargetDate_dd"])
        except BadCell:
            due = None
        if limit is not None and due is not None and due > limit:
            accounting.beyond_horizon += 1
            continue
        accounting.read("tbl_jo_txn", row)
        accounting.jobs_read += 1
        one = _Gathered(row, [], defaultdict(list))
        gathered.append(one)
        # Of two rows with one number the first gets the operations; both end in quarantine.
        by_id.setdefault(key_of(row["TxnId_i"]), one)
    operations = 0
    for row in source.operations(connection):
        owner = by_id.get(key_of(row["TxnId_i"]))
        if owner is not None:
            accounting.read("tbl_jo_process", row)
            owner.operations.append(row)
            operations += 1
            if operations > MAX_OPERATIONS:
                raise InvalidValue("tbl_jo_process", operations, f"operations are more than the limit of {MAX_OPERATIONS}")
    for one in gathered:
        one.operations.sort(key=_by_number)
        if len({key_of(row["RowId_i"]) for row in one.operations}) < len(one.operations):
            # Rows with one number come in any order; what is said of them must not depend on the database.
            one.operations.sort(key=_by_number_and_content)
    for row in source.output(connection):
        owner = by_id.get(key_of(row["JoId_i"]))
        if owner is not None:
            accounting.read("tbl_daily_item", row)
            owner.output[key_of(row["ProcessrowId_i"])].append(row)
    return gathered


def _routing(
    connection: Connection, config: ErpConfig, gathered: Sequence[_Gathered], accounting: RowAccounting
) -> dict[RoutingKey, frozenset[int]]:
    """Machine types by join key, of the lines that an open operation without a machine needs."""
    process_columns = tuple(process for process, _ in config.routing_join)
    routing_columns = tuple(routing for _, routing in config.routing_join)
    any_case = source.ignores_case(connection, "tbl_jo_process", "Task_v")
    needed = {
        routing_key(row, process_columns, any_case)
        for one in gathered
        for row in one.operations
        if not is_finished(row) and not canonical(row["Machine_v"]).strip()
    }
    types: dict[RoutingKey, set[int]] = defaultdict(set)
    for row in source.routing(connection):
        key = routing_key(row, routing_columns, any_case)
        if key not in needed:
            continue
        accounting.read("tbl_routing_process", row)
        try:
            types[key].add(whole("MachinetypeId_i", row["MachinetypeId_i"]))
        except BadCell as bad:
            where = f"BstkId_i={shown(row['BstkId_i'])}, RowId_i={shown(row['RowId_i'])}"
            accounting.refuse_row("tbl_routing_process", where, bad)
    return {key: frozenset(found) for key, found in types.items()}


def _job(
    one: _Gathered, name: str, reading: Reading, refused: list[QuarantinedRow], noted: list[PullNote]
) -> OpenJob | None:  # fmt: skip
    """The job with what a planner should know of it in ``noted``, or None with every reason in ``refused``."""

    def refuse(table: str, row: str, bad: BadCell) -> None:
        refused.append(QuarantinedRow(table, row, bad.field, bad.content, bad.reason, name))

    def made(operation: str) -> Output | None:
        try:
            return _output(one.output[operation]) if operation in one.output else None
        except BadCell as bad:
            refuse("tbl_daily_item", _output_row(one.row, operation), bad)
            return None

    try:
        head = _head(one.row, reading.clock, noted)
    except BadCell as bad:
        refuse("tbl_jo_txn", _job_row(one.row), bad)
        head = None
    quantity = Decimal(1) if head is None else head.quantity
    drafts: list[OperationDraft] = []
    seen: set[str] = set()
    milestones = 0
    for row in one.operations:
        key = key_of(row["RowId_i"])
        try:
            if key in seen:
                raise BadCell("RowId_i", row["RowId_i"], "stands twice in this job")
            seen.add(key)
            if is_finished(row):
                continue
            output = made(key)
            if output is not None and output.quantity >= quantity:
                message = f"has {canonical(output.quantity)} of {canonical(quantity)} pieces reported: it counts as finished"
                noted.append(PullNote("tbl_jo_process", _operation_row(row), message))
            elif is_milestone(row):
                milestones += 1
                message = "takes no time: it is a milestone and left out"
                noted.append(PullNote("tbl_jo_process", _operation_row(row), message))
            else:
                drafts.append(read_operation(row, quantity, output, reading))
        except BadCell as bad:
            # Without the job's quantity its operations' times mean nothing: one reason is enough then.
            if head is not None:
                refuse("tbl_jo_process", _operation_row(row), bad)
    for key in one.output:
        if key not in seen:
            orphan = BadCell("ProcessrowId_i", key, "is output of an operation that the job does not have")
            refuse("tbl_daily_item", _output_row(one.row, key), orphan)
    if not one.operations:
        refuse("tbl_jo_txn", _job_row(one.row), BadCell("TxnId_i", one.row["TxnId_i"], "has no operation at all"))
    elif not drafts and not refused and milestones:
        idle = BadCell("TxnId_i", one.row["TxnId_i"], "has no open operation that takes time")
        refuse("tbl_jo_txn", _job_row(one.row), idle)
    elif not drafts and not refused:
        done = BadCell("DocStatus_c", one.row["DocStatus_c"], "is open, but every operation is finished: close the job")
        refuse("tbl_jo_txn", _job_row(one.row), done)
    if refused or head is None:
        return None
    drafts.sort(key=lambda d: d.operation.sequence)
    try:
        open_job = OpenJob(_job_of(head, drafts, reading.config.product_pattern), tuple(drafts))
    except InvalidValue as invalid:
        refuse("tbl_jo_txn", _job_row(one.row), BadCell(invalid.where, invalid.value, invalid.reason))
        return None
    if open_job.job.product is None:
        message = "has no product code in its processes' names: it counts as a setup family of its own"
        noted.append(PullNote("tbl_jo_txn", _job_row(one.row), message))
    for draft in drafts:
        if draft.remark is not None:
            where = f"TxnId_i={shown(one.row['TxnId_i'])}, RowId_i={draft.operation.sequence}"
            noted.append(PullNote("tbl_jo_process", where, draft.remark))
    return open_job


@dataclass(frozen=True)
class _Head:
    """A job's own fields; ``release`` and ``due`` in minutes from plan_start."""

    id: str
    quantity: Decimal
    important: bool
    release: int
    due: int | None


def _job_of(head: _Head, drafts: Sequence[OperationDraft], pattern: str) -> Job:
    """Product and family come from the first operation whose name the pattern fits.

    Without a product code the job is a family of its own: a setup too many is safer than one that nobody planned.
    """
    product, family = None, head.id
    for draft in drafts:
        if found := re.match(pattern, draft.operation.process):
            product, family = found["product"], found["family"]
            break
    pieces = int(head.quantity) if head.quantity == head.quantity.to_integral_value() else float(head.quantity)
    operations = tuple(d.operation for d in drafts)
    return Job(head.id, operations, family, product, pieces, head.important, head.release, head.due)


def _head(row: Row, clock: Clock, noted: list[PullNote]) -> _Head:
    plan_start = clock.start
    name = text("DocRef_v", row["DocRef_v"]).rstrip(" ")
    whole("TxnId_i", row["TxnId_i"])
    flag("Void_c", row["Void_c"])
    quantity = number("JoQty_d", row["JoQty_d"])
    if quantity is None or quantity <= 0:
        raise BadCell("JoQty_d", row["JoQty_d"], "is not a quantity to make")
    target, material = _due_day(row, plan_start, noted), _material_day(row, plan_start, noted)
    if target is not None and material is not None and target < material:
        message = f"TargetDate_dd {target} is before the material's date {material}: it is planned late"
        noted.append(PullNote("tbl_jo_txn", _job_row(row), message))
    midnight = datetime.min.time()
    due = None if target is None else datetime.combine(target, midnight) + timedelta(hours=23, minutes=59)
    release = plan_start if material is None else datetime.combine(material, midnight)
    return _Head(
        name, quantity, flag("IsImportant", row["IsImportant"]), clock.minute_of(release),
        None if due is None else clock.minute_of(due),
    )  # fmt: skip


def _due_day(row: Row, plan_start: datetime, noted: list[PullNote]) -> date | None:
    cell = row["TargetDate_dd"]
    if stands_for_no_date(cell):
        message = f"has the target date {shown(cell)}, which stands for none: it is never late"
        noted.append(PullNote("tbl_jo_txn", _job_row(row), message))
        return None
    due = _near(day("TargetDate_dd", cell), "TargetDate_dd", plan_start)
    if due is None:
        noted.append(PullNote("tbl_jo_txn", _job_row(row), "has no target date and is never late"))
    return due


def _material_day(row: Row, plan_start: datetime, noted: list[PullNote]) -> date | None:
    cell = row["MaterialDate_dd"]
    # A far day to come is no "there already": the material may not be known at all, and nothing is guessed.
    if stands_for_no_date(cell) and canonical(cell).strip() < plan_start.isoformat():
        message = f"has the material date {shown(cell)}, which stands for none: its material counts as there"
        noted.append(PullNote("tbl_jo_txn", _job_row(row), message))
        return None
    return _near(day("MaterialDate_dd", cell), "MaterialDate_dd", plan_start)


def _near(found: date | None, field: str, plan_start: datetime) -> date | None:
    if found is not None and abs((found - plan_start.date()).days) >= MAX_DAYS:
        raise BadCell(field, found, "is more than 19 years from the plan's start")
    return found


def _note_placeholders(noted: Counter[str], accounting: RowAccounting) -> None:
    """Say once per date what stands for none how many open orders have it."""
    for date_written, jobs in sorted(noted.items()):
        message = f"{date_written} stands for no target date in {jobs} of {accounting.jobs_read} open jobs"
        accounting.note("tbl_jo_txn", "TargetDate_dd", message)


def _output(rows: Sequence[Row]) -> Output:
    total, latest = Decimal(0), None
    for row in rows:
        quantity = number("Qty_d", row["Qty_d"])
        if quantity is None:
            raise BadCell("Qty_d", None, "is empty in a report of output")
        total += quantity
        stamp = row["CreateDate_dt"]
        at = None if stands_for_no_date(stamp) else moment("CreateDate_dt", stamp)
        latest = at if latest is None or (at is not None and at > latest) else latest
    if total < 0:
        raise BadCell("Qty_d", total, "is negative output over all reports")
    return Output(total, latest)


def _by_number(row: Row) -> tuple[int, str]:
    """Sorts whole numbers by value: shorter ones first, then digit by digit."""
    number = canonical(row["RowId_i"])
    return len(number), number


def _by_number_and_content(row: Row) -> tuple[int, str, list[str]]:
    """The same, equal ones by everything else."""
    return *_by_number(row), [canonical(cell) for cell in row.values()]


def _job_row(row: Row) -> str:
    return f"TxnId_i={shown(row['TxnId_i'])}"


def _output_row(job: Row, operation: str) -> str:
    return f"JoId_i={shown(job['TxnId_i'])}, ProcessrowId_i={shown(operation)}"


def _operation_row(row: Row) -> str:
    return f"TxnId_i={shown(row['TxnId_i'])}, RowId_i={shown(row['RowId_i'])}"
