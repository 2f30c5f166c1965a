"""Triggers taken away, as only the owner of the tables can: what they guard is then seen to by others, or must be found."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy.engine import Connection

from scheduler_core.data.database import open_store


def triggers(connection: Connection) -> list[str]:
    """The names of all triggers."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type='trigger'"
    else:
        query = "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema=DATABASE()"
    return [str(name) for name in connection.exec_driver_sql(query).scalars()]


def lift(connection: Connection, *endings: str) -> None:
    """Drop the triggers whose name ends so."""
    for name in triggers(connection):
        if name.endswith(endings):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


def lift_guards_of_additions(url: str) -> None:
    """Drop what refuses rows for what is complete, and rows of lists without a line in the trail: other rules are left."""
    with closing(open_store(url)) as database, database.engine.begin() as connection:
        lift(connection, "_complete", "_needs_line")
