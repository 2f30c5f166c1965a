"""Version 11: snapshots, runs and schedules have a number in the order in which they were kept.

What is newest, and whose turn it is, goes by this number: the clock of a server may be set back, a number never is. It is
that of the line of the audit trail which tells how the row was added. Rows that are there already get theirs here; where no
line tells of one, it counts as the oldest.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TABLES = ("snapshot", "run", "schedule")
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS audit_by_subject ON audit(subject,act)",
    *(f"CREATE INDEX IF NOT EXISTS {table}_by_order ON {table}(order_no)" for table in _TABLES),
)
_LINE = "SELECT MAX(a.audit_seq) FROM audit a WHERE a.subject={subject} AND a.act IN({acts})"
_TOLD = {
    "snapshot": _LINE.format(subject="snapshot.snapshot_id", acts="'snapshot'"),
    "run": _LINE.format(subject="run.run_id", acts="'run'"),
    "schedule": _LINE.format(subject="schedule.run_id", acts="'run-ok','run-failed'"),
}
_FINAL = (("snapshot_no_update", "snapshot", None, "snapshot is append-only"),
          ("run_finished_is_final", "run", "OLD.state NOT IN('queued','running')", "a finished run is final"),
          ("schedule_no_update", "schedule", None, "schedule is append-only"))  # fmt: skip
"""Triggers of version 1 that keep a row as it is. They are away while the rows get their numbers, and stand again then."""
_RUN_ORDER = ("run_order_is_final", "run", "NEW.order_no<>OLD.order_no", "the order of runs is final")


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; on MariaDB every statement can be run again after a crash without harm, on SQLite
    an upgrade is one transaction."""
    kind, twice = ("INTEGER", "") if dialect == "sqlite" else ("BIGINT", "IF NOT EXISTS ")
    return (
        *(f"ALTER TABLE {table} ADD COLUMN {twice}order_no {kind} NOT NULL DEFAULT 0" for table in _TABLES),
        *_INDEXES,
        *(f"DROP TRIGGER IF EXISTS {name}" for name, *_ in (*_FINAL, _RUN_ORDER)),
        *(f"UPDATE {table} SET order_no=COALESCE(({_TOLD[table]}),0) WHERE order_no=0" for table in _TABLES),
        *(_refuse(dialect, *trigger) for trigger in (*_FINAL, _RUN_ORDER)),
    )


def _refuse(dialect: Dialect, name: str, table: str, condition: str | None, message: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE UPDATE ON {table}"
    if dialect == "sqlite":
        when = f" WHEN {condition}" if condition else ""
        return f"{head}{when} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
    body = f"BEGIN IF {condition} THEN {signal}; END IF; END" if condition else signal
    return f"{head} FOR EACH ROW {body}"
