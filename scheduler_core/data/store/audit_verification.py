"""Is the audit trail whole, and do the tables still hold what it says was done? Reads everything, changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import (
    applied_facts,
    arrival_order,
    audit,
    audit_lists,
    audit_rules,
    frozen_zones,
    release_contents,
    schedules,
    serialization,
)
from scheduler_core.data.store.records import Broken, Verification
from scheduler_core.data.store.release_contents import differing_column
from scheduler_core.data.store.tables import (
    APPROVAL,
    ASSIGNMENT,
    AUDIT,
    BEFORE_FACTS,
    FACT_APPLIED,
    FROZEN_ZONE,
    OUTBOX,
    PROMOTION,
    PROPOSAL,
    RUN,
    SCENARIO,
    SCENARIO_NAME,
    SERVICE_TOKEN,
    SNAPSHOT,
)
from scheduler_core.errors import ShopwrightError


def verify(connection: Connection) -> Broken | None:
    """The first fault: of the chain by line, then of the acts by line, then of acts that no line tells of; None if whole."""
    return examine(connection).broken


def examine(connection: Connection) -> Verification:
    """The first fault, as ``verify``, and how much of the trail could not be compared because older versions wrote less."""
    uncovered = _uncovered(connection)
    broken = audit.first_broken(connection)
    if broken is not None:
        return Verification(Broken(broken, "its hash does not follow from its content and the line before"), uncovered)
    return Verification(next(_against_tables(connection), None), uncovered)


def past_the_trail(connection: Connection) -> Iterator[Broken]:
    """Rows that no line tells of, and releases that hold something else than their line tells.

    Rows that are gone are left to ``verify``: a store that was upgraded from a copy without a table has lines of rows that
    it never had.
    """
    told: dict[str, set[str]] = {}
    for line in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.audit_seq)):
        told.setdefault(line.act, set()).add(line.subject)
        if line.act != "approve":
            continue
        for one in release_contents.differences(connection, line.subject, line.actor, json.loads(line.detail)):
            if not one.gone:
                yield Broken(int(line.audit_seq), f"approve of {line.subject}: {one.reason}")
    yield from _untold(connection, told)


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
    yield from _untold(connection, told)
    yield from (one for one in _lists(connection) if one.sequence is not None)


def _untold(connection: Connection, told: Mapping[str, Collection[str]]) -> Iterator[Broken]:
    """Acts in the tables that no line tells of; ``told``: the subjects of each act's lines."""
    for act, query in (
        ("snapshot", sa.select(SNAPSHOT.c.snapshot_id)),
        ("apply-facts", sa.select(FACT_APPLIED.c.snapshot_id).union(sa.select(BEFORE_FACTS.c.snapshot_id))),
        ("run", sa.select(RUN.c.run_id)),
        ("scenario", sa.select(SCENARIO.c.scenario_id)),
        ("keep-scenario", sa.select(SCENARIO_NAME.c.scenario_id)),
        ("promote", sa.select(PROMOTION.c.schedule_id)),
        ("approve", sa.select(APPROVAL.c.approval_id)),
        ("propose", sa.select(PROPOSAL.c.proposal_id)),
        ("delivered", sa.select(OUTBOX.c.approval_id).where(OUTBOX.c.state == "confirmed")),
        ("undeliverable", sa.select(OUTBOX.c.approval_id).where(OUTBOX.c.state == "dead")),
    ):
        for subject in connection.execute(query).scalars():
            if subject not in told.get(act, ()):
                yield Broken(None, f"no line tells of {act} of {subject}")
    yield from (Broken(None, reason) for reason in arrival_order.misplaced(connection))
    yield from (one for one in _lists(connection) if one.sequence is None)


def _lists(connection: Connection) -> Iterator[Broken]:
    yield from audit_lists.differences(connection)
    yield from audit_rules.differences(connection)


def _uncovered(connection: Connection) -> Mapping[str, int]:
    """Lines that hold less than is compared now, by act."""
    lines = connection.execute(sa.select(AUDIT.c.act, AUDIT.c.detail).where(AUDIT.c.act.in_(("approve", *audit_lists.KEYS))))
    found = Counter[str]()
    for line in lines:
        detail = json.loads(line.detail)
        whole = release_contents.covered(detail) if line.act == "approve" else audit_lists.covered(line.act, detail)
        found[line.act] += not whole
    return {act: number for act, number in sorted(found.items()) if number}


def _approve(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    found = next(release_contents.differences(connection, subject, actor, detail), None)
    if found is not None or not release_contents.covered(detail):
        return None if found is None else found.reason
    return _content(connection, connection.execute(sa.select(APPROVAL).where(APPROVAL.c.approval_id == subject)).one())


def _content(connection: Connection, release: sa.Row[Any]) -> str | None:
    """Whether the released schedule's rows still have the hash that was approved."""
    digest = connection.execute(
        sa.select(SNAPSHOT.c.sha256).where(SNAPSHOT.c.snapshot_id == release.snapshot_id)
    ).scalar_one()
    try:
        schedule = schedules.load(connection, release.schedule_id)
    except (ShopwrightError, KeyError) as error:
        return f"its schedule cannot be loaded: {error}"
    if serialization.content_sha256(digest, schedule) != release.content_sha256:
        return "the released schedule's rows have been changed"
    count = connection.execute(
        sa.select(sa.func.count()).select_from(ASSIGNMENT).where(ASSIGNMENT.c.schedule_id == release.schedule_id)
    ).scalar_one()
    return None if int(count) == len(schedule.assignments) else "the released schedule has lost rows"


def _propose(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(sa.select(PROPOSAL).where(PROPOSAL.c.proposal_id == subject)).mappings().first()
    return "the proposal is gone" if row is None else differing_column(dict(row), {**detail, "proposer": actor})


def _snapshot(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(
        sa.select(SNAPSHOT.c.sha256, SNAPSHOT.c.plant, SNAPSHOT.c.source).where(SNAPSHOT.c.snapshot_id == subject)
    ).mappings().first()  # fmt: skip
    return "the snapshot is gone" if row is None else differing_column(dict(row), detail)


def _applied_facts(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    return applied_facts.changed(connection, subject, detail)


def _run(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(sa.select(RUN.c.engine, RUN.c.actor).where(RUN.c.run_id == subject)).mappings().first()
    return "the run is gone" if row is None else differing_column(dict(row), {**detail, "actor": actor})


def _delivered(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    row = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.approval_id == subject)).first()
    if row is None or row.state != "confirmed" or int(row.attempts) != detail["attempts"]:
        return "the outbox says otherwise"
    return None


def _use_token(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    if subject.startswith(audit.ACCESS_TOKEN):
        return None
    owner = connection.execute(sa.select(SERVICE_TOKEN.c.owner).where(SERVICE_TOKEN.c.token_id == subject)).scalar()
    return None if owner == actor else f"{actor} is not the owner of that token"


def _frozen_zone(connection: Connection, subject: str, actor: str, detail: Mapping[str, Any]) -> str | None:
    query = sa.select(FROZEN_ZONE).where(FROZEN_ZONE.c.change_no == detail["change_no"])
    row = connection.execute(query).mappings().first()
    if row is None:
        return "the frozen zone is gone"
    own = {str(kind): minutes for kind, minutes in frozen_zones.minutes_by_type(connection, detail["change_no"]).items()}
    if own != detail["centres"]:
        return "the hours of its work centres have been changed"
    return differing_column(dict(row), {"plant": subject, "actor": actor, "frozen_min": detail["frozen_min"]})


_CHECKS = {
    "approve": _approve, "propose": _propose, "snapshot": _snapshot, "run": _run, "delivered": _delivered,
    "set-frozen-zone": _frozen_zone, "apply-facts": _applied_facts, audit.USE_TOKEN: _use_token,
}  # fmt: skip
_ONCE = frozenset(_CHECKS) - {"set-frozen-zone", audit.USE_TOKEN}
