"""Version 13: epochs of releases, and the sign of life of exporters.

An epoch begins when a store goes on from an older backup: its releases must get numbers that the receiver has not seen.
``approval.release_no`` stays the place in the store's own chain, one more than the release before; the number that people
and receivers see is ``release_no+number_offset``. The offset and the epoch of a plant's releases never fall, so the number
always rises. ``exporter_heartbeat`` has one row: when an exporter was last heard of, and until when it promised to be heard
of again.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_COLUMNS = (
    "number_offset {INT} NOT NULL DEFAULT 0 CHECK(number_offset>=0)",
    "epoch {INT} NOT NULL DEFAULT 0 CHECK(epoch>=0)",
)
_TABLES = (
    """CREATE TABLE IF NOT EXISTS release_epoch(
 epoch {INT} NOT NULL PRIMARY KEY CHECK(epoch>=1), first_no {INT} NOT NULL CHECK(first_no>=1),
 actor {NAME} NOT NULL CHECK(actor<>''), begun_us {INT} NOT NULL){END}""",
    """CREATE TABLE IF NOT EXISTS exporter_heartbeat(
 name {WORD} NOT NULL PRIMARY KEY CHECK(name='exporter'), owner {NAME} NOT NULL CHECK(owner<>''), seen_us {INT} NOT NULL,
 alive_until_us {INT} NOT NULL){END}""",
)
_EARLIER = "FROM approval a WHERE a.plant=NEW.plant AND a.release_no<NEW.release_no"
_FALLS = (
    f"NEW.number_offset<COALESCE((SELECT MAX(a.number_offset) {_EARLIER}),0) "
    f"OR NEW.epoch<COALESCE((SELECT MAX(a.epoch) {_EARLIER}),0)"
)

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
    # SQLite knows no IF NOT EXISTS for a column; an upgrade is one transaction there and needs none.
    there = "" if dialect == "sqlite" else " IF NOT EXISTS"
    return (
        *(f"ALTER TABLE approval ADD COLUMN{there} {column.format(**words)}" for column in _COLUMNS),
        *(table.format(**words) for table in _TABLES),
        _refuse(dialect, "approval_number_rises", "INSERT", "approval", _FALLS, "the number of a release always rises"),
        *(_refuse(dialect, f"release_epoch_no_{verb.lower()}", verb, "release_epoch", "1=1", "release_epoch is append-only")
          for verb in ("UPDATE", "DELETE")),
        _refuse(dialect, "exporter_heartbeat_no_delete", "DELETE", "exporter_heartbeat", "1=1", "the heartbeat is kept"),
    )  # fmt: skip


def _refuse(dialect: Dialect, name: str, verb: str, table: str, condition: str, message: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table}"
    if dialect == "sqlite":
        return f"{head} WHEN {condition} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW BEGIN IF {condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'; END IF; END"
