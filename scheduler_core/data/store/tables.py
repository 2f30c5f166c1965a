"""The store's columns as SQLAlchemy sees them; the rules that guard them are in ``migrations``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Float, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

METADATA = MetaData()


def _table(name: str, texts: str, integers: str = "", reals: str = "") -> Table:
    kinds: tuple[tuple[str, type[TypeEngine[Any]]], ...] = ((texts, Text), (integers, BigInteger), (reals, Float))
    return Table(name, METADATA, *(Column(column, kind()) for names, kind in kinds for column in names.split()))


SNAPSHOT = _table(
    "snapshot",
    "snapshot_id request_id plant source plan_start timezone document sha256 fingerprint banner",
    "taken_us operation_count jobs_read jobs_accepted jobs_quarantined rows_read rows_accepted rows_quarantined "
    "beyond_horizon order_no",
)
FINDING = _table("finding", "snapshot_id kind source_table source_row source_field content reason job_id", "position")
RUN = _table(
    "run",
    "run_id request_id snapshot_id engine config actor state message lease_owner fail_reason plan_id",
    "progress cancel_requested keep_requested lease_until_us created_us started_us deadline_us finished_us plan_violations "
    "order_no",
)
SCHEDULE = _table(
    "schedule",
    "schedule_id run_id snapshot_id engine status content_sha256 kpis detail rejected_document",
    "violations created_us order_no",
    "objective lower_bound seconds",
)
FAULT = _table("fault", "schedule_id rule_name job_id message", "position op_seq machine_id")
ASSIGNMENT = _table("assignment", "schedule_id job_id", "op_seq start_min end_min setup_min")
ASSIGNMENT_MACHINE = _table("assignment_machine", "schedule_id job_id", "op_seq machine_id start_min")
APPROVAL = _table(
    "approval",
    "approval_id request_id plant schedule_id content_sha256 snapshot_id snapshot_fingerprint erp_fingerprint approver "
    "remark override_reason",
    "release_no previous_no violations approved_us number_offset epoch",
)
DISPATCH = _table(
    "dispatch",
    "approval_id schedule_id machine_name job_id process product quantity starts ends due",
    "machine_id position op_seq setup_min",
)
OUTBOX = _table("outbox", "approval_id state lease_owner", "attempts confirmed_us lease_until_us next_try_us")
FAILED_DELIVERY = _table("failed_delivery", "approval_id reason", "attempt failed_us")
ROLLED_BACK = _table("rolled_back", "approval_id schedule_id back_to_id reason")
RELEASE_EPOCH = _table("release_epoch", "actor", "epoch first_no begun_us")
HEARTBEAT = _table("exporter_heartbeat", "name owner", "seen_us alive_until_us")
PLANT_RULE = _table("plant_rule", "plant", "four_eyes changed_us")
PROPOSAL = _table(
    "proposal",
    "proposal_id request_id plant schedule_id content_sha256 snapshot_id back_to_id proposer remark",
    "violations on_top_of proposed_us",
)
SECONDED = _table("seconded", "approval_id schedule_id approver proposal_id proposer")
AUDIT = _table("audit", "actor act subject detail previous_hash row_hash", "audit_seq at_us previous_seq")
QUEUE_LOCK = _table("queue_lock", "name")
SCENARIO = _table(
    "scenario",
    "scenario_id request_id base_snapshot_id base_schedule_id base_content_sha256 parent_id snapshot_id changes pins actor",
    "base_violations now_min frozen_min created_us",
)
SCENARIO_NAME = _table("scenario_name", "scenario_id base_snapshot_id name actor", "kept_us")
PROMOTION = _table("promotion", "schedule_id content_sha256 snapshot_id actor", "violations promoted_us")
ROLE_CHANGE = _table("role_change", "person role actor", "change_no granted changed_us")
ACKNOWLEDGED_LOSS = _table("acknowledged_loss", "approval_id job_id reason")
WITHDRAWAL = _table("withdrawal", "schedule_id scenario_id actor", "change_no withdrawn changed_us")
FROZEN_ZONE = _table("frozen_zone", "plant actor", "change_no frozen_min changed_us")
FROZEN_CENTRE = _table("frozen_centre", "", "change_no machine_type frozen_min")
RECORDED_DOWNTIME = _table(
    "recorded_downtime", "downtime_id request_id plant machine_name starts ends reason actor",
    "change_no machine_id in_service changed_us",
)  # fmt: skip
ASSUMPTION_ANSWER = _table("assumption_answer", "scenario_id actor", "answer_no position came_true answered_us")
FACT = _table("fact", "fact_id request_id plant kind content starts ends reason scenario_id actor", "line_no undone said_us")
BEFORE_FACTS = _table("snapshot_before_facts", "snapshot_id document sha256")
FACT_APPLIED = _table("fact_applied", "snapshot_id fact_id idle", "position")
ACTUAL_PULL = _table("actual_pull", "plant snapshot_id running ended", "pull_no")
PLAN_ODDS = _table("plan_odds", "schedule_id noise_sha256 noise odds", "computed_us")
SERVICE_TOKEN = _table(
    "service_token", "token_id request_id name owner roles secret_sha256 actor", "change_no expires_us made_us"
)  # fmt: skip
TOKEN_REVOKED = _table("service_token_revoked", "token_id actor", "change_no revoked_us")
TOKEN_USED = _table("service_token_used", "token_id", "used_us")
RELEASE_ODDS = _table("release_odds", "approval_id schedule_id noise_sha256", "operations kept_us")
ALERT_EVENT = _table("alert_event", "incident_id act kind about content receivers", "event_no urgent at_us")
ALERT_MESSAGE = _table("alert_message", "message_id receiver title body", "written_us")
ALERT_MESSAGE_EVENT = _table("alert_message_event", "receiver message_id", "event_no")
ALERT_ATTEMPT = _table("alert_attempt", "message_id reason", "attempt arrived tried_us")
ALERT_ACKNOWLEDGEMENT = _table("alert_acknowledgement", "incident_id actor", "change_no said_us")
ALERT_SENDER = _table("alert_sender", "name owner", "until_us")
ALERT_HOST = _table("alert_host", "host", "seen_us alive_until_us")
AUTOMATION_ACT = _table("automation_act", "plant kind cause snapshot_id schedule_id run_id", "act_no acted_us")
AUTOMATION_HOST = _table("automation_host", "name owner said", "beat_no seen_us")
API_ANSWER = _table("api_answer", "request_key caller asked_sha256 headers content", "status kept_us")
SNAPSHOT_BOUND = _table("snapshot_bound", "snapshot_id objective", "found_us", "value")
