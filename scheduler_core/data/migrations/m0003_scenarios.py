"""Version 3: what-if scenarios, the names under which they are kept, and which of their plans are up for approval.

A scenario is a snapshot derived from a base plan that the validator passed. All three tables are append-only; only a plan of
a scenario's own snapshot without a violation can be promoted, and two scenarios of one base never share a name.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLES: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS scenario(
 scenario_id {ID} NOT NULL PRIMARY KEY, request_id {REQUEST} NOT NULL UNIQUE, base_snapshot_id {ID} NOT NULL,
 base_schedule_id {ID} NOT NULL, base_content_sha256 {HASH} NOT NULL,
 base_violations {INT} NOT NULL CHECK(base_violations=0), parent_id {ID}, snapshot_id {ID} NOT NULL UNIQUE,
 changes {LONG} NOT NULL, now_min {INT} NOT NULL CHECK(now_min>=0), frozen_min {INT} NOT NULL CHECK(frozen_min>=0),
 pins {LONG} NOT NULL, actor {NAME} NOT NULL CHECK(actor<>''), created_us {INT} NOT NULL,
 UNIQUE(scenario_id,base_snapshot_id), CHECK(snapshot_id<>base_snapshot_id), CHECK(parent_id<>scenario_id),
 FOREIGN KEY(base_schedule_id,base_content_sha256,base_snapshot_id,base_violations)
  REFERENCES schedule(schedule_id,content_sha256,snapshot_id,violations),
 FOREIGN KEY(parent_id,base_snapshot_id) REFERENCES scenario(scenario_id,base_snapshot_id),
 FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id)){END}""",
    """CREATE TABLE IF NOT EXISTS scenario_name(
 scenario_id {ID} NOT NULL PRIMARY KEY, base_snapshot_id {ID} NOT NULL, name {NAME} NOT NULL CHECK(name<>''),
 actor {NAME} NOT NULL CHECK(actor<>''), kept_us {INT} NOT NULL, UNIQUE(base_snapshot_id,name),
 FOREIGN KEY(scenario_id,base_snapshot_id) REFERENCES scenario(scenario_id,base_snapshot_id)){END}""",
    """CREATE TABLE IF NOT EXISTS promotion(
 schedule_id {ID} NOT NULL PRIMARY KEY, content_sha256 {HASH} NOT NULL, snapshot_id {ID} NOT NULL,
 violations {INT} NOT NULL CHECK(violations=0), actor {NAME} NOT NULL CHECK(actor<>''), promoted_us {INT} NOT NULL,
 FOREIGN KEY(schedule_id,content_sha256,snapshot_id,violations)
  REFERENCES schedule(schedule_id,content_sha256,snapshot_id,violations),
 FOREIGN KEY(snapshot_id) REFERENCES scenario(snapshot_id)){END}""",
)

_SQLITE = {
    "ID": "TEXT",
    "REQUEST": "TEXT",
    "NAME": "TEXT",
    "HASH": "TEXT",
    "LONG": "TEXT",
    "INT": "INTEGER",
    "END": " STRICT",
}
_ASCII = "CHARACTER SET ascii COLLATE ascii_nopad_bin"
_UTF8 = "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
_MARIADB = {
    "ID": f"CHAR(32) {_ASCII}", "REQUEST": f"VARCHAR(64) {_ASCII}", "NAME": f"VARCHAR(128) {_UTF8}",
    "HASH": f"CHAR(64) {_ASCII}", "LONG": f"LONGTEXT {_UTF8}", "INT": "BIGINT", "END": " ENGINE=InnoDB",
}  # fmt: skip


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    triggers = [
        _append_only(dialect, table, verb)
        for table in ("scenario", "scenario_name", "promotion")
        for verb in ("UPDATE", "DELETE")
    ]  # fmt: skip
    return [*(table.format(**words) for table in _TABLES), *triggers]


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
