"""A plant without an ERP: its workbook as a new snapshot."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullCounts, PullNote, QuarantinedRow, Source
from scheduler_core.data.store.serialization import printable
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.plant_workbook import PlantWorkbook
from scheduler_core.interchange.workbook_template import EXAMPLE_PLANT
from scheduler_core.services.note_words import LOADED
from scheduler_core.services.planner_additions import TABLE, job_note, kept, row_note
from scheduler_core.services.planner_facts.layering import layers
from scheduler_core.services.planner_facts.stored import in_force

WORKBOOK = "workbook of the plant"
"""What notes call the file from which a whole plant was loaded."""
BANNER = "Example plant of the template: no real plant"
"""What the board says above every page of the template's plant."""


def came_from_workbook(notes: Iterable[PullNote]) -> bool:
    """True for the notes of a snapshot whose plant was loaded from a workbook."""
    return any(note.table == WORKBOOK for note in notes)


def load_workbook(store: Store, book: PlantWorkbook, *, request_id: str, actor: str = "planner") -> str:
    """Keep the workbook's plant as a new snapshot and return its id; the same request id again returns the first one's.

    Refused rows join its quarantine, notes its notes; downtimes and facts that are recorded of the plant are put in. Raises
    InvalidValue for a workbook that has a bad cell outside its jobs, or no job that can be used.
    """
    if book.plant is None or book.jobs is None:
        first = book.faults[0]
        where = f"{book.file}: sheet {first.sheet}, row {first.row}, column {first.column}"
        raise InvalidValue(where, first.value, first.reason)
    sheet = book.jobs
    if not sheet.jobs:
        raise InvalidValue(book.file, sheet.rows_read, "rows of jobs were read, and no job among them can be used")
    refused = [
        QuarantinedRow(TABLE, printable(f"{book.file[:80]}, row {r.number}"), r.field, r.value, r.reason, r.job)
        for r in sheet.refused
    ]
    extra = kept(store, book.plant, None)
    known = store.facts.of_plant(book.plant.name)
    made = layers(extra.plant, in_force(known, extra.plant, extra.plant.plan_start))
    notes = [job_note(job.id, book.file) for job in sheet.jobs] + [row_note(noted, book.file) for noted in sheet.notes]
    return store.snapshots.save(
        made.plant,
        request_id=request_id,
        source=Source.FILE,
        counts=PullCounts(
            len(sheet.jobs) + sheet.jobs_refused, len(sheet.jobs), sheet.jobs_refused,
            sheet.rows_accepted + sheet.rows_refused, sheet.rows_accepted, sheet.rows_refused,
        ),
        quarantine=refused,
        notes=(PullNote(WORKBOOK, printable(book.file[:80]), LOADED), *notes, *extra.notes),
        banner=BANNER if book.plant.name == EXAMPLE_PLANT else None,
        actor=actor,
        before=made.before,
        facts=made.facts,
    )  # fmt: skip
