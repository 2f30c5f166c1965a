"""Releases that need two names: one proposes, another one approves. The tables refuse what goes around this."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import (
    arrival_order,
    audit,
    audit_rules,
    release_numbers,
    requests,
    schedules,
    serialization,
    snapshots,
)
from scheduler_core.data.store.records import Proposal, ProposalRequest, StoredSchedule
from scheduler_core.data.store.tables import APPROVAL, AUDIT, PLANT_RULE, PROPOSAL, SECONDED
from scheduler_core.data.store_errors import NotFound, ReleaseBar, ReleaseRefused
from scheduler_core.people.person_names import same_person
from scheduler_core.roles import refuse_automation

_BACK_TO, _ON_TOP_OF = APPROVAL.alias("back_to"), APPROVAL.alias("on_top")
_SELECT = sa.select(
    PROPOSAL,
    release_numbers.number_of(_BACK_TO).label("back_to"),
    release_numbers.number_of(_ON_TOP_OF).label("on_top_number"),
).select_from(
    PROPOSAL.outerjoin(_BACK_TO, _BACK_TO.c.approval_id == PROPOSAL.c.back_to_id).outerjoin(
        _ON_TOP_OF, sa.and_(_ON_TOP_OF.c.plant == PROPOSAL.c.plant, _ON_TOP_OF.c.release_no == PROPOSAL.c.on_top_of)
    )
)
"""``proposal.on_top_of`` is the place of a release in the store's chain; people know the release by its number."""


def propose(connection: Connection, request: ProposalRequest) -> Proposal:
    """Ask that somebody else releases a schedule. See ``Store.releases.propose``."""
    request_id = serialization.request_id(request.request_id)
    proposer = refuse_automation(serialization.person("proposer", request.proposer), "proposer")
    audit.wait_in_line(connection)
    earlier = connection.execute(_SELECT.where(PROPOSAL.c.request_id == request_id)).first()
    if earlier is not None:
        proposal = _proposal(earlier)
        remark = serialization.printable(request.remark.strip())
        requests.same(
            request_id, f"the proposal that {proposal.proposer} made for {proposal.plant!r}",
            {"schedule": (proposal.schedule_id, request.schedule_id),
             "content": (proposal.content_sha256, request.content_sha256),
             "on top of version": (proposal.on_top_of, request.on_top_of),
             "roll-back to version": (proposal.back_to, request.back_to),
             "proposer": (proposal.proposer, proposer), "remark": (proposal.remark, remark)},
        )  # fmt: skip
        return proposal
    stored = schedules.get(connection, request.schedule_id)
    if stored.rejected:
        said = f"the validator rejected this schedule with {stored.fault_count} violations"
        raise ReleaseRefused(ReleaseBar.REJECTED, said, violations=stored.fault_count)
    if stored.content_sha256 != request.content_sha256:
        raise ReleaseRefused(ReleaseBar.CHANGED, "the schedule in the store is not the one that was shown: load it again")
    plant = snapshots.info(connection, stored.snapshot_id).plant
    # Whoever proposes goes by the rule; from here on the tables do as well.
    _keep_rule(connection, plant, True)
    place, number = _current(connection, plant)
    if number != request.on_top_of:
        said = f"version {number} has been released meanwhile: look at the difference again"
        raise ReleaseRefused(ReleaseBar.MEANWHILE, said, version=number, seen=request.on_top_of)
    back_to = None
    if request.back_to is not None:
        if not request.remark.strip():
            raise ReleaseRefused(ReleaseBar.REASON, "a roll-back needs a reason")
        back_to = connection.execute(
            sa.select(APPROVAL.c.approval_id).where(
                APPROVAL.c.plant == plant,
                release_numbers.number_of() == request.back_to,
                APPROVAL.c.schedule_id == stored.id,
            )
        ).scalar()
        if back_to is None:
            raise NotFound(f"version {request.back_to} of {plant!r} with this schedule is not in the store")
    values = {
        "proposal_id": serialization.new_id(), "request_id": request_id, "plant": plant, "schedule_id": stored.id,
        "content_sha256": stored.content_sha256, "snapshot_id": stored.snapshot_id, "violations": 0,
        "on_top_of": place, "back_to_id": back_to, "proposer": proposer,
        "remark": serialization.printable(request.remark.strip()), "proposed_us": serialization.now_us(),
    }  # fmt: skip
    detail = {key: value for key, value in values.items() if key not in ("proposal_id", "proposer")}
    audit.record(connection, proposer, "propose", str(values["proposal_id"]), detail)
    connection.execute(sa.insert(PROPOSAL).values(**values))
    return _proposal(connection.execute(_SELECT.where(PROPOSAL.c.proposal_id == values["proposal_id"])).one())


def of_request(connection: Connection, request_id: str) -> Proposal | None:
    """What a request has led to, None if it has led to nothing."""
    row = connection.execute(_SELECT.where(PROPOSAL.c.request_id == request_id)).first()
    return None if row is None else _proposal(row)


def waiting(connection: Connection, plant: str) -> tuple[Proposal, ...]:
    """Proposals on top of a plant's current release, newest first; of several for one schedule by one person the newest."""
    place, _ = _current(connection, plant)
    on_top = PROPOSAL.c.on_top_of.is_(None) if place is None else PROPOSAL.c.on_top_of == place
    query = _SELECT.where(PROPOSAL.c.plant == plant, on_top)
    found: list[Proposal] = []
    newest = arrival_order.line_of(PROPOSAL.c.proposal_id, "propose").desc()
    for row in connection.execute(query.order_by(newest, PROPOSAL.c.proposal_id)):
        proposal = _proposal(row)
        if not any(p.schedule_id == proposal.schedule_id and same_person(p.proposer, proposal.proposer) for p in found):
            found.append(proposal)
    return tuple(found)


def second_look(
    connection: Connection, plant: str, stored: StoredSchedule, number: int | None, approver: str, four_eyes: bool
) -> Proposal | None:
    """The proposal that this approval seconds; None without the rule. Raises Refused if nobody else has proposed it.

    Also brings the tables' own rule for the plant in line with the settings, with an audit line.
    """
    _keep_rule(connection, plant, four_eyes)
    if not four_eyes:
        return None
    asked = [
        p
        for p in waiting(connection, plant)
        if p.schedule_id == stored.id and p.on_top_of == number and _told(connection, p)
    ]
    for proposal in asked:
        if not same_person(proposal.proposer, approver):
            return proposal
    if asked:
        if any(p.proposer == approver for p in asked):
            said = f"{approver} has proposed this release: somebody else has to approve it"
            raise ReleaseRefused(ReleaseBar.SAME_PERSON, said, proposer=approver)
        raise ReleaseRefused(
            ReleaseBar.SAME_PERSON,
            f"{asked[0].proposer} has proposed this release, and {approver} may be the same person: names that look alike "
            "or differ in case, width and blanks alone are no two names; somebody else has to approve it",
            proposer=asked[0].proposer,
        )
    raise ReleaseRefused(
        ReleaseBar.UNPROPOSED, "this plant's releases need two names: propose it first, and let somebody else approve it"
    )


def _told(connection: Connection, proposal: Proposal) -> bool:
    """Whether the audit trail tells of the proposal: one that was added to the table past the trail counts for nobody."""
    line = sa.select(AUDIT.c.audit_seq).where(
        AUDIT.c.act == "propose", AUDIT.c.subject == proposal.id, AUDIT.c.actor == proposal.proposer
    )
    return connection.execute(line.limit(1)).first() is not None


def note_second(connection: Connection, approval_id: str, approver: str, proposal: Proposal) -> None:
    """Tie an approval to the proposal that it seconds; the table refuses one and the same name."""
    values = {
        "approval_id": approval_id, "schedule_id": proposal.schedule_id, "approver": approver, "proposal_id": proposal.id,
        "proposer": proposal.proposer,
    }  # fmt: skip
    connection.execute(sa.insert(SECONDED).values(**values))


def _keep_rule(connection: Connection, plant: str, four_eyes: bool) -> None:
    wanted = int(four_eyes)
    known = connection.execute(sa.select(PLANT_RULE.c.four_eyes).where(PLANT_RULE.c.plant == plant)).scalar()
    if known == wanted or (known is None and not four_eyes):
        return
    audit.record(connection, "settings", audit_rules.FOUR_EYES, plant, {"four_eyes": four_eyes})
    values = {"four_eyes": wanted, "changed_us": serialization.now_us()}
    if known is None:
        connection.execute(sa.insert(PLANT_RULE).values(plant=plant, **values))
    else:
        connection.execute(sa.update(PLANT_RULE).where(PLANT_RULE.c.plant == plant).values(**values))


def _current(connection: Connection, plant: str) -> tuple[int | None, int | None]:
    """The current release's place in the store's chain and its number; None, None before the first."""
    query = sa.select(APPROVAL.c.release_no, release_numbers.number_of()).where(APPROVAL.c.plant == plant)
    found = connection.execute(query.order_by(APPROVAL.c.release_no.desc()).limit(1)).first()
    return (None, None) if found is None else (int(found[0]), int(found[1]))


def _proposal(row: sa.Row[Any]) -> Proposal:
    return Proposal(
        id=row.proposal_id, plant=row.plant, schedule_id=row.schedule_id, content_sha256=row.content_sha256,
        on_top_of=row.on_top_number, back_to=row.back_to, proposer=row.proposer, remark=row.remark,
        proposed_at=serialization.from_us(row.proposed_us),
    )  # fmt: skip
