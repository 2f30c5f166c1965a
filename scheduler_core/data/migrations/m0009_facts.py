"""Version 9: machines that a planner has recorded as down, and what became of the assumptions of what-ifs.

Both append-only; the newest line about a downtime, or about an assumption, counts. ``starts`` and ``ends`` are naive plant
time as ISO stamps; ``ends`` NULL: not known. A line with ``in_service`` 1 says that the machine works again since ``ends``.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLES = (
    """CREATE TABLE IF NOT EXISTS recorded_downtime(
 change_no {INT} NOT NULL PRIMARY KEY CHECK(change_no>=1), downtime_id {ID} NOT NULL CHECK(downtime_id<>''),
 request_id {REQUEST} NOT NULL UNIQUE, plant {NAME} NOT NULL CHECK(plant<>''), machine_id {INT} NOT NULL,
 machine_name {LONG} NOT NULL, starts {WORD} NOT NULL, ends {WORD}, in_service {INT} NOT NULL CHECK(in_service IN(0,1)),
 reason {NAME} NOT NULL CHECK(reason<>''), actor {NAME} NOT NULL CHECK(actor<>''), changed_us {INT} NOT NULL,
 CHECK(in_service=0 OR ends IS NOT NULL), CHECK(in_service=1 OR ends IS NULL OR ends>starts)){END}""",
    """CREATE TABLE IF NOT EXISTS assumption_answer(
 answer_no {INT} NOT NULL PRIMARY KEY CHECK(answer_no>=1), scenario_id {ID} NOT NULL,
 position {INT} NOT NULL CHECK(position>=0), came_true {INT} NOT NULL CHECK(came_true IN(0,1)),
 actor {NAME} NOT NULL CHECK(actor<>''), answered_us {INT} NOT NULL,
 FOREIGN KEY(scenario_id) REFERENCES scenario(scenario_id)){END}""",
)
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS recorded_downtime_by_plant ON recorded_downtime(plant,change_no)",
    "CREATE INDEX IF NOT EXISTS assumption_answer_by_scenario ON assumption_answer(scenario_id,answer_no)",
)

_SQLITE = dict.fromkeys(("ID", "REQUEST", "NAME", "LONG", "WORD"), "TEXT") | {"INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "REQUEST": "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "NAME": "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "LONG": "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "WORD": "VARCHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (
        *(table.format(**words) for table in _TABLES),
        *_INDEXES,
        *(_append_only(dialect, table, verb) for table in ("recorded_downtime", "assumption_answer")
          for verb in ("UPDATE", "DELETE")),
    )  # fmt: skip


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
