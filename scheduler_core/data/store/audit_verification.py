"""Is the audit trail whole, and do the tables still hold what it says was done? Reads everything, changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import (
    acknowledgements,
    applied_facts,
    approvals,
    arrival_order,
    audit,
    audit_lists,
    frozen_zones,
    schedules,
    serialization,
)
from scheduler_core.data.store.records import Broken
from scheduler_core.data.store.tables import (
    APPROVAL,
    ASSIGNMENT,
    AUDIT,
    BEFORE_FACTS,
    FACT_APPLIED,
    FROZEN_ZONE,
    OUTBOX,
    PROPOSAL,
    ROLLED_BACK,
    RUN,
    SECONDED,
    SNAPSHOT,
)
from scheduler_core.errors import ShopwrightError


def verify(connection: Connection) -> Broken | None:
    """The first fault: of the chain by line, then of the acts by line, then of acts that no line tells of; None if whole."""
    broken = audit.first_broken(connection)
    if broken is not None:
        return Broken(broken, "its hash does not follow from its content and the line before")
    return next(_against_tables(connection), None)


def _against_tables(connection: Connection) -> Iterator[Broken]:
    told: dict[str, set[str]] = {}
    for line in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.audit_seq)):
        check = _CHECKS.get(line.act)
        subjects = told.setdefault(line.act, set())
        if check is not None:
            if line.act in _ONCE and line.subject in subjects:
                yield Broken(int(line.audit_seq), f"{line.act} of {line.subject} is told twice")
            reason = check(connection, line.subject, line.actor, json.loads(line.detail))
            if reason is not None:
                yield Broken(int(line.audit_seq), f"{line.act} of {line.subject}: {reason}")
        subjects.add(line.subject)
    for act, query in (
        ("snapshot", sa.select(SNAPSHOT.c.snapshot_id)),
        ("apply-facts", sa.select(FACT_APPLIED.c.snapshot_id).union(sa.select(BEFORE_FACTS.c.snapshot_id))),
        ("run", sa.select(RUN.c.run_id)),
        ("approve", sa.select(APPROVAL.c.approval_id)),
        ("propose", sa.select(PROPOSAL.c.proposal_id)),
        ("delivered", sa.select(OUTBOX.c.approval_id).where(OUTBOX.c.state == "confirmed")),
        ("undeliverable", sa.select(OUTBOX.c.approval_id).where(OUTBOX.c.state == "dead")),
    ):
        for subject in connection.execute(query).scalars():
            if subject not in told.get(act, ()):
                yield Broken(None, f"no line tells of {act} of {subject}")
    yield from (Broken(None, reason) for reason in arrival_order.misplaced(connection))
    yield from audit_lists.differences(connection)


def _approve(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(sa.select(APPROVAL).where(APPROVAL.c.approval_id == subject)).mappings().first()
    if row is None:
        return "the release is gone"
    reason = _differs(dict(row), {**detail, "approver": actor})
    if reason is not None:
        return reason
    if "dispatch_sha256" not in detail:
        return None  # written before the trail held more than the decision
    if approvals.dispatch_sha256(connection, subject) != detail["dispatch_sha256"]:
        return "its dispatch lines have been changed"
    back = connection.execute(sa.select(ROLLED_BACK).where(ROLLED_BACK.c.approval_id == subject)).first()
    found = None if back is None else (back.back_to_id, back.schedule_id, back.reason)
    if found != (None if detail["back_to"] is None else (detail["back_to"], row["schedule_id"], row["remark"])):
        return "what it rolled back to has been changed"
    second = connection.execute(sa.select(SECONDED).where(SECONDED.c.approval_id == subject)).first()
    pair = None if second is None else (second.proposal_id, second.proposer, second.schedule_id, second.approver)
    told = (detail["proposal"], detail["proposer"], row["schedule_id"], actor)
    if pair != (None if detail["proposal"] is None else told):
        return "who proposed it has been changed"
    if acknowledgements.of_release(connection, subject) != detail.get("acknowledged", {}):
        return "the orders that were acknowledged have been changed"
    outbox = connection.execute(sa.select(OUTBOX.c.state).where(OUTBOX.c.approval_id == subject)).first()
    if outbox is None:
        return "its message has gone from the outbox"
    return _content(connection, dict(row))


def _content(connection: Connection, row: Mapping[str, Any]) -> str | None:
    """Whether the released schedule's rows still have the hash that was approved."""
    digest = connection.execute(
        sa.select(SNAPSHOT.c.sha256).where(SNAPSHOT.c.snapshot_id == row["snapshot_id"])
    ).scalar_one()
    try:
        schedule = schedules.load(connection, row["schedule_id"])
    except (ShopwrightError, KeyError) as error:
        return f"its schedule cannot be loaded: {error}"
    if serialization.content_sha256(digest, schedule) != row["content_sha256"]:
        return "the released schedule's rows have been changed"
    count = connection.execute(
        sa.select(sa.func.count()).select_from(ASSIGNMENT).where(ASSIGNMENT.c.schedule_id == row["schedule_id"])
    ).scalar_one()
    return None if int(count) == len(schedule.assignments) else "the released schedule has lost rows"


def _propose(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(sa.select(PROPOSAL).where(PROPOSAL.c.proposal_id == subject)).mappings().first()
    return "the proposal is gone" if row is None else _differs(dict(row), {**detail, "proposer": actor})


def _snapshot(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(
        sa.select(SNAPSHOT.c.sha256, SNAPSHOT.c.plant, SNAPSHOT.c.source).where(SNAPSHOT.c.snapshot_id == subject)
    ).mappings().first()  # fmt: skip
    return "the snapshot is gone" if row is None else _differs(dict(row), detail)


def _applied_facts(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    return applied_facts.changed(connection, subject, detail)


def _run(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(sa.select(RUN.c.engine, RUN.c.actor).where(RUN.c.run_id == subject)).mappings().first()
    return "the run is gone" if row is None else _differs(dict(row), {**detail, "actor": actor})


def _delivered(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.approval_id == subject)).first()
    if row is None or row.state != "confirmed" or int(row.attempts) != detail["attempts"]:
        return "the outbox says otherwise"
    return None


def _frozen_zone(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    query = sa.select(FROZEN_ZONE).where(FROZEN_ZONE.c.change_no == detail["change_no"])
    row = connection.execute(query).mappings().first()
    if row is None:
        return "the frozen zone is gone"
    own = {str(kind): minutes for kind, minutes in frozen_zones.minutes_by_type(connection, detail["change_no"]).items()}
    if own != detail["centres"]:
        return "the hours of its work centres have been changed"
    return _differs(dict(row), {"plant": subject, "actor": actor, "frozen_min": detail["frozen_min"]})


def _differs(row: Mapping[str, Any], detail: Mapping[str, Any]) -> str | None:
    """The first column that no longer holds what the trail says; keys that are no column are left alone."""
    for key, value in detail.items():
        if key in row and row[key] != value:
            return f"{key} has been changed"
    return None


_CHECKS = {
    "approve": _approve, "propose": _propose, "snapshot": _snapshot, "run": _run, "delivered": _delivered,
    "set-frozen-zone": _frozen_zone, "apply-facts": _applied_facts,
}  # fmt: skip
_ONCE = frozenset(_CHECKS) - {"set-frozen-zone"}
