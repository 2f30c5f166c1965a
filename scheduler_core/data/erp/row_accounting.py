"""The pull's bookkeeping: every row that is read is either accepted or in quarantine, and a job shares its rows' fate.

The readers speak of subjects and meanings; what is kept is named as the ERP's tables and columns are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scheduler_core.data.erp.cells import BadCell, canonical, shown
from scheduler_core.data.erp.mapping import Mapping
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.store.records import PullCounts, PullNote, QuarantinedRow


@dataclass
class RowAccounting:
    """What was read, what was refused and why; one per pull."""

    mapping: Mapping
    quarantine: list[QuarantinedRow] = field(default_factory=list)
    notes: list[PullNote] = field(default_factory=list)
    rows_read: int = 0
    rows_quarantined: int = 0
    jobs_read: int = 0
    jobs_quarantined: int = 0
    beyond_horizon: int = 0
    _digests: list[bytes] = field(default_factory=list)

    def read(self, subject: str, row: Row) -> None:
        """Count a row and let it count for the fingerprint."""
        self.rows_read += 1
        table = self.mapping.table_of(subject)
        # Most cells are texts; half of a look's time would go into asking ``canonical`` for each.
        cells = [
            f"{name}\x1f{cell if type(cell) is str else canonical(cell)}"
            for name, cell in zip(row.columns, row.values(), strict=True)
        ]
        content = "\x1e".join([table, *cells])
        self._digests.append(hashlib.sha256(content.encode("utf-8", "surrogateescape")).digest())

    def refuse_row(self, subject: str, row: str, bad: BadCell) -> None:
        """Quarantine a row that belongs to no job."""
        self.rows_quarantined += 1
        self.quarantine.append(self._named(QuarantinedRow(subject, row, bad.field, bad.content, bad.reason)))

    def refuse_job(self, job: str, rows: int, reasons: list[QuarantinedRow]) -> None:
        """Quarantine a job with all its rows, naming every unusable one."""
        self.jobs_quarantined += 1
        self.rows_quarantined += rows
        self.quarantine.extend(self._named(reason) for reason in reasons)

    def note(self, subject: str, row: str, message: str, job: str | None = None) -> None:
        """Remark on a row that is used."""
        self.notes.append(PullNote(self.mapping.table_of(subject), row, message, job))

    def note_job(self, job: str, notes: Iterable[PullNote]) -> None:
        """Remarks on a job's rows, whose ``table`` is a subject."""
        self.notes.extend(replace(note, job=job, table=self.mapping.table_of(note.table)) for note in notes)

    def _named(self, row: QuarantinedRow) -> QuarantinedRow:
        subject = self.mapping.subjects.get(row.table)
        if subject is None:
            return row
        return replace(row, table=subject.table, field=subject.name_of(row.field))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all rows read, whatever their order."""
        return hashlib.sha256(b"".join(sorted(self._digests))).hexdigest()

    @property
    def counts(self) -> PullCounts:
        """The sums for the Jobs page."""
        return PullCounts(
            self.jobs_read, self.jobs_read - self.jobs_quarantined, self.jobs_quarantined,
            self.rows_read, self.rows_read - self.rows_quarantined, self.rows_quarantined, self.beyond_horizon,
        )  # fmt: skip


def row_name(row: Row, *meanings: str) -> str:
    """By what a person finds a row: its columns of these meanings with their cells."""
    return ", ".join(f"{row.name_of(meaning)}={shown(row[meaning])}" for meaning in meanings)
