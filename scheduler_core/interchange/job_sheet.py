"""Jobs from a table, one row per operation. Nothing is guessed: a row that cannot be used is refused with its job.

Accepted and refused rows add up to the rows read; each refused row is listed with its field, value and reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import sheet_cells as cells
from scheduler_core.interchange.job_columns import COLUMNS, EXAMPLE_JOB, NAMES, Column
from scheduler_core.interchange.sheet_cells import BadCell
from scheduler_core.interchange.sheet_table import EMPTY, Cell, Progress, Row, read_table
from scheduler_core.interchange.snapshot_reading import MAX_MINUTES
from scheduler_core.limits import MAX_JOBS, MAX_OPERATIONS
from scheduler_core.plant import Job, Operation, Plant

T = TypeVar("T", bound=str | int | float | bool | datetime)


@dataclass(frozen=True)
class RefusedRow:
    """A row that is not used: ``number`` as the spreadsheet counts, the field with its ``value``, and the reason."""

    number: int
    job: str | None
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class JobSheet:
    """What a table holds. ``rows_read`` counts rows that are not empty, without the header."""

    file: str
    rows_read: int
    rows_accepted: int
    jobs: tuple[Job, ...]
    refused: tuple[RefusedRow, ...]
    """At least one entry per refused row, in the table's order."""
    jobs_refused: int

    @property
    def rows_refused(self) -> int:
        """Rows that are not used."""
        return self.rows_read - self.rows_accepted


def read_jobs(content: bytes, file: str, plant: Plant, progress: Progress | None = None) -> JobSheet:
    """The jobs of a table (XLSX or CSV by the file's ending) for a plant, whose machines and times they name.

    Raises InvalidValue for a file that is none, is above a limit, or has unknown or missing columns;
    passes on whatever ``progress`` raises.
    """
    table = read_table(content, file, progress)
    places = _places(table.header, file)
    reader = _Reader(plant, places)
    for row in table.rows:
        reader.take(row)
    return reader.result(file, len(table.rows))


def with_jobs(plant: Plant, jobs: tuple[Job, ...]) -> Plant:
    """The plant with jobs more. Raises InvalidValue above the limits of a snapshot and for a job that it has."""
    merged = replace(plant, jobs=(*plant.jobs, *jobs))
    if len(merged.jobs) > MAX_JOBS:
        raise InvalidValue("jobs", len(merged.jobs), f"are more than the limit of {MAX_JOBS}")
    if merged.operation_count > MAX_OPERATIONS:
        raise InvalidValue("operations", merged.operation_count, f"are more than the limit of {MAX_OPERATIONS}")
    return merged


def _places(header: tuple[str, ...], file: str) -> dict[str, int]:
    """Where each column stands. Case does not count, and a blank is as good as an underscore."""
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        name = "_".join(title.lower().split())
        if not name:
            continue
        if name not in NAMES:
            raise InvalidValue(f"{file}: header", title, f"is no column of a table of jobs; these are: {', '.join(NAMES)}")
        if name in found:
            raise InvalidValue(f"{file}: header", title, "stands twice")
        found[name] = place
    missing = [c.name for c in COLUMNS if c.needed and c.name not in found]
    if missing:
        raise InvalidValue(f"{file}: header", ", ".join(missing), "are columns that are missing")
    return found


@dataclass
class _Gathered:
    """A job's rows, what was read of them, and whether any is refused."""

    rows: list[int]
    head: dict[str, tuple[int, object]]
    operations: dict[int, Operation]
    faults: list[RefusedRow]


class _Reader:
    """Takes rows one by one and gathers them by job; one per table."""

    def __init__(self, plant: Plant, places: dict[str, int]) -> None:
        self._plant = plant
        self._places = places
        self._jobs: dict[str, _Gathered] = {}
        self._nameless: list[RefusedRow] = []
        self._machines = _by_name([(m.name, m.id) for m in plant.machines])
        self._types = _by_name([(t.name, t.id) for t in plant.machine_types])

    def take(self, row: Row) -> None:
        """Read one row."""
        job: str | None = None
        try:
            job = cells.text(self._cell(row, "job"))
            reason = "is empty" if job is None else "is the template's example: delete the row" if job == EXAMPLE_JOB else ""
        except BadCell as bad:
            reason = str(bad)
        if reason or job is None:
            self._nameless.append(self._refusal(row, None, "job", reason))
            return
        gathered = self._jobs.setdefault(job, _Gathered([], {}, {}, []))
        gathered.rows.append(row.number)
        if job in self._plant.job_by_id:
            gathered.faults.append(self._refusal(row, job, "job", "is in the plan already"))
            return
        before = len(gathered.faults)
        self._check_unnamed(row, job, gathered)
        self._take_head(row, job, gathered)
        operation = self._operation(row, job, gathered)
        if operation is not None and len(gathered.faults) == before:
            gathered.operations[operation.sequence] = operation

    def result(self, file: str, rows_read: int) -> JobSheet:
        """What all rows together come to."""
        jobs: list[Job] = []
        refused = list(self._nameless)
        accepted = jobs_refused = 0
        for name, gathered in self._jobs.items():
            job = None if gathered.faults else self._job(name, gathered)
            if job is not None:
                jobs.append(job)
                accepted += len(gathered.rows)
                continue
            jobs_refused += 1
            named = {fault.number for fault in gathered.faults}
            refused += gathered.faults
            reason = f"is refused with its job, because of row {gathered.faults[0].number}"
            refused += [RefusedRow(n, name, "job", name, reason) for n in gathered.rows if n not in named]
        refused.sort(key=lambda r: r.number)
        return JobSheet(file, rows_read, accepted, tuple(jobs), tuple(refused), jobs_refused)

    # ------------------------------------------------------------------ the job's own fields
    def _take_head(self, row: Row, job: str, gathered: _Gathered) -> None:
        """Fields of the job: a later row says the same as the first that has a value, or nothing."""
        for column in COLUMNS:
            if not column.of_job:
                continue
            cell = self._cell(row, column.name)
            try:
                value = self._head_value(column, cell)
                if value is None:
                    continue
                first = gathered.head.setdefault(column.name, (row.number, value))
                if first[1] != value:
                    raise BadCell(f"is another value than in row {first[0]} of the same job")
            except BadCell as bad:
                gathered.faults.append(self._refusal(row, job, column.name, str(bad)))

    def _head_value(self, column: Column, cell: Cell) -> object:
        match column.name:
            case "quantity":
                value = cells.number(cell)
                if value is not None and value <= 0:
                    raise BadCell("is not a quantity to make")
                return None if value is None else int(value) if value == value.to_integral_value() else float(value)
            case "important":
                return cells.flag(cell)
            case "release" | "due":
                moment = cells.moment(cell, end_of_day=column.name == "due")
                if moment is None:
                    return None
                minute = self._plant.minute_of(moment)
                if abs(minute) > MAX_MINUTES:
                    raise BadCell("is more than 19 years from the plan's start")
                return minute
            case _:
                return cells.text(cell)

    def _job(self, name: str, gathered: _Gathered) -> Job | None:
        """The job, or None with the reason among its faults."""
        head = {key: value for key, (_, value) in gathered.head.items()}
        first = gathered.rows[0]
        release, due = head.get("release", 0), head.get("due")
        if "family" not in head:
            gathered.faults.append(RefusedRow(first, name, "family", "", "is empty in every row of the job"))
        if isinstance(due, int) and isinstance(release, int) and "release" in head and due < release:
            number = gathered.head["due"][0]
            shown = self._plant.time_of(due).isoformat(" ", "minutes")
            gathered.faults.append(RefusedRow(number, name, "due", shown, "is before the release of the same job"))
        if gathered.faults:
            return None
        operations = tuple(gathered.operations[s] for s in sorted(gathered.operations))
        return Job(
            name,
            operations,
            family=_typed(head.get("family"), str),
            product=_typed(head.get("product"), str),
            quantity=_typed(head.get("quantity"), int) or _typed(head.get("quantity"), float),
            important=bool(head.get("important", False)),
            release=_typed(release, int) or 0,
            due=_typed(due, int),
        )

    # ------------------------------------------------------------------ one operation
    def _operation(self, row: Row, job: str, gathered: _Gathered) -> Operation | None:
        faults = len(gathered.faults)

        def needed(value: T | None) -> T:
            if value is None:
                raise BadCell("is empty")
            return value

        found: dict[str, object] = {}
        for field in ("operation", "process", "minutes", "setup_minutes", "machine_types", "machines", "all_machines",
                      "preferred_machine"):  # fmt: skip
            cell = self._cell(row, field)
            try:
                match field:
                    case "operation":
                        sequence = needed(cells.whole(cell, 0, 2**31 - 1))
                        if sequence in gathered.operations:
                            raise BadCell("stands twice in this job")
                        found[field] = sequence
                    case "process":
                        found[field] = needed(cells.text(cell))
                    case "minutes" | "setup_minutes":
                        found[field] = needed(cells.minutes(cell, 1 if field == "minutes" else 0))
                    case "machine_types":
                        found[field] = tuple(_look_up(n, self._types, "work centre") for n in cells.names(cell))
                    case "machines":
                        found[field] = tuple(_look_up(n, self._machines, "machine") for n in cells.names(cell))
                    case "all_machines":
                        found[field] = cells.flag(cell) or False
                    case _:
                        name = cells.text(cell)
                        found[field] = None if name is None else _look_up(name, self._machines, "machine")
            except BadCell as bad:
                gathered.faults.append(self._refusal(row, job, field, str(bad)))
        if len(gathered.faults) > faults:
            return None
        operation = self._built(row, job, found, gathered)
        if operation is not None and operation.preferred_machine is not None:
            eligible = self._plant.eligible_machines(operation)
            if operation.preferred_machine not in eligible:
                reason = "is none of the machines that can do the operation"
                gathered.faults.append(self._refusal(row, job, "preferred_machine", reason))
                return None
        return operation

    def _built(self, row: Row, job: str, found: dict[str, object], gathered: _Gathered) -> Operation | None:
        try:
            operation = Operation(
                sequence=found["operation"],  # type: ignore[arg-type]
                process=found["process"],  # type: ignore[arg-type]
                minutes=found["minutes"],  # type: ignore[arg-type]
                setup_minutes=found["setup_minutes"],  # type: ignore[arg-type]
                machine_types=found["machine_types"],  # type: ignore[arg-type]
                machines=found["machines"],  # type: ignore[arg-type]
                requires_all=bool(found["all_machines"]),
                preferred_machine=found["preferred_machine"],  # type: ignore[arg-type]
            )
        except InvalidValue as invalid:
            gathered.faults.append(self._refusal(row, job, invalid.where, invalid.reason))
            return None
        if not self._plant.eligible_machines(operation):
            gathered.faults.append(self._refusal(row, job, "machine_types", "have no machine at all"))
            return None
        return operation

    # ------------------------------------------------------------------ cells
    def _cell(self, row: Row, field: str) -> Cell:
        place = self._places.get(field)
        return EMPTY if place is None or place >= len(row.cells) else row.cells[place]

    def _check_unnamed(self, row: Row, job: str, gathered: _Gathered) -> None:
        """Values in columns without a name would be lost."""
        known = set(self._places.values())
        for place, cell in enumerate(row.cells):
            if place not in known and not cell.empty:
                reason = "stands in a column without a name"
                gathered.faults.append(RefusedRow(row.number, job, f"column {place + 1}", _shown(cell.text), reason))
                return

    def _refusal(self, row: Row, job: str | None, field: str, reason: str) -> RefusedRow:
        return RefusedRow(row.number, job, field, _shown(self._cell(row, field).text), reason)


def _by_name(pairs: list[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """Numbers by name, and by ``#number``; a name may stand for several."""
    found: dict[str, tuple[int, ...]] = {f"#{number}": (number,) for _, number in pairs}
    for name, number in pairs:
        found[name.strip()] = (*(found.get(name.strip(), ()) if not name.startswith("#") else ()), number)
    return found


def _look_up(name: str, known: dict[str, tuple[int, ...]], what: str) -> int:
    found = known.get(name, ())
    if not found:
        raise BadCell(f"names “{name}”, which is no {what} of the plant")
    if len(found) > 1:
        raise BadCell(f"names “{name}”, which are several {what}s: write one as #{found[0]}")
    return found[0]


def _typed(value: object, kind: type[T]) -> T | None:
    return value if isinstance(value, kind) else None


def _shown(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
