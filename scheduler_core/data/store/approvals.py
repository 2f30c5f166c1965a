"""Approval: the one act that makes a schedule the shop floor's. One plain function inside one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import (
    acknowledgements,
    arrival_order,
    audit,
    proposals,
    release_numbers,
    requests,
    schedules,
    serialization,
    snapshots,
    withdrawals,
)
from scheduler_core.data.store.records import (
    ApprovalRequest,
    DispatchRow,
    Release,
    RollbackRequest,
    SnapshotInfo,
    StoredSchedule,
)
from scheduler_core.data.store.tables import APPROVAL, DISPATCH, OUTBOX, ROLLED_BACK
from scheduler_core.data.store_errors import NotFound, Refused, ReleaseBar, ReleaseRefused, StaleSnapshot
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.roles import refuse_automation
from scheduler_core.schedule import Schedule

_RELEASES = sa.select(APPROVAL, arrival_order.line_of(APPROVAL.c.approval_id, "approve").label("order_no"))
UNREADABLE = "unreadable"
"""Recorded instead of the ERP's fingerprint when it could not be read at approval."""


@dataclass(frozen=True)
class _Freshness:
    """Whether the ERP still holds the rows of the snapshot; ``reason`` is None if it does."""

    snapshot: str
    erp: str
    reason: str | None


def approve(
    connection: Connection,
    request: ApprovalRequest,
    current_fingerprint: str | None,
    four_eyes: bool = False,
    approved_at: datetime | None = None,
) -> Release:
    """Release a schedule: approval, dispatch rows, outbox and audit line, or nothing. See ``Store.releases.approve``."""
    return _approve(connection, request, current_fingerprint, four_eyes, None, approved_at)


def roll_back(
    connection: Connection, request: RollbackRequest, current_fingerprint: str | None, four_eyes: bool = False
) -> Release:
    """Release an earlier release's schedule once more, in the same one transaction. See ``Store.releases.roll_back``."""
    if not request.reason.strip():
        raise ReleaseRefused(ReleaseBar.REASON, "a roll-back needs a reason")
    found = connection.execute(
        _RELEASES.where(APPROVAL.c.plant == request.plant, release_numbers.number_of() == request.back_to)
    ).first()
    if found is None:
        raise NotFound(f"version {request.back_to} of {request.plant!r} is not in the store")
    earlier = _release(found)
    wish = ApprovalRequest(
        request.request_id, earlier.schedule_id, earlier.content_sha256, request.approver, request.reason,
        request.on_top_of, request.override_reason, request.acknowledged,
    )  # fmt: skip
    return _approve(connection, wish, current_fingerprint, four_eyes, earlier)


def rolled_back(connection: Connection, plant: str) -> Mapping[int, int]:
    """Number of each roll-back of a plant, and of the release that it went back to."""
    back_to = APPROVAL.alias("back_to")
    query = (
        sa.select(release_numbers.number_of(), release_numbers.number_of(back_to))
        .select_from(ROLLED_BACK)
        .join(APPROVAL, APPROVAL.c.approval_id == ROLLED_BACK.c.approval_id)
        .join(back_to, back_to.c.approval_id == ROLLED_BACK.c.back_to_id)
        .where(APPROVAL.c.plant == plant)
    )
    return {int(number): int(earlier) for number, earlier in connection.execute(query)}


def _approve(
    connection: Connection,
    request: ApprovalRequest,
    current_fingerprint: str | None,
    four_eyes: bool,
    back_to: Release | None,
    approved_at: datetime | None = None,
) -> Release:
    request_id = serialization.request_id(request.request_id)
    earlier = _earlier(connection, request, back_to)
    if earlier is not None:
        return earlier
    if not request.approver.strip():
        raise Refused("an approval needs the approver's name")
    approver = refuse_automation(serialization.person("approver", request.approver), "approver")

    stored = schedules.get(connection, request.schedule_id)
    snapshot = snapshots.info(connection, stored.snapshot_id)
    plant = snapshots.plant(connection, stored.snapshot_id)
    schedule = _judged(connection, request, stored, snapshot, plant)
    freshness = _freshness(request, snapshot, current_fingerprint)

    audit.wait_in_line(connection)
    # The second of two clicks has waited here for the first one's commit.
    earlier = _earlier(connection, request, back_to)
    if earlier is not None:
        return earlier
    previous = current(connection, snapshot.plant)
    number = None if previous is None else previous.number
    if number != request.on_top_of:
        seen = "none" if request.on_top_of is None else f"version {request.on_top_of}"
        raise ReleaseRefused(
            ReleaseBar.MEANWHILE,
            f"version {number} has been released meanwhile (you saw {seen}): look at the difference again",
            version=number, seen=request.on_top_of,
        )  # fmt: skip
    if withdrawals.is_withdrawn(connection, stored.id):
        raise ReleaseRefused(ReleaseBar.WITHDRAWN, "this plan was withdrawn: take it back in first")
    if previous is not None and previous.schedule_id == stored.id:
        said = f"this schedule is released already, as version {number}"
        raise ReleaseRefused(ReleaseBar.ALREADY, said, version=number)
    lost = acknowledgements.needed(connection, previous, snapshot.id, request.acknowledged)
    proposal = proposals.second_look(connection, snapshot.plant, stored, number, approver, four_eyes)
    following = release_numbers.following(connection, snapshot.plant)
    approval: dict[str, Any] = {
        "approval_id": serialization.new_id(), "request_id": request_id, "plant": snapshot.plant,
        "release_no": following.place, "previous_no": None if previous is None else following.place - 1,
        "number_offset": following.offset, "epoch": following.epoch, "schedule_id": stored.id,
        "content_sha256": stored.content_sha256, "snapshot_id": snapshot.id, "violations": 0,
        "snapshot_fingerprint": freshness.snapshot, "erp_fingerprint": freshness.erp, "approver": approver,
        "remark": serialization.printable(request.comment.strip()), "override_reason": freshness.reason,
        "approved_us": serialization.now_us() if approved_at is None else serialization.to_us(approved_at),
    }  # fmt: skip
    connection.execute(sa.insert(APPROVAL).values(**approval))
    lines = _dispatch_lines(plant, schedule)
    if lines:
        keys = {"approval_id": approval["approval_id"], "schedule_id": stored.id}
        connection.execute(sa.insert(DISPATCH), [{**keys, **line} for line in lines])
    connection.execute(sa.insert(OUTBOX).values(approval_id=approval["approval_id"], state="pending", attempts=0))
    made: str = approval["approval_id"]
    if back_to is not None:
        values = {"approval_id": made, "schedule_id": stored.id, "back_to_id": back_to.id, "reason": approval["remark"]}
        connection.execute(sa.insert(ROLLED_BACK).values(**values))
    acknowledgements.keep(connection, made, lost)
    if proposal is not None:
        proposals.note_second(connection, made, approver, proposal)
    # The trail holds the whole row, and a hash of the dispatch lines: ``audit_verification`` finds what changed behind it.
    detail = {
        **{key: value for key, value in approval.items() if key not in ("approval_id", "approver")},
        "dispatch_sha256": dispatch_sha256(connection, made), "back_to": None if back_to is None else back_to.id,
        "proposal": None if proposal is None else proposal.id, "proposer": None if proposal is None else proposal.proposer,
    }  # fmt: skip
    if lost:
        detail["acknowledged"] = dict(lost)
    audit.record(connection, approver, "approve", made, detail)
    return get(connection, made)


def dispatch_sha256(connection: Connection, approval_id: str) -> str:
    """Hash of a release's dispatch lines as they stand in the table."""
    query = sa.select(DISPATCH).where(DISPATCH.c.approval_id == approval_id)
    rows = connection.execute(query.order_by(DISPATCH.c.machine_id, DISPATCH.c.position)).mappings()
    return hashlib.sha256(serialization.to_json("dispatch", [dict(row) for row in rows]).encode()).hexdigest()


def _earlier(connection: Connection, request: ApprovalRequest, back_to: Release | None) -> Release | None:
    """What this request has already led to. Raises RequestConflict if it was another decision."""
    row = connection.execute(_RELEASES.where(APPROVAL.c.request_id == request.request_id)).first()
    if row is None:
        return None
    below = APPROVAL.alias("below")
    went_back = sa.select(release_numbers.number_of(below)).join(
        ROLLED_BACK, ROLLED_BACK.c.back_to_id == below.c.approval_id
    )
    recorded = connection.execute(went_back.where(ROLLED_BACK.c.approval_id == row.approval_id)).scalar()
    on_top = sa.select(release_numbers.number_of()).where(
        APPROVAL.c.plant == row.plant, APPROVAL.c.release_no == row.previous_no
    )
    fields: dict[str, tuple[object, object]] = {
        "schedule": (row.schedule_id, request.schedule_id), "content": (row.content_sha256, request.content_sha256),
        "approver": (row.approver, serialization.person("approver", request.approver)),
        "on top of version": (connection.execute(on_top).scalar(), request.on_top_of),
        "comment": (row.remark, serialization.printable(request.comment.strip())),
        "roll-back to version": (recorded, None if back_to is None else back_to.number),
    }  # fmt: skip
    if row.override_reason is not None:
        asked = serialization.printable((request.override_reason or "").strip())
        fields["reason for old data"] = (row.override_reason, asked)
    requests.same(request.request_id, f"version {row.release_no + row.number_offset} of {row.plant!r}", fields)
    return _release(row)


def _judged(
    connection: Connection, request: ApprovalRequest, stored: StoredSchedule, snapshot: SnapshotInfo, plant: Plant
) -> Schedule:  # fmt: skip
    """The stored rows, judged once more: what is released is what lies in the tables, not what an engine once returned."""
    if stored.rejected:
        said = f"the validator rejected this schedule with {stored.fault_count} violations"
        raise ReleaseRefused(ReleaseBar.REJECTED, said, violations=stored.fault_count)
    if stored.content_sha256 != request.content_sha256:
        raise ReleaseRefused(ReleaseBar.CHANGED, "the schedule in the store is not the one that was shown: load it again")
    schedule = schedules.load(connection, stored.id)
    if serialization.content_sha256(snapshot.sha256, schedule) != stored.content_sha256:
        raise ReleaseRefused(
            ReleaseBar.CHANGED,
            "the stored assignments do not match their content hash: the database has been tampered with",
        )
    found = violations(plant, schedule)
    if found:
        first = "; ".join(v.message for v in found[:3])
        said = f"the stored schedule breaks {len(found)} rules: {first}"
        raise ReleaseRefused(ReleaseBar.REJECTED, said, violations=len(found))
    return schedule


def _freshness(request: ApprovalRequest, snapshot: SnapshotInfo, current_fingerprint: str | None) -> _Freshness:
    if snapshot.fingerprint is None:
        return _Freshness("", "", None)
    now = current_fingerprint or UNREADABLE
    if now == snapshot.fingerprint:
        return _Freshness(snapshot.fingerprint, now, None)
    reason = (request.override_reason or "").strip()
    if not reason:
        what = "has changed since this snapshot" if current_fingerprint else "cannot be read, so nobody knows if it changed"
        raise StaleSnapshot(f"the ERP {what}: plan again on fresh data, or release with a reason")
    return _Freshness(snapshot.fingerprint, now, serialization.printable(reason))


def _dispatch_lines(plant: Plant, schedule: Schedule) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for machine_id, assignments in sorted(schedule.by_machine.items()):
        for position, a in enumerate(assignments, start=1):
            job = plant.job_by_id[a.job]
            operation = next(o for o in job.operations if o.sequence == a.sequence)
            lines.append({
                "machine_id": machine_id, "position": position, "machine_name": plant.machine_by_id[machine_id].name,
                "job_id": job.id, "op_seq": a.sequence, "process": operation.process, "product": job.product,
                "quantity": None if job.quantity is None else json.dumps(job.quantity), "setup_min": a.setup_minutes,
                "starts": plant.clock.text(a.start, "seconds"), "ends": plant.clock.text(a.end, "seconds"),
                "due": None if job.due is None else plant.clock.text(job.due, "seconds"),
            })  # fmt: skip
    return lines


def get(connection: Connection, approval_id: str) -> Release:
    """One release."""
    row = connection.execute(_RELEASES.where(APPROVAL.c.approval_id == approval_id)).first()
    if row is None:
        raise NotFound(f"release {approval_id!r} is not in the store")
    return _release(row)


def newest(connection: Connection, plant: str, limit: int, below: int | None = None) -> tuple[Release, ...]:
    """A plant's releases, newest first. ``below``: only those with a smaller number."""
    query = _RELEASES.where(APPROVAL.c.plant == plant)
    if below is not None:
        query = query.where(release_numbers.number_of() < below)
    return tuple(_release(row) for row in connection.execute(query.order_by(APPROVAL.c.release_no.desc()).limit(limit)))


def of_request(connection: Connection, request_id: str) -> Release | None:
    """What a request has led to, None if it has led to nothing."""
    row = connection.execute(_RELEASES.where(APPROVAL.c.request_id == request_id)).first()
    return None if row is None else _release(row)


def current(connection: Connection, plant: str) -> Release | None:
    """A plant's latest release, None before the first."""
    return next(iter(newest(connection, plant, 1)), None)


def dispatch_rows(connection: Connection, approval_id: str) -> tuple[DispatchRow, ...]:
    """A release's lines by machine and position."""
    get(connection, approval_id)
    query = sa.select(DISPATCH).where(DISPATCH.c.approval_id == approval_id)
    return tuple(_line(row) for row in connection.execute(query.order_by(DISPATCH.c.machine_id, DISPATCH.c.position)))


def _line(row: sa.Row[Any]) -> DispatchRow:
    return DispatchRow(
        machine=row.machine_id, machine_name=row.machine_name, position=row.position, job=row.job_id,
        sequence=row.op_seq, process=row.process, product=row.product,
        quantity=None if row.quantity is None else json.loads(row.quantity), setup_minutes=row.setup_min,
        start=datetime.fromisoformat(row.starts), end=datetime.fromisoformat(row.ends),
        due=None if row.due is None else datetime.fromisoformat(row.due),
    )  # fmt: skip


def _release(row: sa.Row[Any]) -> Release:
    return Release(
        id=row.approval_id, plant=row.plant, number=row.release_no + row.number_offset,
        schedule_id=row.schedule_id, snapshot_id=row.snapshot_id, content_sha256=row.content_sha256,
        approver=row.approver, comment=row.remark,
        approved_at=serialization.from_us(row.approved_us), override_reason=row.override_reason,
        order=int(row.order_no), epoch=row.epoch,
    )  # fmt: skip
