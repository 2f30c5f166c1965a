"""Version 4: delivery of releases under a lease, roll-backs, and releases that need a second name.

The tables refuse a message that is under way without a lease, a step of a message that skips one, a roll-back to another
schedule than that of an earlier release, and, where a plant's rule asks for two names, a release that nobody else has
proposed on top of the same version.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_OUTBOX_COLUMNS = ("next_try_us {INT} NOT NULL DEFAULT 0", "lease_owner {REQUEST}", "lease_until_us {INT}")
_LEASE = "(lease_owner IS NULL)=(lease_until_us IS NULL) AND (state='sent')=(lease_owner IS NOT NULL)"

_TABLES: tuple[str, ...] = (
    "CREATE UNIQUE INDEX IF NOT EXISTS approval_by_approver ON approval(approval_id,schedule_id,approver)",
    "CREATE INDEX IF NOT EXISTS outbox_by_state ON outbox(state,next_try_us)",
    """CREATE TABLE IF NOT EXISTS failed_delivery(
 approval_id {ID} NOT NULL, attempt {INT} NOT NULL CHECK(attempt>=1), reason {LONG} NOT NULL CHECK(reason<>''),
 failed_us {INT} NOT NULL, PRIMARY KEY(approval_id,attempt),
 FOREIGN KEY(approval_id) REFERENCES outbox(approval_id)){END}""",
    """CREATE TABLE IF NOT EXISTS rolled_back(
 approval_id {ID} NOT NULL PRIMARY KEY, schedule_id {ID} NOT NULL, back_to_id {ID} NOT NULL,
 reason {LONG} NOT NULL CHECK(reason<>''), CHECK(back_to_id<>approval_id),
 FOREIGN KEY(approval_id,schedule_id) REFERENCES approval(approval_id,schedule_id),
 FOREIGN KEY(back_to_id,schedule_id) REFERENCES approval(approval_id,schedule_id)){END}""",
    """CREATE TABLE IF NOT EXISTS plant_rule(
 plant {NAME} NOT NULL PRIMARY KEY, four_eyes {INT} NOT NULL CHECK(four_eyes IN(0,1)), changed_us {INT} NOT NULL){END}""",
    """CREATE TABLE IF NOT EXISTS proposal(
 proposal_id {ID} NOT NULL PRIMARY KEY, request_id {REQUEST} NOT NULL UNIQUE, plant {NAME} NOT NULL,
 schedule_id {ID} NOT NULL, content_sha256 {HASH} NOT NULL, snapshot_id {ID} NOT NULL,
 violations {INT} NOT NULL CHECK(violations=0), on_top_of {INT}, back_to_id {ID},
 proposer {NAME} NOT NULL CHECK(proposer<>''), remark {LONG} NOT NULL, proposed_us {INT} NOT NULL,
 UNIQUE(proposal_id,schedule_id,proposer),
 FOREIGN KEY(plant,on_top_of) REFERENCES approval(plant,release_no),
 FOREIGN KEY(back_to_id,schedule_id) REFERENCES approval(approval_id,schedule_id),
 FOREIGN KEY(schedule_id,content_sha256,snapshot_id,violations)
  REFERENCES schedule(schedule_id,content_sha256,snapshot_id,violations)){END}""",
    """CREATE TABLE IF NOT EXISTS seconded(
 approval_id {ID} NOT NULL PRIMARY KEY, schedule_id {ID} NOT NULL, approver {NAME} NOT NULL,
 proposal_id {ID} NOT NULL UNIQUE, proposer {NAME} NOT NULL, CHECK(lower(proposer)<>lower(approver)),
 FOREIGN KEY(approval_id,schedule_id,approver) REFERENCES approval(approval_id,schedule_id,approver),
 FOREIGN KEY(proposal_id,schedule_id,proposer) REFERENCES proposal(proposal_id,schedule_id,proposer)){END}""",
)

_NEEDS_TWO = (
    "EXISTS(SELECT 1 FROM plant_rule r WHERE r.plant=NEW.plant AND r.four_eyes=1) AND NOT EXISTS("
    "SELECT 1 FROM proposal p WHERE p.plant=NEW.plant AND p.schedule_id=NEW.schedule_id "
    "AND p.content_sha256=NEW.content_sha256 AND COALESCE(p.on_top_of,0)=COALESCE(NEW.previous_no,0) "
    "AND lower(p.proposer)<>lower(NEW.approver))"
)
_SKIPS_A_STEP = (
    "OLD.state<>NEW.state AND NOT (OLD.state='pending' AND NEW.state='sent') "
    "AND NOT (OLD.state='sent' AND NEW.state IN('pending','confirmed','dead')) "
    "AND NOT (OLD.state='dead' AND NEW.state='pending')"
)

_SQLITE = {
    "ID": "TEXT", "REQUEST": "TEXT", "NAME": "TEXT", "HASH": "TEXT", "LONG": "TEXT", "INT": "INTEGER", "END": " STRICT",
}  # fmt: skip
_ASCII = "CHARACTER SET ascii COLLATE ascii_nopad_bin"
_UTF8 = "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
_MARIADB = {
    "ID": f"CHAR(32) {_ASCII}", "REQUEST": f"VARCHAR(64) {_ASCII}", "NAME": f"VARCHAR(128) {_UTF8}",
    "HASH": f"CHAR(64) {_ASCII}", "LONG": f"LONGTEXT {_UTF8}", "INT": "BIGINT", "END": " ENGINE=InnoDB",
}  # fmt: skip


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return [
        *(text.format(**words) for text in _outbox(dialect)),
        *(table.format(**words) for table in _TABLES),
        *(
            _refuse(dialect, f"{table}_no_{verb.lower()}", verb, table, None, f"{table} is append-only")
            for table in ("failed_delivery", "rolled_back", "proposal", "seconded")
            for verb in ("UPDATE", "DELETE")
        ),
        _refuse(dialect, "plant_rule_no_delete", "DELETE", "plant_rule", None, "the rule is kept"),
        _refuse(
            dialect, "outbox_steps", "UPDATE", "outbox", _SKIPS_A_STEP, "the final outcome of a message needs an attempt"
        ),
        _refuse(dialect, "approval_needs_two", "INSERT", "approval", _NEEDS_TWO, "constraint: a second name has to approve"),
    ]


def _outbox(dialect: Dialect) -> Sequence[str]:
    """The new columns. SQLite takes a rule with its last column; an upgrade is one transaction there and needs no IF."""
    if dialect == "sqlite":
        *first, last = (f"ALTER TABLE outbox ADD COLUMN {column}" for column in _OUTBOX_COLUMNS)
        return (*first, f"{last} CHECK({_LEASE})")
    return (
        *(f"ALTER TABLE outbox ADD COLUMN IF NOT EXISTS {column}" for column in _OUTBOX_COLUMNS),
        f"ALTER TABLE outbox ADD CONSTRAINT IF NOT EXISTS outbox_lease CHECK({_LEASE})",
    )


def _refuse(dialect: Dialect, name: str, verb: str, table: str, condition: str | None, message: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table}"
    if dialect == "sqlite":
        when = f" WHEN {condition}" if condition else ""
        return f"{head}{when} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
    body = f"BEGIN IF {condition} THEN {signal}; END IF; END" if condition else signal
    return f"{head} FOR EACH ROW {body}"
