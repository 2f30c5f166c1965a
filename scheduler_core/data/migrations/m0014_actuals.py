"""Version 14: what pulls told of operations that have begun and ended.

One row a pull, append-only: ``ended`` holds the operations that have ended since the pull before, ``running`` those that
have begun and not ended, both as JSON. Everything in them follows from snapshots and releases, which the audit trail guards,
and can be derived from them again; no plan and no release depends on it, so the rows have no line in the trail.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLE = """CREATE TABLE IF NOT EXISTS actual_pull(
 pull_no {INT} NOT NULL PRIMARY KEY CHECK(pull_no>=1), plant {NAME} NOT NULL CHECK(plant<>''),
 snapshot_id {ID} NOT NULL UNIQUE, running {LONG} NOT NULL, ended {LONG} NOT NULL,
 FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id)){END}"""
_INDEX = "CREATE INDEX IF NOT EXISTS actual_pull_by_plant ON actual_pull(plant,pull_no)"

_SQLITE = dict.fromkeys(("ID", "NAME", "LONG"), "TEXT") | {"INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "NAME": "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "LONG": "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (_TABLE.format(**words), _INDEX, *(_append_only(dialect, verb) for verb in ("UPDATE", "DELETE")))


def _append_only(dialect: Dialect, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS actual_pull_no_{verb.lower()} BEFORE {verb} ON actual_pull"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'actual_pull is append-only'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='actual_pull is append-only'"
