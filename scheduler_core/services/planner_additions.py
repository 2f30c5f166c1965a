"""What a planner has added to the ERP's plant: jobs from tables, pinned operations, and machines that are down.

Each stands in its snapshot's plant, and a note of that snapshot says where it comes from. The next pull takes them over:
a job until the ERP delivers one of its number, a pin until its operation has begun, is gone, or cannot stay where it is, a
recorded downtime until it is over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from scheduler_core.data.erp.cells import key
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullCounts, PullNote, RecordedDowntime, SnapshotInfo
from scheduler_core.data.store.serialization import printable
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.interchange.job_rows import NotedRow
from scheduler_core.interchange.job_sheet import with_jobs
from scheduler_core.plant import Fixed, Job, Plant
from scheduler_core.scenarios.single_changes import Pinned
from scheduler_core.services.down_machines import DOWN, with_downtimes

TABLE = "table of jobs"
"""What quarantine and notes call the source of a job from a spreadsheet."""
SHEET_ROW = "row in a table of jobs"
"""What notes call a row of a spreadsheet that was used with a remark."""
PIN = "pin"
ENDED = "planner's additions"
"""What notes call a job or pin that a pull did not take over."""


@dataclass(frozen=True)
class Imported:
    """A job from a table: the job and the table's name."""

    job: Job
    file: str


@dataclass(frozen=True)
class Pin:
    """A pinned operation: where it stays, who pinned it, and why."""

    job: str
    sequence: int
    place: Fixed
    words: str


@dataclass(frozen=True)
class Kept:
    """A pulled plant with what the planner had added, and notes on each addition; ``jobs`` counts those taken over, and
    ``downtimes`` are all that were recorded of the plant when it was made."""

    plant: Plant
    notes: tuple[PullNote, ...]
    jobs: int
    downtimes: tuple[RecordedDowntime, ...] = ()


def imported_jobs(plant: Plant, notes: Sequence[PullNote]) -> tuple[Imported, ...]:
    """The jobs of a snapshot that came from tables, in the order of its notes."""
    found = [(plant.job_by_id.get(n.job or ""), n.row) for n in notes if n.table == TABLE]
    return tuple(Imported(job, row) for job, row in found if job is not None)


def pins(plant: Plant, notes: Sequence[PullNote]) -> tuple[Pin, ...]:
    """The pinned operations of a snapshot."""
    noted = [(plant.job_by_id.get(n.job or ""), n) for n in notes if n.table == PIN]
    return tuple(
        Pin(job.id, op.sequence, op.fixed, note.message)
        for job, note in noted
        if job is not None
        for op in job.operations
        if op.fixed is not None and note.row == pin_row(op.sequence)
    )


def pin_row(sequence: int) -> str:
    """What a note of a pin calls its operation."""
    return f"operation {sequence}"


def job_note(job: str, file: str) -> PullNote:
    """Where a job from a table comes from."""
    return PullNote(TABLE, printable(file[:80]), "was added from this table", job)


def row_note(noted: NotedRow, file: str) -> PullNote:
    """What a planner should know of a row of a table."""
    operation = "" if noted.operation is None else f", operation {noted.operation}"
    return PullNote(SHEET_ROW, printable(f"{file[:80]}, row {noted.number}{operation}"), noted.note, noted.job)


def kept(
    store: Store, plant: Plant, before: SnapshotInfo | None, out_of_service: Collection[int] = (), any_case: bool = False
) -> Kept:
    """A freshly pulled plant with what the planner had added to the snapshot ``before`` (None: there was none), and with the
    downtimes that are recorded of the plant. ``out_of_service``: machines (ids) that the ERP knows and leaves out.
    ``any_case``: the ERP knows its orders by their numbers without letter case.

    What cannot be taken over is left out, and a note says why; a pull never fails for it.
    """
    notes = () if before is None else store.snapshots.notes(before.id)
    downtimes = store.downtimes.of_plant(plant.name)
    added = [n for n in notes if n.table in (TABLE, SHEET_ROW, PIN)]
    found = Kept(plant, (), 0) if before is None or not added else _jobs_and_pins(store, plant, before, added, any_case)
    if not downtimes:
        return found
    stopped = with_downtimes(found.plant, downtimes, plant.plan_start, out_of_service)
    said = (*ended_pins(found.plant, stopped.plant, found.notes), *_over(downtimes, notes, plant), *stopped.notes)
    return Kept(stopped.plant, said, found.jobs, downtimes)


def _jobs_and_pins(store: Store, plant: Plant, before: SnapshotInfo, notes: Sequence[PullNote], any_case: bool) -> Kept:
    from scheduler_core.simulator.arrays import pack  # compiled code, which a pull without additions does without

    old = store.snapshots.plant_before_facts(before.id)
    said: list[PullNote] = []
    jobs = 0
    delivered = {key(job.id, any_case): job.id for job in plant.jobs}
    for one in imported_jobs(old, notes):
        number = delivered.get(key(one.job.id, any_case))
        if number is not None:
            said.append(PullNote(ENDED, one.file, "is delivered by the ERP now, whose data count", number))
            continue
        try:
            plant = with_jobs(plant, (_moved_job(old, one.job, plant),))
        except InvalidValue as error:
            said.append(PullNote(ENDED, one.file, printable(f"could not be kept: {error}"), one.job.id))
            continue
        jobs += 1
        said.append(job_note(one.job.id, one.file))
        said += [n for n in notes if n.table == SHEET_ROW and n.job == one.job.id]
    for pin in pins(old, notes):
        ended = _ended(plant, pin)
        if ended is None:
            try:
                pinned = pinned_again(old, pin, plant)
                pack(pinned)  # no engine could plan an operation that has to be done before it can
            except ShopwrightError as error:
                ended = f"could not be kept: {error}"
            else:
                plant = pinned
        note = PullNote(PIN, pin_row(pin.sequence), pin.words, pin.job)
        said.append(note if ended is None else PullNote(ENDED, note.row, printable(f"{ended} ({pin.words})"), pin.job))
    return Kept(plant, tuple(said), jobs)


def ended_pins(before: Plant, after: Plant, notes: Sequence[PullNote]) -> tuple[PullNote, ...]:
    """The notes on ``before``, with those of pins that ``after`` no longer has replaced by notes that they ended."""
    left = {(p.job, p.sequence) for p in pins(after, notes)}
    ended = {(p.job, pin_row(p.sequence)) for p in pins(before, notes) if (p.job, p.sequence) not in left}

    def told(note: PullNote) -> PullNote:
        if note.table != PIN or (note.job, note.row) not in ended:
            return note
        return PullNote(ENDED, note.row, printable(f"its machine is recorded as down ({note.message})"), note.job)

    return tuple(told(note) for note in notes)


def _over(downtimes: Sequence[RecordedDowntime], before: Sequence[PullNote], plant: Plant) -> list[PullNote]:
    """Notes on downtimes that the snapshot before knew and whose expected end has passed."""
    known = [n.row for n in before if n.table == DOWN]
    over = [d for d in downtimes if d.end is not None and not d.in_service and d.end <= plant.plan_start]
    return [
        PullNote(
            ENDED, f"machine {d.machine}",
            printable(f"{d.machine_name} was expected back by {d.end:%Y-%m-%d %H:%M} and is planned as working again"),
        )
        for d in over
        if any(row.startswith(f"machine {d.machine} from {d.start:%Y-%m-%d %H:%M} ") for row in known)
    ]  # fmt: skip


def with_kept(counts: PullCounts, jobs: int) -> PullCounts:
    """A pull's counts with jobs that it took over."""
    return replace(counts, jobs_read=counts.jobs_read + jobs, jobs_accepted=counts.jobs_accepted + jobs)


def pinned_again(old: Plant, pin: Pin, plant: Plant) -> Plant:
    """The plant with the pin of an older one, at the same moments of the wall clock."""
    start, end = (plant.minute_of(old.time_of(m)) for m in (pin.place.start, pin.place.end))
    return Pinned(pin.job, pin.sequence, pin.place.machines, start, end).apply(plant)


def _ended(plant: Plant, pin: Pin) -> str | None:
    """Why a pin needs not be kept, None if it is still wanted."""
    job = plant.job_by_id.get(pin.job)
    op = None if job is None else next((o for o in job.operations if o.sequence == pin.sequence), None)
    if op is None:
        return "is done or gone"
    return None if op.fixed is None else "has begun or is fixed in the ERP"


def _moved_job(old: Plant, job: Job, plant: Plant) -> Job:
    """The job in the minutes of another plant."""
    due = None if job.due is None else plant.minute_of(old.time_of(job.due))
    steps = tuple(replace(op, fixed=None) for op in job.operations)
    return replace(job, operations=steps, release=plant.minute_of(old.time_of(job.release)), due=due)
