"""Who follows a reading of the ERP, and may call it off until what was read is used."""

from __future__ import annotations

from typing import Protocol


class ReadProgress(Protocol):
    """Told of work as it goes on; it raises Cancelled where somebody wants the work to stop."""

    def rows(self, read: int, expected: int) -> None:
        """So many rows have been read, of about so many. Raises Cancelled."""

    def keeps(self) -> None:
        """From now on what was read is used, and nobody can call it off any more. Raises Cancelled for who did before."""


class Nobody:
    """A listener that lets everything go on."""

    def rows(self, read: int, expected: int) -> None:
        """See ReadProgress."""

    def keeps(self) -> None:
        """See ReadProgress."""


NULL_PROGRESS = Nobody()
