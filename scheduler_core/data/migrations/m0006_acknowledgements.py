"""Version 6: the orders that left the plan with a release, and that its approver has acknowledged. Append-only."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLE = """CREATE TABLE IF NOT EXISTS acknowledged_loss(
 approval_id {ID} NOT NULL, job_id {NAME} NOT NULL CHECK(job_id<>''),
 reason {WORD} NOT NULL CHECK(reason IN('quarantined','dropped')),
 PRIMARY KEY(approval_id,job_id), FOREIGN KEY(approval_id) REFERENCES approval(approval_id)){END}"""

_SQLITE = {"ID": "TEXT", "NAME": "TEXT", "WORD": "TEXT", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "NAME": "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "WORD": "VARCHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (_TABLE.format(**words), *(_append_only(dialect, verb) for verb in ("UPDATE", "DELETE")))


def _append_only(dialect: Dialect, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS acknowledged_loss_no_{verb.lower()} BEFORE {verb} ON acknowledged_loss"
    message = "acknowledged_loss is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
