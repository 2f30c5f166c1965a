"""Version 16: programs that ask and plan: their tokens and requests, what runs by itself, and whom it told."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TOKENS: tuple[str, ...] = ()
_REQUESTS: tuple[str, ...] = ()
_AUTOMATION: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS automation_act(
 act_no {INT} NOT NULL PRIMARY KEY CHECK(act_no>0), plant {NAME} NOT NULL, kind {NAME} NOT NULL, cause {NAME} NOT NULL,
 snapshot_id {ID} NULL, schedule_id {ID} NULL, run_id {ID} NULL, acted_us {INT} NOT NULL,
 FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id),
 FOREIGN KEY(schedule_id) REFERENCES schedule(schedule_id),
 FOREIGN KEY(run_id) REFERENCES run(run_id)){END}""",
    """CREATE TABLE IF NOT EXISTS automation_host(
 name {NAME} NOT NULL PRIMARY KEY, owner {NAME} NOT NULL, beat_no {INT} NOT NULL CHECK(beat_no>0), seen_us {INT} NOT NULL,
 said {LONG} NOT NULL){END}""",
)
"""What was done without anybody asking, and the one host that does it (``data/store/automation_acts.py``)."""
_ALERTS: tuple[str, ...] = ()
_FACTS: tuple[str, ...] = ()

_APPEND_ONLY: tuple[str, ...] = ("automation_act",)
"""Tables in which no row is changed or deleted."""

_SQLITE = dict.fromkeys(("ID", "LONG", "HASH", "NAME"), "TEXT") | {"INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "LONG": "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "NAME": "VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "HASH": "CHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (
        *(text.format(**words) for text in (*_TOKENS, *_REQUESTS, *_AUTOMATION, *_ALERTS, *_FACTS)),
        *(_append_only(dialect, table, verb) for table in _APPEND_ONLY for verb in ("UPDATE", "DELETE")),
    )


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
