"""Version 12: nothing is added to what is complete, and nothing to a list without its line in the audit trail.

A plan is complete when its run has ended with it, a release and a snapshot when their line stands in the trail, a rejected
schedule when it has as many faults as it states. The lists (roles, the rule of two names, proposals, withdrawals, frozen
zones, downtimes, assumptions, facts) take a row only if the newest line of the trail tells of it: the same act, subject and
actor.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_INDEX = "CREATE INDEX IF NOT EXISTS audit_by_act ON audit(act,subject)"

# One look by two primary keys: it happens for each operation of a plan that is saved, and MariaDB takes its time for each.
_PLANNED = (
    "EXISTS(SELECT 1 FROM schedule s JOIN run r ON r.run_id=s.run_id WHERE s.schedule_id=NEW.schedule_id "
    "AND (r.plan_id IS NOT NULL OR s.violations>0))"
)
_ALL_FAULTS = "NEW.position>=(SELECT s.violations FROM schedule s WHERE s.schedule_id=NEW.schedule_id)"
_RELEASED = "EXISTS(SELECT 1 FROM audit a WHERE a.act='approve' AND a.subject=NEW.approval_id)"
_PULLED = "EXISTS(SELECT 1 FROM audit a WHERE a.act='snapshot' AND a.subject=NEW.snapshot_id)"

_COMPLETE: tuple[tuple[str, str, str], ...] = (
    ("assignment", _PLANNED, "a plan"),
    ("assignment_machine", _PLANNED, "a plan"),
    ("fault", _ALL_FAULTS, "a rejected schedule"),
    ("finding", _PULLED, "a snapshot"),
    *((table, _RELEASED, "a release") for table in ("dispatch", "outbox", "acknowledged_loss", "rolled_back", "seconded")),
)
"""Table, what says that it is complete, and what the row would be added to."""


def _newest_line(act: str, subject: str, more: str = "") -> str:
    return (
        "EXISTS(SELECT 1 FROM audit a WHERE a.audit_seq=(SELECT MAX(b.audit_seq) FROM audit b) "
        f"AND a.act={act} AND a.subject={subject}{more})"
    )


def _either(column: str, yes: str, no: str) -> str:
    return f"CASE NEW.{column} WHEN 1 THEN '{yes}' ELSE '{no}' END"


_BY_ACTOR = " AND a.actor=NEW.actor"
_WITHDRAWN = (
    f"CASE WHEN NEW.schedule_id IS NULL THEN {_either('withdrawn', 'withdraw-scenario', 'return-scenario')} "
    f"ELSE {_either('withdrawn', 'withdraw-plan', 'return-plan')} END"
)
_DOWN = "CASE WHEN NEW.in_service=1 THEN 'end-downtime' WHEN a.act='record-downtime' THEN a.act ELSE 'change-downtime' END"
_ROLE = {
    "sqlite": """ AND a.detail='{"role":"'||NEW.role||'"}'""",
    "mysql": """ AND a.detail=CONCAT('{"role":"',NEW.role,'"}')""",
}
_RULE = " AND a.detail=" + _either("four_eyes", '{"four_eyes":true}', '{"four_eyes":false}')


def _lines(dialect: Dialect) -> Sequence[tuple[str, str, str]]:
    """Verb, table, and the line that has to be the newest."""
    rule = _newest_line("'four-eyes'", "NEW.plant", _RULE)
    applied = _newest_line("'snapshot'", "NEW.snapshot_id")
    zone = "(SELECT z.plant FROM frozen_zone z WHERE z.change_no=NEW.change_no)"
    of_newest_zone = (
        _newest_line("'set-frozen-zone'", zone) + " AND NEW.change_no=(SELECT MAX(y.change_no) FROM frozen_zone y)"
    )
    return (
        ("INSERT", "role_change", _newest_line(
            _either("granted", "grant-role", "revoke-role"), "NEW.person", _BY_ACTOR + _ROLE["sqlite" if dialect == "sqlite"
            else "mysql"])),
        ("INSERT", "plant_rule", rule),
        ("UPDATE", "plant_rule", f"NEW.plant=OLD.plant AND {rule}"),
        ("INSERT", "proposal", _newest_line("'propose'", "NEW.proposal_id", " AND a.actor=NEW.proposer")),
        ("INSERT", "withdrawal", _newest_line(_WITHDRAWN, "COALESCE(NEW.schedule_id,NEW.scenario_id)", _BY_ACTOR)),
        ("INSERT", "frozen_zone", _newest_line("'set-frozen-zone'", "NEW.plant", _BY_ACTOR)),
        ("INSERT", "frozen_centre", of_newest_zone),
        ("INSERT", "recorded_downtime", _newest_line(_DOWN, "NEW.downtime_id", _BY_ACTOR)),
        ("INSERT", "assumption_answer", _newest_line(
            _either("came_true", "confirm-assumption", "refute-assumption"), "NEW.scenario_id", _BY_ACTOR)),
        ("INSERT", "fact", _newest_line(_either("undone", "undo-fact", "record-fact"), "NEW.fact_id", _BY_ACTOR)),
        ("INSERT", "fact_applied", applied),
        ("INSERT", "snapshot_before_facts", applied),
    )  # fmt: skip


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    return (
        _INDEX,
        *(
            _refuse(dialect, f"{table}_complete", "INSERT", table, complete, f"{what} that is complete is kept as it is")
            for table, complete, what in _COMPLETE
        ),
        *(
            _refuse(
                dialect, f"{table}_{verb.lower()}_needs_line", verb, table, f"NOT ({line})",
                f"constraint: {table} changes only with a line in the audit trail",
            )
            for verb, table, line in _lines(dialect)
        ),
    )  # fmt: skip


def _refuse(dialect: Dialect, name: str, verb: str, table: str, condition: str, message: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table}"
    if dialect == "sqlite":
        return f"{head} WHEN {condition} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
    return f"{head} FOR EACH ROW BEGIN IF {condition} THEN {signal}; END IF; END"
