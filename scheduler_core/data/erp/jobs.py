"""Open jobs with their operations and output so far: each becomes a Job, or goes into quarantine as a whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from scheduler_core.clock import Clock
from scheduler_core.data.erp.alternatives import read_alternatives
from scheduler_core.data.erp.cells import (
    BadCell,
    canonical,
    flag,
    label,
    moment,
    number,
    shown,
    stands_for_no_date,
    text,
    whole,
)
from scheduler_core.data.erp.cells import key as key_of
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.durations import is_milestone
from scheduler_core.data.erp.keys import checked_key
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.data.erp.mapping import Mapping
from scheduler_core.data.erp.operations import (
    OperationDraft,
    Output,
    Reading,
    RoutingKey,
    read_operation,
    routing_key,
    status_of,
)
from scheduler_core.data.erp.row_accounting import RowAccounting, row_name
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.erp.source import ErpTables
from scheduler_core.data.erp.times import end_of, local_moment, start_of
from scheduler_core.data.store.records import PullNote, QuarantinedRow
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_OPERATIONS
from scheduler_core.plant import MAX_DAYS, Job

ROUTING_TEXT = "ProcessDescr_v"
"""The column of the routing that holds a process's name; the others by which it is joined hold numbers."""
_Key = str
"""A job's key as canonical text."""


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
    alternatives: dict[_Key, list[Row]]

    @property
    def count(self) -> int:
        attached = sum(len(rows) for found in (self.output, self.alternatives) for rows in found.values())
        return 1 + len(self.operations) + attached


def read_jobs(
    tables: ErpTables, config: ErpConfig, clock: Clock, park: MachinePark, accounting: RowAccounting
) -> list[OpenJob]:
    """Usable jobs in the order of their keys; the others are in the tally's quarantine."""
    gathered = _gather(tables, config, clock.start, accounting)
    routing = _routing(tables, config, gathered, accounting)
    mapping = tables.mapping
    reading = Reading(
        config, mapping, park, routing, clock, tables.ignores_case("operations", "process"),
        tables.ignores_case("machines", "machine"), mapping.operations.codes_of("finished"),
        mapping.operations.codes_of("running"),
    )  # fmt: skip
    any_case, any_case_keys = tables.ignores_case("jobs", "number"), tables.ignores_case("jobs", "job")
    references = Counter(key_of(one.row["number"], any_case) for one in gathered)
    numbers = Counter(key_of(one.row["job"], any_case_keys) for one in gathered)
    usable = []
    without_date: Counter[str] = Counter()
    gathered.reverse()
    while gathered:
        # Its rows are gone before the next job is made: the plant and the rows are never whole at the same time.
        one = gathered.pop()
        tables.pause()
        refused: list[QuarantinedRow] = []
        noted: list[PullNote] = []
        name = canonical(one.row["number"]).strip() or row_name(one.row, "job")
        job = _job(one, name, reading, refused, noted)
        for field, seen, fold in (("number", references, any_case), ("job", numbers, any_case_keys)):
            if seen[key_of(one.row[field], fold)] > 1:
                reason = "stands in two open jobs: neither is used"
                refused.append(QuarantinedRow("jobs", _job_row(one.row), field, shown(one.row[field]), reason, name))
        if refused or job is None:
            accounting.refuse_job(name, one.count, refused)
        else:
            accounting.note_job(job.job.id, noted)
            if stands_for_no_date(one.row["due"]):
                without_date[shown(one.row["due"])] += 1
            usable.append(job)
    _note_placeholders(without_date, tables.mapping.jobs.name_of("due"), accounting)
    return usable


def read_job_rows(tables: ErpTables, config: ErpConfig, plan_start: datetime, accounting: RowAccounting) -> None:
    """Read the rows of open jobs for their fingerprint alone; no job is made of them."""
    _routing(tables, config, _gather(tables, config, plan_start, accounting), accounting)


def _gather(tables: ErpTables, config: ErpConfig, plan_start: datetime, accounting: RowAccounting) -> list[_Gathered]:
    limit = None if config.horizon_days is None else (plan_start + timedelta(days=config.horizon_days)).date()
    any_case = tables.ignores_case("jobs", "job")
    gathered: list[_Gathered] = []
    by_id: dict[_Key, _Gathered] = {}
    for row in tables.rows("jobs"):
        try:
            due = None if stands_for_no_date(row["due"]) else _local("due", row, tables.mapping, config)
        except BadCell:
            due = None
        if limit is not None and due is not None and due.date() > limit:
            accounting.beyond_horizon += 1
            continue
        accounting.read("jobs", row)
        accounting.jobs_read += 1
        one = _Gathered(row, [], defaultdict(list), defaultdict(list))
        gathered.append(one)
        # Of two rows with one number the first gets the operations; both end in quarantine.
        by_id.setdefault(key_of(row["job"], any_case), one)
    operations = 0
    for row in tables.rows("operations"):
        owner = by_id.get(key_of(row["job"], any_case))
        if owner is not None:
            accounting.read("operations", row)
            owner.operations.append(row)
            operations += 1
            if operations > MAX_OPERATIONS:
                where = tables.mapping.table_of("operations")
                raise InvalidValue(where, operations, f"operations are more than the limit of {MAX_OPERATIONS}")
    for one in gathered:
        one.operations.sort(key=_by_number)
        if len({key_of(row["row"]) for row in one.operations}) < len(one.operations):
            # Rows with one number come in any order; what is said of them must not depend on the database.
            one.operations.sort(key=_by_number_and_content)
    for subject in ("output", "alternatives"):
        for row in tables.rows(subject):
            owner = by_id.get(key_of(row["job"], any_case))
            if owner is not None:
                accounting.read(subject, row)
                (owner.output if subject == "output" else owner.alternatives)[key_of(row["row"])].append(row)
    return gathered


def _routing(
    tables: ErpTables, config: ErpConfig, gathered: Sequence[_Gathered], accounting: RowAccounting
) -> dict[RoutingKey, frozenset[int]]:
    """Machine types by join key, of the lines that an open operation without a machine needs."""
    if tables.mapping.routing is None:
        return {}
    routing_columns = tuple(routing for _, routing in config.routing_join)
    any_case = tables.ignores_case("operations", "process")
    finished = tables.mapping.operations.codes_of("finished")
    without = [
        row
        for one in gathered
        for row in one.operations
        if not canonical(row["machine"]).strip() and status_of(row) not in finished
    ]
    if not without:
        return {}
    needed = {routing_key(row, config.process_columns, any_case) for row in without}
    # A routing grows for years: the database leaves out the lines of processes that no open operation needs.
    process, column = next((pair for pair in config.routing_join if pair[1] == ROUTING_TEXT), ("", ""))
    cells = {row.cell_of(process) for row in without} if process else ()
    types: dict[RoutingKey, set[int]] = defaultdict(set)
    for row in tables.rows("routing", column, cells):
        key = routing_key(row, routing_columns, any_case)
        if key not in needed:
            continue
        accounting.read("routing", row)
        try:
            types[key].add(whole("machine_type", row["machine_type"]))
        except BadCell as bad:
            where = row_name(row, "routing", "row")
            accounting.refuse_row("routing", where, bad)
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
            refuse("output", _output_row(one.output[operation][0], operation), bad)
            return None

    try:
        head = _head(one.row, reading, noted)
    except BadCell as bad:
        refuse("jobs", _job_row(one.row), bad)
        head = None
    quantity = Decimal(1) if head is None else head.quantity
    drafts: list[OperationDraft] = []
    seen: set[str] = set()
    milestones = 0
    for row in one.operations:
        key = key_of(row["row"])
        try:
            if key in seen:
                raise BadCell("row", row["row"], "stands twice in this job")
            seen.add(key)
            if status_of(row) in reading.finished:
                continue
            output = made(_output_key(row)) if one.output else None
            if output is not None and output.quantity >= quantity:
                message = f"has {canonical(output.quantity)} of {canonical(quantity)} pieces reported: it counts as finished"
                noted.append(PullNote("operations", _operation_row(row), message))
            elif is_milestone(row):
                milestones += 1
                message = "takes no time: it is a milestone and left out"
                noted.append(PullNote("operations", _operation_row(row), message))
            else:
                left = quantity - (Decimal(0) if output is None else output.quantity)
                rows = one.alternatives.get(_output_key(row)) if one.alternatives else None
                others = read_alternatives(rows, left, quantity, reading) if rows else {}
                drafts.append(read_operation(row, quantity, output, others, reading))
                if reading.mapping.operations.has("together") and flag("together", row["together"]):
                    message = "may run beside the operation before it in the ERP: it is planned after that one"
                    noted.append(PullNote("operations", _operation_row(row), message))
        except BadCell as bad:
            # Without the job's quantity its operations' times mean nothing: one reason is enough then.
            if head is not None:
                refuse("operations", _operation_row(row), bad)
    known = {_output_key(row) for row in one.operations} if one.output else set()
    for key, lost in one.output.items():
        if key not in known:
            orphan = BadCell("row", key, "is output of an operation that the job does not have")
            refuse("output", _output_row(lost[0], key), orphan)
    if not one.operations:
        refuse("jobs", _job_row(one.row), BadCell("job", one.row["job"], "has no operation at all"))
    elif not drafts and not refused and milestones:
        idle = BadCell("job", one.row["job"], "has no open operation that takes time")
        refuse("jobs", _job_row(one.row), idle)
    elif not drafts and not refused:
        done = BadCell("status", one.row["status"], "is open, but every operation is finished: close the job")
        refuse("jobs", _job_row(one.row), done)
    if refused or head is None:
        return None
    drafts.sort(key=lambda d: d.operation.sequence)
    try:
        open_job = OpenJob(_job_of(head, drafts, one.row, reading.config.product_pattern), tuple(drafts))
    except InvalidValue as invalid:
        refuse("jobs", _job_row(one.row), BadCell(invalid.where, invalid.value, invalid.reason))
        return None
    if open_job.job.product is None and not one.row.has("product"):
        message = "has no product code in its processes' names: it counts as a setup family of its own"
        noted.append(PullNote("jobs", _job_row(one.row), message))
    for draft in drafts:
        if draft.remark is not None:
            where = f"{_job_row(one.row)}, {one.operations[0].name_of('row')}={draft.operation.sequence}"
            noted.append(PullNote("operations", where, draft.remark))
    return open_job


@dataclass(frozen=True)
class _Head:
    """A job's own fields; ``release`` and ``due`` in minutes from plan_start."""

    id: str
    quantity: Decimal
    important: bool
    release: int
    due: int | None


def _job_of(head: _Head, drafts: Sequence[OperationDraft], row: Row, pattern: str) -> Job:
    """Product and family come from the order's row, or from the first operation whose name the pattern fits.

    Without a product code the job is a family of its own: a setup too many is safer than one that nobody planned.
    """
    product, family = None, head.id
    if row.has("product"):
        product = text("product", row["product"]) if canonical(row["product"]).strip() else None
        family = label("family", row["family"], head.id)
    for draft in () if row.has("product") else drafts:
        if found := re.match(pattern, draft.operation.process):
            product, family = found["product"], found["family"]
            break
    pieces = int(head.quantity) if head.quantity == head.quantity.to_integral_value() else float(head.quantity)
    operations = tuple(d.operation for d in drafts)
    return Job(head.id, operations, family, product, pieces, head.important, head.release, head.due)


def _head(row: Row, reading: Reading, noted: list[PullNote]) -> _Head:
    plan_start, clock = reading.clock.start, reading.clock
    name = text("number", row["number"]).rstrip(" ")
    checked_key("job", row["job"], reading.mapping.unit("jobs", "job"))
    flag("void", row["void"])
    quantity = number("quantity", row["quantity"])
    if quantity is None or quantity <= 0:
        raise BadCell("quantity", row["quantity"], "is not a quantity to make")
    target, material = _due(row, reading, plan_start, noted), _release(row, reading, plan_start, noted)
    units = [reading.mapping.unit("jobs", meaning) for meaning in ("due", "release")]
    due = None if target is None else end_of(target, units[0])
    release = plan_start if material is None else start_of(material, units[1])
    if due is not None and material is not None and due < release:
        message = (
            f"{row.name_of('due')} {_written(target)} is before the material's date {_written(material)}: it is planned late"
        )
        noted.append(PullNote("jobs", _job_row(row), message))
    return _Head(
        name, quantity, flag("important", row["important"]), clock.minute_of(release),
        None if due is None else clock.minute_of(due),
    )  # fmt: skip


def _local(field: str, row: Row, mapping: Mapping, config: ErpConfig) -> datetime | None:
    return local_moment(field, row[field], mapping.unit("jobs", field), config.timezone)


def _written(found: datetime | None) -> str:
    """A date, with its time if it has one."""
    assert found is not None
    return found.isoformat("T", "minutes") if found.time() != time() else str(found.date())


def _due(row: Row, reading: Reading, plan_start: datetime, noted: list[PullNote]) -> datetime | None:
    cell = row["due"]
    if stands_for_no_date(cell):
        message = f"has the target date {shown(cell)}, which stands for none: it is never late"
        noted.append(PullNote("jobs", _job_row(row), message))
        return None
    due = _near(_local("due", row, reading.mapping, reading.config), "due", plan_start)
    if due is None:
        noted.append(PullNote("jobs", _job_row(row), "has no target date and is never late"))
    return due


def _release(row: Row, reading: Reading, plan_start: datetime, noted: list[PullNote]) -> datetime | None:
    cell = row["release"]
    # A far day to come is no "there already": the material may not be known at all, and nothing is guessed.
    if stands_for_no_date(cell) and canonical(cell).strip() < plan_start.isoformat():
        message = f"has the material date {shown(cell)}, which stands for none: its material counts as there"
        noted.append(PullNote("jobs", _job_row(row), message))
        return None
    return _near(_local("release", row, reading.mapping, reading.config), "release", plan_start)


def _near(found: datetime | None, field: str, plan_start: datetime) -> datetime | None:
    if found is not None and abs((found.date() - plan_start.date()).days) >= MAX_DAYS:
        raise BadCell(field, found.date(), "is more than 19 years from the plan's start")
    return found


def _note_placeholders(noted: Counter[str], column: str, accounting: RowAccounting) -> None:
    """Say once per date what stands for none how many open orders have it."""
    for date_written, jobs in sorted(noted.items()):
        message = f"{date_written} stands for no target date in {jobs} of {accounting.jobs_read} open jobs"
        accounting.note("jobs", column, message)


def _output(rows: Sequence[Row]) -> Output:
    total, latest = Decimal(0), None
    for row in rows:
        # The reason stands beside the operation's row, but names the column of the report.
        name = row.name_of("quantity")
        quantity = number(name, row["quantity"])
        if quantity is None:
            raise BadCell(name, None, "is empty in a report of output")
        total += quantity
        stamp = row["at"]
        at = None if stands_for_no_date(stamp) else moment(row.name_of("at"), stamp)
        latest = at if latest is None or (at is not None and at > latest) else latest
    if total < 0:
        raise BadCell(rows[0].name_of("quantity"), total, "is negative output over all reports")
    return Output(total, latest)


def _by_number(row: Row) -> tuple[int, str]:
    """Sorts whole numbers by value: shorter ones first, then digit by digit."""
    number = canonical(row["row"])
    return len(number), number


def _by_number_and_content(row: Row) -> tuple[int, str, list[str]]:
    """The same, equal ones by everything else."""
    return *_by_number(row), [canonical(cell) for cell in row.values()]


def _job_row(row: Row) -> str:
    return row_name(row, "job")


def _output_key(operation: Row) -> _Key:
    """By what reports of output name an operation."""
    return key_of(operation["output_row" if operation.has("output_row") else "row"])


def _output_row(report: Row, operation: str) -> str:
    return f"{row_name(report, 'job')}, {report.name_of('row')}={shown(operation)}"


def _operation_row(row: Row) -> str:
    return row_name(row, "job", "row")
