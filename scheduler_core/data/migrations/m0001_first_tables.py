"""Version 1: snapshots, runs, schedules, approvals with what they send out, and the audit trail.

The tables refuse what must never be: a running run without a lease, a finished run that changes, a plan with a violation,
an approval of anything but the exact schedule that was judged, two releases on top of the same one, a release on rows that
have changed without a recorded reason, and any change to what has been recorded. ``_us`` columns are microseconds since
1970 UTC, ``_min`` columns minutes from the snapshot's plan_start.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_APPEND_ONLY = (
    "snapshot", "finding", "schedule", "fault", "assignment", "assignment_machine", "approval", "dispatch", "audit"
)  # fmt: skip

_TABLES: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS snapshot(
 snapshot_id {ID} NOT NULL PRIMARY KEY, request_id {REQUEST} NOT NULL UNIQUE, plant {NAME} NOT NULL CHECK(plant<>''),
 source {WORD} NOT NULL CHECK(source IN('erp','demo','file')), taken_us {INT} NOT NULL, plan_start {WORD} NOT NULL,
 timezone {NAME} NOT NULL, operation_count {INT} NOT NULL CHECK(operation_count>=0),
 jobs_read {INT} NOT NULL, jobs_accepted {INT} NOT NULL CHECK(jobs_accepted>=0),
 jobs_quarantined {INT} NOT NULL CHECK(jobs_quarantined>=0),
 rows_read {INT} NOT NULL, rows_accepted {INT} NOT NULL CHECK(rows_accepted>=0),
 rows_quarantined {INT} NOT NULL CHECK(rows_quarantined>=0), beyond_horizon {INT} NOT NULL CHECK(beyond_horizon>=0),
 document {LONG} NOT NULL, sha256 {HASH} NOT NULL CHECK(length(sha256)=64),
 fingerprint {HASH_OR_EMPTY} NOT NULL CHECK(length(fingerprint) IN(0,64)), banner {LONG},
 UNIQUE(snapshot_id,plant,fingerprint),
 CHECK(jobs_accepted+jobs_quarantined=jobs_read), CHECK(rows_accepted+rows_quarantined=rows_read),
 CHECK((source='file')=(fingerprint=''))){END}""",
    """CREATE TABLE IF NOT EXISTS finding(
 snapshot_id {ID} NOT NULL, position {INT} NOT NULL CHECK(position>=0),
 kind {WORD} NOT NULL CHECK(kind IN('quarantine','note')), source_table {NAME} NOT NULL, source_row {LONG} NOT NULL,
 source_field {LONG} NOT NULL, content {LONG} NOT NULL, reason {LONG} NOT NULL CHECK(reason<>''), job_id {LONG},
 PRIMARY KEY(snapshot_id,position), FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id)){END}""",
    """CREATE TABLE IF NOT EXISTS run(
 run_id {ID} NOT NULL PRIMARY KEY, request_id {REQUEST} NOT NULL UNIQUE, snapshot_id {ID} NOT NULL,
 engine {WORD} NOT NULL CHECK(engine<>''), config {LONG} NOT NULL, actor {NAME} NOT NULL,
 state {WORD} NOT NULL CHECK(state IN('queued','running','ok','failed','timeout','cancelled')),
 progress {INT} NOT NULL CHECK(progress BETWEEN 0 AND 1000), message {LONG} NOT NULL,
 cancel_requested {INT} NOT NULL CHECK(cancel_requested IN(0,1)),
 lease_owner {REQUEST}, lease_until_us {INT}, created_us {INT} NOT NULL, started_us {INT}, deadline_us {INT} NOT NULL,
 finished_us {INT}, fail_reason {LONG}, plan_id {ID}, plan_violations {INT},
 UNIQUE(run_id,snapshot_id),
 CHECK((state='running')=(lease_owner IS NOT NULL)), CHECK((lease_owner IS NULL)=(lease_until_us IS NULL)),
 CHECK((state IN('ok','failed','timeout','cancelled'))=(finished_us IS NOT NULL)),
 CHECK((state IN('failed','timeout'))=(fail_reason IS NOT NULL AND fail_reason<>'')),
 CHECK(state NOT IN('running','ok') OR started_us IS NOT NULL), CHECK(state<>'queued' OR started_us IS NULL),
 CHECK((state='ok')=(plan_id IS NOT NULL)), CHECK((plan_id IS NULL)=(plan_violations IS NULL)),
 CHECK(plan_violations IS NULL OR plan_violations=0), CHECK(deadline_us>created_us),
 FOREIGN KEY(snapshot_id) REFERENCES snapshot(snapshot_id){RUN_PLAN_KEY}){END}""",
    """CREATE TABLE IF NOT EXISTS schedule(
 schedule_id {ID} NOT NULL PRIMARY KEY, run_id {ID} NOT NULL UNIQUE, snapshot_id {ID} NOT NULL, engine {WORD} NOT NULL,
 status {WORD} NOT NULL, content_sha256 {HASH} NOT NULL CHECK(length(content_sha256)=64),
 violations {INT} NOT NULL CHECK(violations>=0), kpis {LONG}, objective {REAL}, lower_bound {REAL},
 seconds {REAL} NOT NULL CHECK(seconds>=0), detail {LONG} NOT NULL, created_us {INT} NOT NULL, rejected_document {LONG},
 UNIQUE(schedule_id,run_id,violations), UNIQUE(schedule_id,content_sha256,snapshot_id,violations),
 CHECK((violations=0)=(kpis IS NOT NULL)), CHECK((violations>0)=(rejected_document IS NOT NULL)),
 FOREIGN KEY(run_id,snapshot_id) REFERENCES run(run_id,snapshot_id)){END}""",
    "{RUN_PLAN_LATER}",
    """CREATE TABLE IF NOT EXISTS fault(
 schedule_id {ID} NOT NULL, position {INT} NOT NULL CHECK(position>=0), rule_name {WORD} NOT NULL CHECK(rule_name<>''),
 job_id {LONG} NOT NULL, op_seq {INT}, machine_id {INT}, message {LONG} NOT NULL,
 PRIMARY KEY(schedule_id,position), FOREIGN KEY(schedule_id) REFERENCES schedule(schedule_id)){END}""",
    """CREATE TABLE IF NOT EXISTS assignment(
 schedule_id {ID} NOT NULL, job_id {NAME} NOT NULL, op_seq {INT} NOT NULL CHECK(op_seq>=0), start_min {INT} NOT NULL,
 end_min {INT} NOT NULL, setup_min {INT} NOT NULL CHECK(setup_min>=0),
 PRIMARY KEY(schedule_id,job_id,op_seq), UNIQUE(schedule_id,job_id,op_seq,start_min), CHECK(end_min>start_min),
 FOREIGN KEY(schedule_id) REFERENCES schedule(schedule_id)){END}""",
    """CREATE TABLE IF NOT EXISTS assignment_machine(
 schedule_id {ID} NOT NULL, job_id {NAME} NOT NULL, op_seq {INT} NOT NULL, machine_id {INT} NOT NULL,
 start_min {INT} NOT NULL,
 PRIMARY KEY(schedule_id,job_id,op_seq,machine_id), UNIQUE(schedule_id,machine_id,start_min),
 FOREIGN KEY(schedule_id,job_id,op_seq,start_min) REFERENCES assignment(schedule_id,job_id,op_seq,start_min)){END}""",
    """CREATE TABLE IF NOT EXISTS approval(
 approval_id {ID} NOT NULL PRIMARY KEY, request_id {REQUEST} NOT NULL UNIQUE, plant {NAME} NOT NULL,
 release_no {INT} NOT NULL CHECK(release_no>=1), previous_no {INT}, schedule_id {ID} NOT NULL,
 content_sha256 {HASH} NOT NULL, snapshot_id {ID} NOT NULL, violations {INT} NOT NULL CHECK(violations=0),
 snapshot_fingerprint {HASH_OR_EMPTY} NOT NULL, erp_fingerprint {HASH_OR_EMPTY} NOT NULL,
 approver {NAME} NOT NULL CHECK(approver<>''), remark {LONG} NOT NULL, override_reason {LONG}, approved_us {INT} NOT NULL,
 UNIQUE(plant,release_no), UNIQUE(approval_id,schedule_id),
 CHECK((release_no=1 AND previous_no IS NULL) OR (previous_no IS NOT NULL AND previous_no=release_no-1)),
 CHECK(erp_fingerprint=snapshot_fingerprint OR (override_reason IS NOT NULL AND override_reason<>'')),
 FOREIGN KEY(plant,previous_no) REFERENCES approval(plant,release_no),
 FOREIGN KEY(snapshot_id,plant,snapshot_fingerprint) REFERENCES snapshot(snapshot_id,plant,fingerprint),
 FOREIGN KEY(schedule_id,content_sha256,snapshot_id,violations)
  REFERENCES schedule(schedule_id,content_sha256,snapshot_id,violations)){END}""",
    """CREATE TABLE IF NOT EXISTS dispatch(
 approval_id {ID} NOT NULL, schedule_id {ID} NOT NULL, machine_id {INT} NOT NULL,
 position {INT} NOT NULL CHECK(position>=1), machine_name {LONG} NOT NULL, job_id {NAME} NOT NULL, op_seq {INT} NOT NULL,
 process {LONG} NOT NULL, product {LONG}, quantity {LONG}, setup_min {INT} NOT NULL CHECK(setup_min>=0),
 starts {WORD} NOT NULL, ends {WORD} NOT NULL, due {WORD},
 PRIMARY KEY(approval_id,machine_id,position), UNIQUE(approval_id,machine_id,job_id,op_seq),
 FOREIGN KEY(approval_id,schedule_id) REFERENCES approval(approval_id,schedule_id),
 FOREIGN KEY(schedule_id,job_id,op_seq,machine_id)
  REFERENCES assignment_machine(schedule_id,job_id,op_seq,machine_id)){END}""",
    """CREATE TABLE IF NOT EXISTS outbox(
 approval_id {ID} NOT NULL PRIMARY KEY, state {WORD} NOT NULL CHECK(state IN('pending','sent','confirmed','dead')),
 attempts {INT} NOT NULL CHECK(attempts>=0), confirmed_us {INT},
 CHECK((state='confirmed')=(confirmed_us IS NOT NULL)),
 FOREIGN KEY(approval_id) REFERENCES approval(approval_id)){END}""",
    """CREATE TABLE IF NOT EXISTS audit(
 audit_seq {INT} NOT NULL PRIMARY KEY CHECK(audit_seq>=1), at_us {INT} NOT NULL, actor {NAME} NOT NULL,
 act {WORD} NOT NULL, subject {NAME} NOT NULL, detail {LONG} NOT NULL, previous_seq {INT}, previous_hash {HASH},
 row_hash {HASH} NOT NULL CHECK(length(row_hash)=64), UNIQUE(audit_seq,row_hash),
 CHECK((audit_seq=1 AND previous_seq IS NULL AND previous_hash IS NULL)
  OR (previous_seq IS NOT NULL AND previous_hash IS NOT NULL AND previous_seq=audit_seq-1)),
 FOREIGN KEY(previous_seq,previous_hash) REFERENCES audit(audit_seq,row_hash)){END}""",
    """CREATE TABLE IF NOT EXISTS queue_lock(name {WORD} NOT NULL PRIMARY KEY){END}""",
    "{FILL_LOCK} INTO queue_lock(name) VALUES('audit')",
    "CREATE INDEX IF NOT EXISTS run_by_state ON run(state,lease_until_us)",
    "CREATE INDEX IF NOT EXISTS run_by_age ON run(created_us)",
    "CREATE INDEX IF NOT EXISTS snapshot_by_age ON snapshot(taken_us)",
    "CREATE INDEX IF NOT EXISTS schedule_by_age ON schedule(created_us)",
)

_SQLITE = {
    "ID": "TEXT", "REQUEST": "TEXT", "NAME": "TEXT", "WORD": "TEXT", "HASH": "TEXT", "HASH_OR_EMPTY": "TEXT",
    "LONG": "TEXT", "INT": "INTEGER", "REAL": "REAL", "END": " STRICT", "FILL_LOCK": "INSERT OR IGNORE",
    # SQLite resolves a foreign key when it is used, so the circle of run and schedule can stand in the table itself.
    "RUN_PLAN_KEY": ",\n FOREIGN KEY(plan_id,run_id,plan_violations) REFERENCES schedule(schedule_id,run_id,violations)",
    "RUN_PLAN_LATER": "",
}  # fmt: skip
_ASCII = "CHARACTER SET ascii COLLATE ascii_nopad_bin"
_UTF8 = "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
_MARIADB = {
    "ID": f"CHAR(32) {_ASCII}", "REQUEST": f"VARCHAR(64) {_ASCII}", "NAME": f"VARCHAR(128) {_UTF8}",
    "WORD": f"VARCHAR(32) {_ASCII}", "HASH": f"CHAR(64) {_ASCII}", "HASH_OR_EMPTY": f"VARCHAR(64) {_ASCII}",
    "LONG": f"LONGTEXT {_UTF8}", "INT": "BIGINT", "REAL": "DOUBLE", "END": " ENGINE=InnoDB", "FILL_LOCK": "INSERT IGNORE",
    "RUN_PLAN_KEY": "",
    "RUN_PLAN_LATER": "ALTER TABLE run ADD CONSTRAINT run_plan FOREIGN KEY IF NOT EXISTS run_plan"
    "(plan_id,run_id,plan_violations) REFERENCES schedule(schedule_id,run_id,violations)",
}  # fmt: skip


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    tables = [text for text in (statement.format(**words) for statement in _TABLES) if text]
    refuse = _sqlite_trigger if dialect == "sqlite" else _mariadb_trigger
    triggers = [
        refuse(f"{table}_no_{verb.lower()}", verb, table, None, f"{table} is append-only")
        for table in _APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    finished = "OLD.state NOT IN('queued','running')"
    identity = (
        "NEW.run_id<>OLD.run_id OR NEW.request_id<>OLD.request_id OR NEW.snapshot_id<>OLD.snapshot_id "
        "OR NEW.engine<>OLD.engine OR NEW.config<>OLD.config OR NEW.created_us<>OLD.created_us"
    )
    triggers += [
        refuse("run_finished_is_final", "UPDATE", "run", finished, "a finished run is final"),
        refuse("run_request_is_final", "UPDATE", "run", identity, "a run's request is final"),
        refuse("run_no_step_back", "UPDATE", "run", "OLD.state='running' AND NEW.state='queued'", "a run never goes back"),
        refuse("run_no_delete", "DELETE", "run", None, "runs are kept"),
        refuse("outbox_no_delete", "DELETE", "outbox", None, "the outbox is kept"),
        refuse("outbox_confirmed_is_final", "UPDATE", "outbox", "OLD.state='confirmed'", "a confirmed message is final"),
        refuse("queue_lock_no_delete", "DELETE", "queue_lock", None, "the lock is kept"),
    ]
    return tables + triggers


def _sqlite_trigger(name: str, verb: str, table: str, condition: str | None, message: str) -> str:
    when = f" WHEN {condition}" if condition else ""
    refusal = f"SELECT RAISE(ABORT,'{_sql(message)}');"
    return f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table}{when} BEGIN {refusal} END"


def _mariadb_trigger(name: str, verb: str, table: str, condition: str | None, message: str) -> str:
    signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{_sql(message)}'"
    body = f"BEGIN IF {condition} THEN {signal}; END IF; END" if condition else signal
    return f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} FOR EACH ROW {body}"


def _sql(text: str) -> str:
    return text.replace("'", "''")
