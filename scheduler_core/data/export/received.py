"""Which releases the configured receiver holds, where it can say so."""

from __future__ import annotations

from contextlib import closing

from scheduler_core.data.database import open_store
from scheduler_core.data.export.config import export_url, load_export_config
from scheduler_core.data.export.table_receiver import ReceivingTable
from scheduler_core.data.store.records import KnownRelease
from scheduler_core.errors import InvalidValue


def received(*, may_ask: bool, must_know: bool) -> tuple[KnownRelease, ...]:
    """The releases in the receiving tables; none without a receiver, or if ``may_ask`` is False.

    ``must_know``: nothing else tells which numbers have been given. Raises InvalidValue for a webhook then, which can't be
    asked, and DatabaseUnavailable for receiving tables that do not answer.
    """
    if not may_ask:
        return ()
    config = load_export_config()
    if config.receiver == "none":
        return ()
    if config.receiver == "table":
        with closing(open_store(export_url())) as database:
            return ReceivingTable(database).releases()
    if must_know:
        reason = (
            "must be given, as a webhook can't be asked: a number above the newest release that the ERP holds (it stands on "
            "the shop floor's last list), or 0 if none was released after the backup"
        )
        raise InvalidValue("--next-release", None, reason)
    return ()
