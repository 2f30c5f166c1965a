"""The roles: who was given which one by whom, and when it was taken away. Append-only; the newest line counts."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLE = """CREATE TABLE IF NOT EXISTS role_change(
 change_no {INT} NOT NULL PRIMARY KEY CHECK(change_no>=1), person {NAME} NOT NULL CHECK(person<>''),
 role {WORD} NOT NULL CHECK(role IN('viewer','planner','approver','admin')),
 granted {INT} NOT NULL CHECK(granted IN(0,1)), actor {NAME} NOT NULL CHECK(actor<>''), changed_us {INT} NOT NULL){END}"""
_INDEX = "CREATE INDEX IF NOT EXISTS role_change_by_person ON role_change(person,role,change_no)"

_SQLITE = {"NAME": "TEXT", "WORD": "TEXT", "INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "NAME": "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "WORD": "VARCHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (_TABLE.format(**words), _INDEX, *(_append_only(dialect, verb) for verb in ("UPDATE", "DELETE")))


def _append_only(dialect: Dialect, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS role_change_no_{verb.lower()} BEFORE {verb} ON role_change"
    message = "role_change is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
