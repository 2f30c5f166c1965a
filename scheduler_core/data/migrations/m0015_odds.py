"""Version 15: odds of plans, and which of them a release went out with.

All append-only. A plan has one row of odds for each noise that was assumed (``noise_sha256``: hash of ``noise``, runs and
seed included). ``release_odds`` ties a release to the odds under the noise that was known when it was approved, so that they
can be compared with what became of its orders; ``operations``: finished ones that this noise was fitted to, 0: stated.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLES = (
    """CREATE TABLE IF NOT EXISTS plan_odds(
 schedule_id {ID} NOT NULL, noise_sha256 {HASH} NOT NULL, noise {LONG} NOT NULL, odds {LONG} NOT NULL,
 computed_us {INT} NOT NULL, PRIMARY KEY(schedule_id,noise_sha256),
 FOREIGN KEY(schedule_id) REFERENCES schedule(schedule_id)){END}""",
    """CREATE TABLE IF NOT EXISTS release_odds(
 approval_id {ID} NOT NULL PRIMARY KEY, schedule_id {ID} NOT NULL, noise_sha256 {HASH} NOT NULL,
 operations {INT} NOT NULL CHECK(operations>=0), kept_us {INT} NOT NULL,
 FOREIGN KEY(approval_id) REFERENCES approval(approval_id),
 FOREIGN KEY(schedule_id,noise_sha256) REFERENCES plan_odds(schedule_id,noise_sha256)){END}""",
)

_SQLITE = dict.fromkeys(("ID", "LONG", "HASH"), "TEXT") | {"INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "LONG": "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "HASH": "CHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (
        *(table.format(**words) for table in _TABLES),
        *(_append_only(dialect, table, verb) for table in ("plan_odds", "release_odds") for verb in ("UPDATE", "DELETE")),
    )


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
