"""Whether a mapping fits a database: a table or column that is not there is named, with what the database has."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.erp.mapping import Subject

NAMED = 60
"""Names of tables or columns that a message lists."""


def misfits(connection: Connection, subject: Subject) -> list[str]:
    """What the subject names that the database does not have; of a query only its result can be looked at."""
    if subject.query is not None:
        found = result_columns(connection, subject)
        kind = "the query gives no column"
    else:
        inspector = sa.inspect(connection)
        schema, _, table = subject.table.rpartition(".")
        if not inspector.has_table(table, schema or None):
            return [f"there is no table {subject.table!r}; the database has {tables_of(connection, schema or None)}"]
        found = list(column_types(connection, subject))
        kind = f"table {subject.table!r} has no column"
    # Databases other than PostgreSQL know columns in any letter case.
    any_case = connection.dialect.name != "postgresql"
    known = {name.lower() if any_case else name for name in found}
    return [
        f"columns.{meaning}: {kind} {column.column!r}; there are {_listed(found)}"
        for meaning, column in subject.columns.items()
        if (column.column.lower() if any_case else column.column) not in known
    ]


def tables_of(connection: Connection, schema: str | None = None) -> str:
    """The database's tables and views, for a message."""
    inspector = sa.inspect(connection)
    return _listed(sorted({*inspector.get_table_names(schema), *inspector.get_view_names(schema)}))


def result_columns(connection: Connection, subject: Subject) -> list[str]:
    """The columns that the subject's query gives. Raises sqlalchemy.exc.DBAPIError if the database refuses it."""
    reading = connection.execution_options(no_parameters=True)
    return list(reading.exec_driver_sql(f"SELECT * FROM ({subject.query}) q WHERE 1 = 0").keys())


def column_types(connection: Connection, subject: Subject) -> Mapping[str, str]:
    """The columns of the subject's table with their types, none if there is no such table."""
    inspector = sa.inspect(connection)
    schema, _, table = subject.table.rpartition(".")
    if not inspector.has_table(table, schema or None):
        return {}
    with warnings.catch_warnings():
        # SQLite tells INT(8); the 8 means nothing there.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        return {column["name"]: str(column["type"]) for column in inspector.get_columns(table, schema or None)}


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (", ".join(names[:NAMED]) or "none") + more
