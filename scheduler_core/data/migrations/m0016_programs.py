"""Version 16: programs that ask and plan: their tokens and requests, what runs by itself, and whom it told."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TOKENS: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS service_token(
 change_no {INT} NOT NULL UNIQUE CHECK(change_no>=1), token_id {ID} NOT NULL PRIMARY KEY CHECK(token_id<>''),
 request_id {NAME} NOT NULL UNIQUE CHECK(request_id<>''), name {NAME} NOT NULL CHECK(name<>''),
 owner {NAME} NOT NULL CHECK(owner<>''), roles {NAME} NOT NULL CHECK(roles<>''),
 secret_sha256 {HASH} NOT NULL UNIQUE CHECK(LENGTH(secret_sha256)=64), expires_us {INT} NOT NULL, actor {NAME} NOT NULL
 CHECK(actor<>''), made_us {INT} NOT NULL, CHECK(expires_us>made_us AND expires_us<=made_us+31622400000000)){END}""",
    """CREATE TABLE IF NOT EXISTS service_token_revoked(
 change_no {INT} NOT NULL UNIQUE CHECK(change_no>=1), token_id {ID} NOT NULL PRIMARY KEY, actor {NAME} NOT NULL
 CHECK(actor<>''), revoked_us {INT} NOT NULL, FOREIGN KEY(token_id) REFERENCES service_token(token_id)){END}""",
    """CREATE TABLE IF NOT EXISTS service_token_used(
 token_id {ID} NOT NULL PRIMARY KEY, used_us {INT} NOT NULL,
 FOREIGN KEY(token_id) REFERENCES service_token(token_id)){END}""",
)
_REQUESTS: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS api_answer(
 request_key {NAME} NOT NULL PRIMARY KEY, caller {NAME} NOT NULL, asked_sha256 {HASH} NOT NULL,
 status {INT} NOT NULL CHECK(status BETWEEN 200 AND 299), headers {LONG} NOT NULL, content {LONG} NOT NULL,
 kept_us {INT} NOT NULL){END}""",
)
"""What the HTTP API has answered to a request with a key, so that the same request again is answered the same."""
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
_ALERTS: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS alert_event(
 event_no {INT} NOT NULL PRIMARY KEY CHECK(event_no>=1), incident_id {ID} NOT NULL CHECK(incident_id<>''),
 act {NAME} NOT NULL CHECK(act IN ('begun','over','reminder')), kind {NAME} NOT NULL CHECK(kind<>''),
 about {NAME} NOT NULL, content {LONG} NOT NULL, receivers {LONG} NOT NULL, urgent {INT} NOT NULL CHECK(urgent IN (0,1)),
 at_us {INT} NOT NULL){END}""",
    "CREATE INDEX IF NOT EXISTS alert_event_by_incident ON alert_event(incident_id)",
    "CREATE INDEX IF NOT EXISTS alert_event_by_time ON alert_event(at_us)",
    """CREATE TABLE IF NOT EXISTS alert_message(
 message_id {ID} NOT NULL PRIMARY KEY CHECK(message_id<>''), receiver {NAME} NOT NULL CHECK(receiver<>''),
 title {LONG} NOT NULL, body {LONG} NOT NULL, written_us {INT} NOT NULL){END}""",
    "CREATE INDEX IF NOT EXISTS alert_message_by_receiver ON alert_message(receiver,written_us)",
    """CREATE TABLE IF NOT EXISTS alert_message_event(
 event_no {INT} NOT NULL, receiver {NAME} NOT NULL, message_id {ID} NOT NULL, PRIMARY KEY(event_no,receiver),
 FOREIGN KEY(event_no) REFERENCES alert_event(event_no),
 FOREIGN KEY(message_id) REFERENCES alert_message(message_id)){END}""",
    """CREATE TABLE IF NOT EXISTS alert_attempt(
 message_id {ID} NOT NULL, attempt {INT} NOT NULL CHECK(attempt>=1), arrived {INT} NOT NULL CHECK(arrived IN (0,1)),
 reason {LONG} NOT NULL, tried_us {INT} NOT NULL, PRIMARY KEY(message_id,attempt),
 FOREIGN KEY(message_id) REFERENCES alert_message(message_id)){END}""",
    """CREATE TABLE IF NOT EXISTS alert_acknowledgement(
 change_no {INT} NOT NULL UNIQUE CHECK(change_no>=1), incident_id {ID} NOT NULL PRIMARY KEY,
 actor {NAME} NOT NULL CHECK(actor<>''), said_us {INT} NOT NULL){END}""",
    """CREATE TABLE IF NOT EXISTS alert_sender(
 name {NAME} NOT NULL PRIMARY KEY, owner {NAME} NOT NULL, until_us {INT} NOT NULL){END}""",
    """CREATE TABLE IF NOT EXISTS alert_host(
 host {NAME} NOT NULL PRIMARY KEY, seen_us {INT} NOT NULL, alive_until_us {INT} NOT NULL){END}""",
)
_FACTS: tuple[str, ...] = ()
_BOUNDS: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS snapshot_bound(
 snapshot_id {ID} NOT NULL, objective {NAME} NOT NULL, value REAL NOT NULL, found_us {INT} NOT NULL,
 PRIMARY KEY(snapshot_id,objective), FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id)){END}""",
)
"""What no plan of a snapshot is below, by objective, found after a run has ended."""

_APPEND_ONLY: tuple[str, ...] = (
    "service_token", "service_token_revoked", "api_answer", "automation_act", "snapshot_bound",
    "alert_event", "alert_message", "alert_message_event", "alert_attempt", "alert_acknowledgement",
)  # fmt: skip
"""Tables in which no row is changed or deleted."""
_NEEDS_LINE: tuple[tuple[str, str, str, str], ...] = (
    ("service_token", "make-token", "token_id", "actor"),
    ("service_token_revoked", "revoke-token", "token_id", "actor"),
    ("alert_acknowledgement", "acknowledge-alert", "incident_id", "actor"),
)
"""Table, act, and the columns with subject and actor: a row is taken only if the newest line of the trail tells of it."""

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
        *(text.format(**words) for text in (*_TOKENS, *_REQUESTS, *_AUTOMATION, *_ALERTS, *_FACTS, *_BOUNDS)),
        *(_append_only(dialect, table, verb) for table in _APPEND_ONLY for verb in ("UPDATE", "DELETE")),
        *(_needs_line(dialect, *one) for one in _NEEDS_LINE),
    )


def _needs_line(dialect: Dialect, table: str, act: str, subject: str, actor: str) -> str:
    line = (
        "EXISTS(SELECT 1 FROM audit a WHERE a.audit_seq=(SELECT MAX(b.audit_seq) FROM audit b) "
        f"AND a.act='{act}' AND a.subject=NEW.{subject} AND a.actor=NEW.{actor})"
    )
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_insert_needs_line BEFORE INSERT ON {table}"
    message = f"constraint: {table} changes only with a line in the audit trail"
    if dialect == "sqlite":
        return f"{head} WHEN NOT ({line}) BEGIN SELECT RAISE(ABORT,'{message}'); END"
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
    return f"{head} FOR EACH ROW BEGIN IF NOT ({line}) THEN {signal}; END IF; END"


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
