"""Version 7: plans and scenarios that were withdrawn and those that were taken back. Append-only; the newest line counts.

A line is about a schedule or about a scenario, never about both. A released schedule is never withdrawn, and a withdrawn one
is not released: the triggers refuse both.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLE = """CREATE TABLE IF NOT EXISTS withdrawal(
 change_no {INT} NOT NULL PRIMARY KEY CHECK(change_no>=1), schedule_id {ID}, scenario_id {ID},
 withdrawn {INT} NOT NULL CHECK(withdrawn IN(0,1)), actor {NAME} NOT NULL CHECK(actor<>''), changed_us {INT} NOT NULL,
 CHECK((schedule_id IS NULL)<>(scenario_id IS NULL)),
 FOREIGN KEY(schedule_id) REFERENCES schedule(schedule_id),
 FOREIGN KEY(scenario_id) REFERENCES scenario(scenario_id)){END}"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS withdrawal_by_schedule ON withdrawal(schedule_id,change_no)",
    "CREATE INDEX IF NOT EXISTS withdrawal_by_scenario ON withdrawal(scenario_id,change_no)",
)
_RELEASED = "a released schedule is not withdrawn"
_WITHDRAWN = "a withdrawn schedule is not released"
_IS_RELEASED = "NEW.withdrawn=1 AND EXISTS(SELECT 1 FROM approval WHERE approval.schedule_id=NEW.schedule_id)"
_IS_WITHDRAWN = (
    "(SELECT w.withdrawn FROM withdrawal w WHERE w.schedule_id=NEW.schedule_id ORDER BY w.change_no DESC LIMIT 1)=1"
)

_SQLITE = {"ID": "TEXT", "NAME": "TEXT", "INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "NAME": "VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (
        _TABLE.format(**words),
        *_INDEXES,
        *(_trigger(dialect, f"withdrawal_no_{verb.lower()}", verb, "withdrawal", "1=1", "withdrawal is append-only")
          for verb in ("UPDATE", "DELETE")),
        _trigger(dialect, "withdrawal_not_of_released", "INSERT", "withdrawal", _IS_RELEASED, _RELEASED),
        _trigger(dialect, "approval_not_of_withdrawn", "INSERT", "approval", _IS_WITHDRAWN, _WITHDRAWN),
    )  # fmt: skip


def _trigger(dialect: Dialect, name: str, verb: str, table: str, when: str, message: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table}"
    if dialect == "sqlite":
        return f"{head} WHEN {when} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW BEGIN IF {when} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'; END IF; END"
