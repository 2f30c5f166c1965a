"""The rows of a table of jobs, gathered by job: a job is accepted whole, or refused with all its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import sheet_cells as cells
from scheduler_core.interchange.job_columns import COLUMNS, EXAMPLE_JOB, Column
from scheduler_core.interchange.plant_names import PlantNames
from scheduler_core.interchange.sheet_cells import BadCell
from scheduler_core.interchange.sheet_rows import EMPTY, Cell, Row
from scheduler_core.interchange.snapshot_reading import MAX_MINUTES
from scheduler_core.plant import Job, Operation, Plant

T = TypeVar("T", bound=str | int | float | bool | datetime)
_OPERATION = ("operation", "process", "minutes", "setup_minutes", "machine_types", "machines", "all_machines",
              "preferred_machine")  # fmt: skip
_NUMBERS = ("quantity", "operation", "minutes", "setup_minutes")


@dataclass(frozen=True)
class RefusedRow:
    """A row that is not used: ``number`` as the spreadsheet counts, the field with its ``value``, and the reason."""

    number: int
    job: str | None
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class NotedRow:
    """A row that is used, and what a planner should know of it; ``operation`` is its number, None for a value of the job."""

    number: int
    job: str
    note: str
    operation: int | None = None


@dataclass(frozen=True)
class ReadJobs:
    """What the rows come to; accepted, refused and left-out rows add up to those that were taken or left out."""

    jobs: tuple[Job, ...]
    rows_accepted: int
    refused: tuple[RefusedRow, ...]
    jobs_refused: int
    notes: tuple[NotedRow, ...]
    rows_left_out: int


@dataclass
class _Gathered:
    """A job's rows, what was read of them, and whether any is refused.

    ``head``: the row that gives a value of the job, and the value. ``numbers``: of the operations in the rows so far.
    ``left_out``: hidden rows. ``unnumbered``: rows without a job number under a row of this job.
    """

    rows: list[int] = field(default_factory=list)
    head: dict[str, tuple[int, object]] = field(default_factory=dict)
    operations: dict[int, Operation] = field(default_factory=dict)
    milestones: set[int] = field(default_factory=set)
    numbers: list[int] = field(default_factory=list)
    faults: list[RefusedRow] = field(default_factory=list)
    notes: list[NotedRow] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    unnumbered: list[int] = field(default_factory=list)


class JobRows:
    """Takes rows one by one and gathers them by job; one per table."""

    def __init__(self, plant: Plant, places: dict[str, int], rows: Sequence[Row]) -> None:
        """``places`` of the columns by name; ``rows``: all of the table, which tell how its numbers are written."""
        self._plant = plant
        self._places = places
        self._jobs: dict[str, _Gathered] = {}
        self._above: str | None = None
        """The job of the row above, left-out rows too."""
        self._nameless: list[RefusedRow] = []
        self._rows_left_out = 0
        self._machines = PlantNames([(m.name, m.id) for m in plant.machines], "machine")
        self._types = PlantNames([(t.name, t.id) for t in plant.machine_types], "work centre")
        self._points = cells.decimal_points(self._cell(row, name) for row in rows for name in _NUMBERS)

    def take(self, row: Row) -> None:
        """Read one row."""
        job, reason = self._job_name(row)
        if job is None:
            self._take_nameless(row, reason)
            return
        self._above = job
        self._take(row, job)

    def leave_out(self, row: Row) -> None:
        """Leave a hidden row out; a job of which other rows are shown is refused, for it would be half a job."""
        self._rows_left_out += 1
        job, _ = self._job_name(row)
        if job is None and self._cell(row, "job").empty:
            job = self._above
        self._above = job
        if job is not None:
            self._jobs.setdefault(job, _Gathered()).left_out.append(row.number)

    def result(self) -> ReadJobs:
        """What all rows together come to."""
        jobs: list[Job] = []
        notes: list[NotedRow] = []
        refused = list(self._nameless)
        accepted = jobs_refused = 0
        for name, gathered in self._jobs.items():
            if not gathered.rows:
                continue
            job = self._job(name, gathered)
            if job is not None:
                jobs.append(job)
                notes += gathered.notes
                accepted += len(gathered.rows)
                continue
            jobs_refused += 1
            named = {fault.number for fault in gathered.faults}
            refused += gathered.faults
            reason = f"is refused with its job, because of row {gathered.faults[0].number}"
            refused += [RefusedRow(n, name, "job", name, reason) for n in gathered.rows if n not in named]
        refused.sort(key=lambda r: r.number)
        notes.sort(key=lambda n: n.number)
        return ReadJobs(tuple(jobs), accepted, tuple(refused), jobs_refused, tuple(notes), self._rows_left_out)

    # ------------------------------------------------------------------ which job a row belongs to
    def _job_name(self, row: Row) -> tuple[str | None, str]:
        """The row's job, or None and the reason."""
        try:
            job = cells.text(self._cell(row, "job"))
        except BadCell as bad:
            return None, str(bad)
        if job is None:
            return None, "is empty"
        return (None, "is the template's example: delete the row") if job == EXAMPLE_JOB else (job, "")

    def _take_nameless(self, row: Row, reason: str) -> None:
        """A row without a usable job number: it goes on with the job above where that is written once, else nobody knows
        which job lacks it, and the one above is refused with it."""
        above = None if self._above is None else self._jobs.get(self._above)
        blank = self._cell(row, "job").empty
        if above is None or self._above is None or not (blank or self._may_go_on(row, above)):
            self._nameless.append(self._refusal(row, None, "job", row.fault or reason))
            self._above = None
            return
        if blank and (above.faults or above.left_out):
            above.rows.append(row.number)
            return
        sequence = self._sequence(row)
        if blank and row.fault is None and sequence is not None and above.numbers and sequence > above.numbers[-1]:
            above.unnumbered.append(row.number)
            self._take(row, self._above)
            return
        above.rows.append(row.number)
        if blank and row.fault is None:
            reason = f"is empty, and the row's operation does not follow those of job {self._above} above it"
        above.faults.append(self._refusal(row, self._above, "job", row.fault or reason))

    def _may_go_on(self, row: Row, above: _Gathered) -> bool:
        """True unless the job above has an operation of this number already, or the row is the template's example."""
        return self._sequence(row) not in above.numbers and self._cell(row, "job").value != EXAMPLE_JOB

    def _sequence(self, row: Row) -> int | None:
        try:
            return cells.whole(self._cell(row, "operation"), 0, 2**31 - 1, self._points)
        except BadCell:
            return None

    def _take(self, row: Row, job: str) -> None:
        gathered = self._jobs.setdefault(job, _Gathered())
        gathered.rows.append(row.number)
        if row.fault is not None:
            gathered.faults.append(RefusedRow(row.number, job, "row", _shown(row.cells[0].text), row.fault))
            return
        if job in self._plant.job_by_id:
            gathered.faults.append(self._refusal(row, job, "job", "is in the plan already"))
            return
        before = len(gathered.faults)
        self._check_unnamed(row, job, gathered)
        self._take_head(row, job, gathered)
        operation = self._operation(row, job, gathered)
        if operation is not None and len(gathered.faults) == before:
            gathered.operations[operation.sequence] = operation

    # ------------------------------------------------------------------ the job's own fields
    def _take_head(self, row: Row, job: str, gathered: _Gathered) -> None:
        """Fields of the job: a later row says the same as the first that has a value, or nothing."""
        for column in COLUMNS:
            if not column.of_job:
                continue
            cell = self._cell(row, column.name)
            try:
                value, note = self._head_value(column, cell)
                if note and column.name not in gathered.head:
                    gathered.notes.append(NotedRow(row.number, job, note))
                if value is None:
                    continue
                first = gathered.head.setdefault(column.name, (row.number, value))
                if first[1] != value:
                    raise BadCell(f"is another value than in row {first[0]} of the same job")
            except BadCell as bad:
                gathered.faults.append(self._refusal(row, job, column.name, str(bad)))

    def _head_value(self, column: Column, cell: Cell) -> tuple[object, str]:
        """The value, None for none, and a note on how it was read."""
        match column.name:
            case "quantity":
                value = cells.number(cell, self._points)
                if value is not None and value <= 0:
                    raise BadCell("is not a quantity to make")
                return (None if value is None else int(value) if value == value.to_integral_value() else float(value)), ""
            case "important":
                return cells.flag(cell), ""
            case "due" | "release":
                return self._moment(cell, due=column.name == "due")
            case _:
                return cells.text(cell), ""

    def _moment(self, cell: Cell, due: bool) -> tuple[int | None, str]:
        if cells.stands_for_no_date(cell):
            day = cell.text.strip()[:10]
            if due:
                return None, f"has the target date {day}, which stands for none: it is never late"
            if day < self._plant.plan_start.isoformat():
                return None, f"has the material date {day}, which stands for none: its material counts as there"
        moment = cells.moment(cell, end_of_day=due)
        if moment is None:
            return None, ""
        minute = self._plant.minute_of(moment.at)
        if abs(minute) > MAX_MINUTES:
            raise BadCell("is more than 19 years from the plan's start")
        note = f"due {moment.at:%Y-%m-%d} 00:00 was read as the end of that day, 23:59" if moment.taken_as_end else ""
        return minute, note

    def _job(self, name: str, gathered: _Gathered) -> Job | None:
        """The job, or None with the reason among its faults."""
        first = gathered.rows[0]
        if gathered.left_out:
            hidden = ", ".join(map(str, gathered.left_out[:10]))
            reason = f"has hidden rows ({hidden}), and without them it would be half a job: show them, or read hidden rows"
            gathered.faults.append(RefusedRow(first, name, "job", name, reason))
        if gathered.faults:
            return None
        if "family" not in gathered.head:
            gathered.faults.append(RefusedRow(first, name, "family", "", "is empty in every row of the job"))
        if not gathered.operations:
            reason = "in every row of the job: nothing is left of it that takes time"
            gathered.faults.append(RefusedRow(first, name, "minutes", "0", reason))
        if gathered.faults:
            return None
        if gathered.unnumbered:
            note = f"{_span(gathered.unnumbered)} without a job number were read as operations of this job"
            gathered.notes.append(NotedRow(gathered.unnumbered[0], name, note))
        head = {key: value for key, (_, value) in gathered.head.items()}
        release, due = _typed(head.get("release"), int), _typed(head.get("due"), int)
        if release is not None and due is not None and due < release:
            times = [self._plant.time_of(m).isoformat(" ", "minutes") for m in (due, release)]
            note = f"due {times[0]} is before the material's date {times[1]}: it is planned late"
            gathered.notes.append(NotedRow(gathered.head["due"][0], name, note))
        return Job(
            name,
            tuple(gathered.operations[s] for s in sorted(gathered.operations)),
            family=_typed(head.get("family"), str),
            product=_typed(head.get("product"), str),
            quantity=_typed(head.get("quantity"), int) or _typed(head.get("quantity"), float),
            important=bool(head.get("important", False)),
            release=release or 0,
            due=due,
        )

    # ------------------------------------------------------------------ one operation
    def _operation(self, row: Row, job: str, gathered: _Gathered) -> Operation | None:
        """The row's operation. None for a milestone, which is noted, and for what cannot be used: the faults say why."""
        faults = len(gathered.faults)
        found: dict[str, object] = {}
        for name in _OPERATION:
            try:
                found[name] = self._operation_value(name, self._cell(row, name), gathered)
            except BadCell as bad:
                gathered.faults.append(self._refusal(row, job, name, str(bad)))
        sequence = found.get("operation")
        if isinstance(sequence, int):
            gathered.numbers.append(sequence)
        if len(gathered.faults) > faults:
            return None
        if found["minutes"] == 0 and isinstance(sequence, int):
            if found["setup_minutes"]:
                reason = "is 0, and the operation has a setup: write its time"
                gathered.faults.append(self._refusal(row, job, "minutes", reason))
            else:
                gathered.milestones.add(sequence)
                gathered.notes.append(NotedRow(row.number, job, "takes no time: it is a milestone and left out", sequence))
            return None
        operation = self._built(row, job, found, gathered)
        if operation is not None and operation.preferred_machine is not None:
            eligible = self._plant.eligible_machines(operation)
            if operation.preferred_machine not in eligible:
                reason = "is none of the machines that can do the operation"
                gathered.faults.append(self._refusal(row, job, "preferred_machine", reason))
                return None
        return operation

    def _operation_value(self, name: str, cell: Cell, gathered: _Gathered) -> object:
        match name:
            case "operation":
                sequence = _needed(cells.whole(cell, 0, 2**31 - 1, self._points))
                if sequence in gathered.operations or sequence in gathered.milestones:
                    raise BadCell("stands twice in this job")
                return sequence
            case "process":
                return _needed(cells.text(cell))
            case "minutes" | "setup_minutes":
                return _needed(cells.minutes(cell, self._points))
            case "machine_types":
                return self._types.numbers(cells.text(cell, cells.MAX_NAMES))
            case "machines":
                return self._machines.numbers(cells.text(cell, cells.MAX_NAMES))
            case "all_machines":
                return cells.flag(cell) or False
            case _:
                machine = cells.text(cell)
                return None if machine is None else self._machines.number(machine)

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
    def _cell(self, row: Row, name: str) -> Cell:
        place = self._places.get(name)
        return EMPTY if place is None or place >= len(row.cells) else row.cells[place]

    def _check_unnamed(self, row: Row, job: str, gathered: _Gathered) -> None:
        """Values in columns without a name would be lost."""
        known = set(self._places.values())
        for place, cell in enumerate(row.cells):
            if place not in known and not cell.empty:
                reason = "stands in a column without a name"
                gathered.faults.append(RefusedRow(row.number, job, f"column {place + 1}", _shown(cell.text), reason))
                return

    def _refusal(self, row: Row, job: str | None, name: str, reason: str) -> RefusedRow:
        return RefusedRow(row.number, job, name, _shown(self._cell(row, name).text), reason)


def _needed(value: T | None) -> T:
    if value is None:
        raise BadCell("is empty")
    return value


def _typed(value: object, kind: type[T]) -> T | None:
    return value if isinstance(value, kind) else None


def _span(numbers: Sequence[int]) -> str:
    """Rows by their numbers: "row 3", or "rows 3–9"."""
    return f"row {numbers[0]}" if len(numbers) == 1 else f"rows {numbers[0]}–{numbers[-1]}"


def _shown(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
