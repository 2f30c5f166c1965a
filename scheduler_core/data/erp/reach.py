"""Whether each table of the mapping can be read: one row of each, so that a table or a right that is missing is named."""

from __future__ import annotations

import sqlalchemy as sa

from scheduler_core.data.database import Database, DatabaseUnavailable, MissingRight, said_by
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.source import ErpTables, transaction

NOT_THERE = "not there"
MAY_NOT = "not readable with this account"
_MISSING = frozenset({1146, "42P01"})
"""The number of MariaDB and MySQL, and the state of PostgreSQL, for a table that does not exist."""


def unreadable(erp: Database, config: ErpConfig) -> dict[str, str]:
    """What is wrong with each table that a pull needs and cannot read, by the table's name; empty if all can be read.

    Raises DatabaseUnavailable if the database itself does not answer, InvalidValue for a mapping that is wrong.
    """
    mapping = config.tables
    found: dict[str, str] = {}
    for subject in mapping.subjects:
        # Each in a transaction of its own: after a refusal PostgreSQL answers nothing more in the same one.
        with transaction(erp) as connection:
            try:
                list(ErpTables(connection, mapping).first(subject, 1))
            except DatabaseUnavailable as failure:
                if connection.invalidated:
                    raise
                found[mapping.table_of(subject)] = _reason(failure)
    return found


def _reason(failure: DatabaseUnavailable) -> str:
    if isinstance(failure, MissingRight):
        return MAY_NOT
    cause = failure.__cause__
    if not isinstance(cause, sa.exc.DBAPIError):
        return str(failure)
    original = cause.orig
    first = original.args[0] if original is not None and original.args else None
    code = first if isinstance(first, int) else getattr(original, "sqlstate", None) or first
    if code in _MISSING or str(code).startswith("no such table"):
        return NOT_THERE
    return said_by(cause)
