"""Version 10: facts that planners know and the ERP does not say, and what became of them in each snapshot.

All append-only. A fact has one line that says it (``undone`` 0) and at most one that undoes it. ``content`` is its change in
the format ``changes/1``; ``starts`` and ``ends`` are naive plant time as ISO stamps, ``ends`` NULL: until undone. A snapshot
with facts in it keeps the plant as it was before them (``snapshot_before_facts``), so that each can be taken out again;
``fact_applied`` says which facts it knows, and with ``idle`` why one does not act.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLES = (
    """CREATE TABLE IF NOT EXISTS fact(
 line_no {INT} NOT NULL PRIMARY KEY CHECK(line_no>=1), fact_id {ID} NOT NULL CHECK(fact_id<>''),
 request_id {REQUEST} NOT NULL UNIQUE, plant {NAME} NOT NULL CHECK(plant<>''), kind {WORD} NOT NULL CHECK(kind<>''),
 content {LONG} NOT NULL, starts {WORD} NOT NULL, ends {WORD}, undone {INT} NOT NULL CHECK(undone IN(0,1)),
 reason {LONG} NOT NULL, scenario_id {ID}, actor {NAME} NOT NULL CHECK(actor<>''), said_us {INT} NOT NULL,
 UNIQUE(fact_id,undone), CHECK(ends IS NULL OR ends>starts),
 FOREIGN KEY(scenario_id) REFERENCES scenario(scenario_id)){END}""",
    """CREATE TABLE IF NOT EXISTS snapshot_before_facts(
 snapshot_id {ID} NOT NULL PRIMARY KEY, document {LONG} NOT NULL, sha256 {HASH} NOT NULL,
 FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id)){END}""",
    """CREATE TABLE IF NOT EXISTS fact_applied(
 snapshot_id {ID} NOT NULL, position {INT} NOT NULL CHECK(position>=0), fact_id {ID} NOT NULL CHECK(fact_id<>''),
 idle {LONG}, PRIMARY KEY(snapshot_id,position),
 FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id)){END}""",
)
_INDEXES = ("CREATE INDEX IF NOT EXISTS fact_by_plant ON fact(plant,line_no)",)

_SQLITE = dict.fromkeys(("ID", "REQUEST", "NAME", "LONG", "WORD", "HASH"), "TEXT") | {"INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "REQUEST": "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "NAME": "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "LONG": "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "WORD": "VARCHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "HASH": "CHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (
        *(table.format(**words) for table in _TABLES),
        *_INDEXES,
        *(_append_only(dialect, table, verb) for table in ("fact", "snapshot_before_facts", "fact_applied")
          for verb in ("UPDATE", "DELETE")),
    )  # fmt: skip


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
