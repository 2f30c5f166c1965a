"""Does a release still hold what the audit trail says was approved? For the exporter, and for those who verify the store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import acknowledgements, approvals
from scheduler_core.data.store.tables import APPROVAL, AUDIT, OUTBOX, ROLLED_BACK, SECONDED


@dataclass(frozen=True)
class Difference:
    """A difference between a release and its line in the audit trail. ``gone``: rows are missing, none added or changed."""

    reason: str
    gone: bool = False


def forged(connection: Connection, approval_id: str) -> str | None:
    """Why a release must not be sent; None if all that would be sent is what was approved.

    A line that was written before the trail held a hash of the dispatch lines is compared as far as it goes.
    """
    told = sa.select(AUDIT.c.actor, AUDIT.c.detail).where(AUDIT.c.act == "approve", AUDIT.c.subject == approval_id)
    line = connection.execute(told.order_by(AUDIT.c.audit_seq).limit(1)).first()
    if line is None:
        return "no line of the audit trail tells of this release"
    found = next(differences(connection, approval_id, line.actor, json.loads(line.detail)), None)
    return None if found is None else found.reason


def covered(detail: Mapping[str, Any]) -> bool:
    """Whether the line holds a hash of the dispatch lines; the first versions kept the decision only."""
    return "dispatch_sha256" in detail


def differences(
    connection: Connection, approval_id: str, actor: str, detail: Mapping[str, Any]
) -> Iterator[Difference]:  # fmt: skip
    """Every difference between a release and its line in the audit trail (by ``actor``, with ``detail``)."""
    row = connection.execute(sa.select(APPROVAL).where(APPROVAL.c.approval_id == approval_id)).mappings().first()
    if row is None:
        yield Difference("the release is gone", gone=True)
        return
    if (changed := differing_column(dict(row), {**detail, "approver": actor})) is not None:
        yield Difference(changed)
    if not covered(detail):
        return
    if approvals.dispatch_sha256(connection, approval_id) != detail["dispatch_sha256"]:
        yield Difference("its dispatch lines have been changed")
    for table, told, reason in _parts(dict(row), actor, detail):
        found = connection.execute(sa.select(table).where(table.c.approval_id == approval_id)).mappings().first()
        kept = None if found is None else {key: found[key] for key in found if key != "approval_id"}
        if kept != told:
            yield Difference(reason, gone=kept is None)
    acknowledged = acknowledgements.of_release(connection, approval_id)
    told_lost = detail.get("acknowledged", {})
    if acknowledged != told_lost:
        yield Difference(
            "the orders that were acknowledged have been changed", gone=acknowledged.items() <= told_lost.items()
        )
    if connection.execute(sa.select(OUTBOX.c.state).where(OUTBOX.c.approval_id == approval_id)).first() is None:
        yield Difference("its message has gone from the outbox", gone=True)


def differing_column(row: Mapping[str, Any], detail: Mapping[str, Any]) -> str | None:
    """The first column that no longer holds what the trail says; keys that are no column are left alone."""
    for key, value in detail.items():
        if key in row and row[key] != value:
            return f"{key} has been changed"
    return None


def _parts(
    row: Mapping[str, Any], actor: str, detail: Mapping[str, Any]
) -> Iterator[tuple[sa.Table, dict[str, Any] | None, str]]:
    """A table with at most one row of the release, that row as the line tells it, and what is said if it is another."""
    schedule = row["schedule_id"]
    back = {"schedule_id": schedule, "back_to_id": detail["back_to"], "reason": row["remark"]}
    yield ROLLED_BACK, None if detail["back_to"] is None else back, "what it rolled back to has been changed"
    second = {
        "schedule_id": schedule, "approver": actor, "proposal_id": detail["proposal"], "proposer": detail["proposer"],
    }  # fmt: skip
    yield SECONDED, None if detail["proposal"] is None else second, "who proposed it has been changed"
