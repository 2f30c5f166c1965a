"""Version 8: the frozen zone of a plant, with own hours of work centres. Append-only; the newest one of a plant counts."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_ZONE = """CREATE TABLE IF NOT EXISTS frozen_zone(
 change_no {INT} NOT NULL PRIMARY KEY CHECK(change_no>=1), plant {NAME} NOT NULL CHECK(plant<>''),
 frozen_min {INT} NOT NULL CHECK(frozen_min BETWEEN 0 AND 14400), actor {NAME} NOT NULL CHECK(actor<>''),
 changed_us {INT} NOT NULL){END}"""
_CENTRE = """CREATE TABLE IF NOT EXISTS frozen_centre(
 change_no {INT} NOT NULL, machine_type {INT} NOT NULL, frozen_min {INT} NOT NULL CHECK(frozen_min BETWEEN 0 AND 14400),
 PRIMARY KEY(change_no,machine_type), FOREIGN KEY(change_no) REFERENCES frozen_zone(change_no)){END}"""
_INDEX = "CREATE INDEX IF NOT EXISTS frozen_zone_by_plant ON frozen_zone(plant,change_no)"

_SQLITE = {"NAME": "TEXT", "INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "NAME": "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (
        _ZONE.format(**words),
        _CENTRE.format(**words),
        _INDEX,
        *(_append_only(dialect, table, verb) for table in ("frozen_zone", "frozen_centre") for verb in ("UPDATE", "DELETE")),
    )


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
