"""States of the store that must never be, as plain SQL."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from scheduler_core.data.database import Database, open_store
from scheduler_core.data.store import Store
from tests.support.guards import lift_guards_of_additions
from tests.support.sample_plans import FINGERPRINT, Planned, approval, overlapping_schedule, planned, running, snapshot

H = "a" * 64


@dataclass
class World:
    """A store with one of everything: a released plan, a second plan, a rejected schedule, and a running run."""

    database: Database
    names: dict[str, object]

    def refuses(self, statement: str) -> bool:
        """True if the statement is refused for a constraint or a trigger (and for no other reason)."""
        try:
            with self.database.engine.begin() as connection:
                connection.execute(sa.text(statement), self.names)
        except DBAPIError as refusal:
            text = str(refusal.orig).lower()
            reasons = (
                "constraint", "foreign key", "unique", "duplicate", "append-only", "final", "never goes back", "kept",
                "cannot be null", "cannot store", "incorrect", "datatype mismatch", "no default", "too long", "truncated",
            )  # fmt: skip
            assert any(reason in text for reason in reasons), text
            return True
        return False


def build_world(store: Store, database_url: str) -> World:
    """Fill an empty store. The guards of additions are lifted: they would refuse many of these states before their rule."""
    released, other = planned(store), planned(store)
    bad = planned(store, overlapping_schedule())
    erp = snapshot(store, FINGERPRINT)
    from_erp: Planned = planned(store, snapshot_id=erp)
    release = store.releases.approve(approval(released), None)
    run = running(store, other.snapshot)
    lift_guards_of_additions(database_url)
    database = open_store(database_url)
    names: dict[str, object] = {
        "released": released.schedule, "released_run": released.run, "content": released.content, "snap": other.snapshot,
        "snap1": released.snapshot, "other": other.schedule, "other_content": other.content, "other_run": other.run,
        "bad": bad.schedule, "bad_content": bad.content, "bad_snap": bad.snapshot, "bad_run": bad.run, "erp": erp,
        "from_erp": from_erp.schedule, "from_erp_content": from_erp.content, "fingerprint": FINGERPRINT,
        "approval": release.id, "run": run, "h": H, "id": "0" * 32,
    }  # fmt: skip
    return World(database, names)


RUN = (
    "INSERT INTO run(run_id,request_id,snapshot_id,engine,config,actor,state,progress,message,cancel_requested,lease_owner,"
    "lease_until_us,created_us,started_us,deadline_us,finished_us,fail_reason,plan_id,plan_violations) VALUES "
)


APPROVAL = (
    "INSERT INTO approval(approval_id,request_id,plant,release_no,previous_no,schedule_id,content_sha256,snapshot_id,"
    "violations,snapshot_fingerprint,erp_fingerprint,approver,remark,override_reason,approved_us) VALUES "
)


SCHEDULE = (
    "INSERT INTO schedule(schedule_id,run_id,snapshot_id,engine,status,content_sha256,violations,kpis,seconds,detail,"
    "created_us,rejected_document) VALUES "
)


SNAPSHOT = (
    "INSERT INTO snapshot(snapshot_id,request_id,plant,source,taken_us,plan_start,timezone,operation_count,jobs_read,"
    "jobs_accepted,jobs_quarantined,rows_read,rows_accepted,rows_quarantined,beyond_horizon,document,sha256,fingerprint)"
    " VALUES "
)


PROPOSAL = (
    "INSERT INTO proposal(proposal_id,request_id,plant,schedule_id,content_sha256,snapshot_id,violations,on_top_of,"
    "back_to_id,proposer,remark,proposed_us) VALUES "
)


AUDIT = "INSERT INTO audit(audit_seq,at_us,actor,act,subject,detail,previous_seq,previous_hash,row_hash) VALUES "


SCENARIO = (
    "INSERT INTO scenario(scenario_id,request_id,base_snapshot_id,base_schedule_id,base_content_sha256,base_violations,"
    "parent_id,snapshot_id,changes,now_min,frozen_min,pins,actor,created_us) VALUES "
)


LEGAL = {
    "queued run": RUN + "(:id,'q',:snap,'greedy','{}','A','queued',0,'',0,NULL,NULL,1,NULL,2,NULL,NULL,NULL,NULL)",
    "second release": APPROVAL + "(:id,'q','tiny',2,1,:other,:other_content,:snap,0,'','','Ann','',NULL,1)",
    "stale release with reason": APPROVAL
    + "(:id,'q','tiny',2,1,:from_erp,:from_erp_content,:erp,0,:fingerprint,:h,'Ann','','customer waits',1)",
    "proposal": PROPOSAL + "(:id,'q','tiny',:other,:other_content,:snap,0,1,NULL,'Ann','',1)",
    "attempt to deliver": "UPDATE outbox SET state='sent',attempts=1,lease_owner='x',lease_until_us=9 "
    "WHERE approval_id=:approval",
    "file snapshot": SNAPSHOT + "(:id,'q','p','file',1,'2025-07-21T06:30:00','UTC',1,2,1,1,5,3,2,0,'{}',:h,'')",
}


FORBIDDEN = {
    # runs
    "two runs for one request": RUN
    + "(:id,(SELECT request_id FROM run r WHERE r.run_id=:run),:snap,'greedy','{}','A','queued',0,'',0,NULL,NULL,1,NULL,2,"
    "NULL,NULL,NULL,NULL)",
    "run of an unknown snapshot": RUN
    + "(:id,'q',:id,'greedy','{}','A','queued',0,'',0,NULL,NULL,1,NULL,2,NULL,NULL,NULL,NULL)",
    "running without a lease": RUN
    + "(:id,'q',:snap,'greedy','{}','A','running',0,'',0,NULL,NULL,1,1,2,NULL,NULL,NULL,NULL)",
    "lease without an end": RUN + "(:id,'q',:snap,'greedy','{}','A','running',0,'',0,'w',NULL,1,1,2,NULL,NULL,NULL,NULL)",
    "queued with a lease": RUN + "(:id,'q',:snap,'greedy','{}','A','queued',0,'',0,'w',5,1,NULL,2,NULL,NULL,NULL,NULL)",
    "running, never started": RUN
    + "(:id,'q',:snap,'greedy','{}','A','running',0,'',0,'w',5,1,NULL,2,NULL,NULL,NULL,NULL)",
    "half a wish to keep": "UPDATE run SET keep_requested=2 WHERE run_id=:run",
    "unknown state": RUN + "(:id,'q',:snap,'greedy','{}','A','done',0,'',0,NULL,NULL,1,1,2,3,NULL,NULL,NULL)",
    "failed without a reason": RUN + "(:id,'q',:snap,'greedy','{}','A','failed',0,'',0,NULL,NULL,1,1,2,3,NULL,NULL,NULL)",
    "failed for an empty reason": RUN + "(:id,'q',:snap,'greedy','{}','A','failed',0,'',0,NULL,NULL,1,1,2,3,'',NULL,NULL)",
    "failed, never finished": RUN
    + "(:id,'q',:snap,'greedy','{}','A','failed',0,'',0,NULL,NULL,1,1,2,NULL,'why',NULL,NULL)",
    "ok without a plan": RUN + "(:id,'q',:snap,'greedy','{}','A','ok',0,'',0,NULL,NULL,1,1,2,3,NULL,NULL,NULL)",
    "ok with another run's plan": RUN + "(:id,'q',:snap,'greedy','{}','A','ok',0,'',0,NULL,NULL,1,1,2,3,NULL,:other,0)",
    "ok with a rejected schedule": "UPDATE run SET state='ok',lease_owner=NULL,lease_until_us=NULL,finished_us=9,"
    "plan_id=:bad,plan_violations=1 WHERE run_id=:run",
    "ok with a rejected schedule called clean": "UPDATE run SET state='ok',lease_owner=NULL,lease_until_us=NULL,"
    "finished_us=9,plan_id=:bad,plan_violations=0 WHERE run_id=:run",
    "progress beyond the end": "UPDATE run SET progress=1001 WHERE run_id=:run",
    "deadline before the beginning": RUN
    + "(:id,'q',:snap,'greedy','{}','A','queued',0,'',0,NULL,NULL,5,NULL,2,NULL,NULL,NULL,NULL)",
    "finished run begins again": "UPDATE run SET state='running',lease_owner='w',lease_until_us=9,finished_us=NULL,"
    "plan_id=NULL,plan_violations=NULL WHERE run_id=:other_run",
    "finished run gets another message": "UPDATE run SET message='x' WHERE run_id=:other_run",
    "running run back in the queue": "UPDATE run SET state='queued',lease_owner=NULL,lease_until_us=NULL,started_us=NULL"
    " WHERE run_id=:run",
    "run gets another snapshot": "UPDATE run SET snapshot_id=:snap1 WHERE run_id=:run",
    "run gets other settings": "UPDATE run SET config='{}' WHERE run_id=:run",
    "run is deleted": "DELETE FROM run WHERE run_id=:run",
    # schedules
    "two schedules of one run": SCHEDULE + "(:id,:other_run,:snap,'greedy','feasible',:h,0,'{}',1,'{}',1,NULL)",
    "schedule of another snapshot than its run's": SCHEDULE
    + "(:id,:run,:snap1,'greedy','feasible',:h,0,'{}',1,'{}',1,NULL)",
    "fewer than no violations": SCHEDULE + "(:id,:run,:snap,'greedy','feasible',:h,-1,'{}',1,'{}',1,NULL)",
    "plan without KPIs": SCHEDULE + "(:id,:run,:snap,'greedy','feasible',:h,0,NULL,1,'{}',1,NULL)",
    "rejected schedule with KPIs": SCHEDULE + "(:id,:run,:snap,'greedy','feasible',:h,3,'{}',1,'{}',1,'[]')",
    "content hash cut short": SCHEDULE + "(:id,:run,:snap,'greedy','feasible','abc',0,'{}',1,'{}',1,NULL)",
    "violations are argued away": "UPDATE schedule SET violations=0 WHERE schedule_id=:bad",
    "schedule is deleted": "DELETE FROM schedule WHERE schedule_id=:bad",
    "operation that takes no time": "INSERT INTO assignment VALUES (:other,'J',1,5,5,0)",
    "operation that ends before it starts": "INSERT INTO assignment VALUES (:other,'J',1,5,4,0)",
    "negative setup": "INSERT INTO assignment VALUES (:other,'J',1,5,9,-1)",
    "operation placed twice": "INSERT INTO assignment VALUES (:other,'JOB-1',1,500,600,0)",
    "assignment of no schedule": "INSERT INTO assignment VALUES (:id,'J',1,5,9,0)",
    "two starts on one machine at once": "INSERT INTO assignment_machine VALUES (:other,'job-1',1,1,0)",
    "machine for an operation that is not placed": "INSERT INTO assignment_machine VALUES (:other,'J',1,9,5)",
    "machine at another time than its operation": "INSERT INTO assignment_machine VALUES (:other,'JOB-1',1,9,7)",
    "assignment is moved": "UPDATE assignment SET start_min=1 WHERE schedule_id=:other",
    "assignment is deleted": "DELETE FROM assignment_machine WHERE schedule_id=:other",
    # approvals
    "approval of a rejected schedule": APPROVAL
    + "(:id,'q','tiny',2,1,:bad,:bad_content,:bad_snap,1,'','','Ann','',NULL,1)",
    "approval of a rejected schedule called clean": APPROVAL
    + "(:id,'q','tiny',2,1,:bad,:bad_content,:bad_snap,0,'','','Ann','',NULL,1)",
    "approval of other content": APPROVAL + "(:id,'q','tiny',2,1,:other,:h,:snap,0,'','','Ann','',NULL,1)",
    "approval for another snapshot": APPROVAL + "(:id,'q','tiny',2,1,:other,:other_content,:snap1,0,'','','Ann','',NULL,1)",
    "approval for another plant": APPROVAL + "(:id,'q','else',1,NULL,:other,:other_content,:snap,0,'','','Ann','',NULL,1)",
    "two releases with one number": APPROVAL
    + "(:id,'q','tiny',1,NULL,:other,:other_content,:snap,0,'','','Ann','',NULL,1)",
    "release that leaves out a number": APPROVAL
    + "(:id,'q','tiny',3,2,:other,:other_content,:snap,0,'','','Ann','',NULL,1)",
    "release on top of nothing": APPROVAL
    + "(:id,'q','tiny',2,NULL,:other,:other_content,:snap,0,'','','Ann','',NULL,1)",
    "release on top of one far back": APPROVAL
    + "(:id,'q','tiny',3,1,:other,:other_content,:snap,0,'','','Ann','',NULL,1)",
    "one request, two approvals": APPROVAL
    + "(:id,(SELECT request_id FROM approval a WHERE a.approval_id=:approval),'tiny',2,1,:other,:other_content,:snap,0,"
    "'','','Ann','',NULL,1)",
    "approval by nobody": APPROVAL + "(:id,'q','tiny',2,1,:other,:other_content,:snap,0,'','','','',NULL,1)",
    "stale approval without reason": APPROVAL
    + "(:id,'q','tiny',2,1,:from_erp,:from_erp_content,:erp,0,:fingerprint,:h,'Ann','',NULL,1)",
    "stale approval for an empty reason": APPROVAL
    + "(:id,'q','tiny',2,1,:from_erp,:from_erp_content,:erp,0,:fingerprint,:h,'Ann','','',1)",
    "staleness hidden by another fingerprint": APPROVAL
    + "(:id,'q','tiny',2,1,:from_erp,:from_erp_content,:erp,0,:h,:h,'Ann','',NULL,1)",
    "approver is replaced": "UPDATE approval SET approver='Bob' WHERE approval_id=:approval",
    "approval is deleted": "DELETE FROM approval WHERE approval_id=:approval",
    "dispatch of an operation that is not in the plan": "INSERT INTO dispatch VALUES "
    "(:approval,:released,1,9,'M1','J',1,'w',NULL,NULL,0,'a','b',NULL)",
    "dispatch of another schedule": "INSERT INTO dispatch VALUES "
    "(:approval,:other,1,9,'M1','JOB-1',1,'w',NULL,NULL,0,'a','b',NULL)",
    "dispatch is changed": "UPDATE dispatch SET starts='x' WHERE approval_id=:approval",
    "dispatch is deleted": "DELETE FROM dispatch WHERE approval_id=:approval",
    "message without an approval": "INSERT INTO outbox(approval_id,state,attempts) VALUES (:id,'pending',0)",
    "second message for an approval": "INSERT INTO outbox(approval_id,state,attempts) VALUES (:approval,'pending',0)",
    "confirmed message without its time": "UPDATE outbox SET state='confirmed' WHERE approval_id=:approval",
    "message under way without a lease": "UPDATE outbox SET state='sent',attempts=1 WHERE approval_id=:approval",
    "lease of a message that waits": "UPDATE outbox SET lease_owner='x',lease_until_us=9 WHERE approval_id=:approval",
    "message confirmed without an attempt": "UPDATE outbox SET state='confirmed',confirmed_us=9 WHERE approval_id=:approval",
    "message dead without an attempt": "UPDATE outbox SET state='dead' WHERE approval_id=:approval",
    "roll-back to another schedule's release": "INSERT INTO rolled_back VALUES (:approval,:other,:approval,'why')",
    "roll-back to itself": "INSERT INTO rolled_back VALUES (:approval,:released,:approval,'why')",
    "proposal of a rejected schedule": PROPOSAL + "(:id,'q','tiny',:bad,:bad_content,:bad_snap,0,1,NULL,'Ann','',1)",
    "proposal on top of no release": PROPOSAL + "(:id,'q','tiny',:other,:other_content,:snap,0,7,NULL,'Ann','',1)",
    "proposal of nobody": PROPOSAL + "(:id,'q','tiny',:other,:other_content,:snap,0,1,NULL,'','',1)",
    "message is deleted": "DELETE FROM outbox WHERE approval_id=:approval",
    # snapshots
    "jobs that vanish": SNAPSHOT + "(:id,'q','p','file',1,'2025-07-21T06:30:00','UTC',1,3,1,1,5,3,2,0,'{}',:h,'')",
    "rows that vanish": SNAPSHOT + "(:id,'q','p','file',1,'2025-07-21T06:30:00','UTC',1,2,1,1,6,3,2,0,'{}',:h,'')",
    "pull without a fingerprint": SNAPSHOT + "(:id,'q','p','erp',1,'2025-07-21T06:30:00','UTC',1,2,1,1,5,3,2,0,'{}',:h,'')",
    "snapshot is changed": "UPDATE snapshot SET document='{}' WHERE snapshot_id=:snap",
    "snapshot is deleted": "DELETE FROM snapshot WHERE snapshot_id=:snap",
    "quarantine without a reason": "INSERT INTO finding VALUES (:snap,0,'quarantine','t','r','f','v','',NULL)",
    # scenarios
    "scenario of a rejected plan": SCENARIO + "(:id,'q',:bad_snap,:bad,:bad_content,1,NULL,:snap1,'[]',0,0,'[]','A',1)",
    "scenario of a rejected plan called clean": SCENARIO
    + "(:id,'q',:bad_snap,:bad,:bad_content,0,NULL,:snap1,'[]',0,0,'[]','A',1)",
    "scenario that is its own base": SCENARIO + "(:id,'q',:snap,:other,:other_content,0,NULL,:snap,'[]',0,0,'[]','A',1)",
    "name of no scenario": "INSERT INTO scenario_name VALUES (:id,:snap,'n','A',1)",
    "promotion of a plan that is no scenario's": "INSERT INTO promotion VALUES (:other,:other_content,:snap,0,'A',1)",
    "promotion of a rejected schedule": "INSERT INTO promotion VALUES (:bad,:bad_content,:bad_snap,1,'A',1)",
    # audit
    "second beginning of the trail": AUDIT + "(1,1,'A','a','s','{}',NULL,NULL,:h)",
    "line without the one before": AUDIT + "(99,1,'A','a','s','{}',98,:h,:h)",
    "line that leaves out one": AUDIT + "(99,1,'A','a','s','{}',1,(SELECT row_hash FROM audit a WHERE audit_seq=1),:h)",
    "audit line is changed": "UPDATE audit SET actor='Bob' WHERE audit_seq=1",
    "audit line is deleted": "DELETE FROM audit WHERE audit_seq=1",
    # text where a number belongs
    "time as text": "INSERT INTO assignment VALUES (:other,'J',1,'early',9,0)",
    "sequence missing": "INSERT INTO assignment VALUES (:other,'J',NULL,5,9,0)",
}  # fmt: skip
