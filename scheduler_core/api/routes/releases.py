"""``/v1/releases``: plans in force; proposing, approving and rolling back, each on top of the release that was read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from scheduler_core.analysis.job_sets import LeavingJob, losses
from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call, Keyed, KeyedCall, Made
from scheduler_core.api.documents import Body, Document, Id, Moment
from scheduler_core.api.etags import IfMatch, etag_of, must_match
from scheduler_core.api.paging import Paged
from scheduler_core.api.problems import Problem
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import (
    ApprovalRequest,
    DeliveryState,
    Proposal,
    ProposalRequest,
    Release,
    RollbackRequest,
)
from scheduler_core.roles import Action
from scheduler_core.services import authorized, releasing

router = resource("releases")
Plant = Annotated[
    str | None, Query(max_length=200, description="The plant; without it that of the latest snapshot", min_length=1)
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="content_sha256 of the plan that was read")]
_DECIDED = needs(Action.APPROVE, *problems.RELEASING)


class ReleaseDocument(Document):
    """A plan that was released to the shop floor."""

    id: Id
    plant: str
    version: int = Field(description="Its number, which people and the ERP know")
    plan: Id
    snapshot: Id
    content_sha256: str
    approver: str
    comment: str
    approved_at: Moment
    override_reason: str | None = Field(description="Why it was released although the ERP had changed")


class ReleaseList(Document):
    """A page of a plant's releases, newest first."""

    items: list[ReleaseDocument]
    next: str | None = Field(description="The cursor of the next page; null on the last")


class DeliveryDocument(Document):
    """How far a release has come on its way to the ERP."""

    state: DeliveryState
    attempts: int
    confirmed_at: Moment | None
    next_try_at: Moment | None
    last_error: str | None


class LeftOrder(Document):
    """An order that the plan before had and this one has not."""

    order: str
    reason: str


class ReleaseDetail(ReleaseDocument):
    """A release with what belongs to it."""

    rolled_back_to: int | None = Field(description="The version that it went back to, for a roll-back")
    acknowledged: list[LeftOrder] = Field(description="Orders that left the plan, as the approver acknowledged")
    delivery: DeliveryDocument | None


class ProposalDocument(Document):
    """A wish that somebody else releases a plan."""

    id: Id
    plan: Id
    content_sha256: str
    proposer: str
    remark: str
    roll_back_to: int | None = Field(description="The version to go back to; null for a new plan")
    proposed_at: Moment


class CurrentDocument(Document):
    """What is in force for a plant, and what waits for a second person. Its ETag goes into If-Match."""

    plant: str
    release: ReleaseDocument | None = Field(description="null before the first release")
    needs_two_people: bool = Field(description="Whether a release is proposed by one person and approved by another")
    proposals: list[ProposalDocument]


class LeavingDocument(Document):
    """What leaves the plan in force when a plan is released."""

    plan: Id
    must_acknowledge: list[LeftOrder] = Field(description="Exactly these orders must be acknowledged")
    without: list[LeftOrder] = Field(description="Orders that leave without a loss, such as finished ones")


class Decision(Body):
    """A plan that is to be in force."""

    plan: Id
    content_sha256: Sha256
    comment: str = Field("", max_length=2000)
    override_reason: str | None = Field(
        None, min_length=1, max_length=2000, description="Why, although the ERP has changed since the plan's pull"
    )
    acknowledged: list[str] = Field([], max_length=10_000, description="Exactly the orders of must_acknowledge")


class RollBack(Body):
    """Why an earlier release's plan is to be in force again."""

    reason: str = Field(min_length=1, max_length=2000)
    override_reason: str | None = Field(None, min_length=1, max_length=2000)
    acknowledged: list[str] = Field([], max_length=10_000)


class Wish(Body):
    """A plan that somebody else is to release."""

    plan: Id
    content_sha256: Sha256
    remark: str = Field("", max_length=2000)
    roll_back_to: int | None = Field(None, ge=1, description="The version to go back to, whose plan this is")


@router.get("", summary="Releases of a plant, newest first", **needs(Action.LOOK, problems.NOT_FOUND))
def newest(call: Asked, paging: Paged, plant: Plant = None) -> ReleaseList:
    """All versions, also those that were rolled back."""
    below = None if paging.after is None else paging.after[0]
    rows = call.store.releases.newest(_plant(call, plant), paging.fetch, below)
    page, cursor = paging.cut(rows, lambda release: (release.number, release.id))
    return ReleaseList(items=[release_document(one) for one in page], next=cursor)


@router.get("/current", summary="The release in force, and what waits", **needs(Action.LOOK, problems.NOT_FOUND))
def current(call: Asked, response: Response, plant: Plant = None) -> CurrentDocument:
    """Read it before a release: its ETag says on top of what the release is."""
    named = _plant(call, plant)
    release = call.store.releases.current(named)
    response.headers["ETag"] = tag_of(named, release)
    return CurrentDocument(
        plant=named, release=None if release is None else release_document(release),
        needs_two_people=releasing.needs_four_eyes(named),
        proposals=[proposal_document(one) for one in call.store.releases.waiting_proposals(named)],
    )  # fmt: skip


@router.get(
    "/leaving", summary="The orders that leave the plan when a plan is released", **needs(Action.LOOK, problems.NOT_FOUND)
)
def leaving(call: Asked, plan: Annotated[Id, Query(description="The plan that is to be released")]) -> LeavingDocument:
    """Compared with the release in force; nothing leaves before the first one."""
    stored = call.store.schedules.get(plan)
    found = call.store.releases.leaving(call.store.snapshots.get(stored.snapshot_id).plant, stored.snapshot_id)
    lost = losses(found)
    return LeavingDocument(
        plan=plan, must_acknowledge=_orders(lost), without=_orders([one for one in found if one not in lost])
    )


@router.get("/{release_id}", summary="A release", **needs(Action.LOOK, problems.NOT_FOUND))
def one(release_id: Id, call: Asked) -> ReleaseDetail:
    """With what was acknowledged, and how far it has come on its way to the ERP."""
    return _detail(call.store, call.store.releases.get(release_id))


@router.post("", summary="Release a plan", status_code=201, response_model=ReleaseDetail, **_DECIDED)
def approve(body: Decision, call: Keyed, if_match: IfMatch = None) -> Response:
    """The ERP is looked at first; then approval, dispatch list and message are stored together, or nothing."""

    def work(request_id: str) -> Made:
        found = call.store.releases.of_request(request_id)
        if found is None:
            before = _on_top_of(call, if_match, _plant_of_plan(call, body.plan))
            found = authorized.approve(
                call.store, call.actor,
                ApprovalRequest(
                    request_id, body.plan, body.content_sha256, call.actor.name, body.comment, before, body.override_reason,
                    tuple(body.acknowledged),
                ),
            )  # fmt: skip
        _same_decision(found.approver == call.actor.name and found.schedule_id == body.plan)
        return _released(call, found)

    return call.once(work)


@router.post(
    "/{release_id}:roll-back", summary="Release an earlier plan once more", status_code=201, response_model=ReleaseDetail,
    **_DECIDED,
)  # fmt: skip
def roll_back(release_id: Id, body: RollBack, call: Keyed, if_match: IfMatch = None) -> Response:
    """The plan of this release is in force again, as a new version."""

    def work(request_id: str) -> Made:
        found = call.store.releases.of_request(request_id)
        earlier = call.store.releases.get(release_id)
        if found is None:
            before = _on_top_of(call, if_match, earlier.plant)
            assert before is not None  # there is an earlier release, so one is in force
            found = authorized.roll_back(
                call.store, call.actor,
                RollbackRequest(
                    request_id, earlier.plant, earlier.number, call.actor.name, body.reason, before, body.override_reason,
                    tuple(body.acknowledged),
                ),
            )  # fmt: skip
        _same_decision(found.approver == call.actor.name and found.schedule_id == earlier.schedule_id)
        return _released(call, found)

    return call.once(work)


@router.post(
    "/proposals", summary="Ask somebody else to release a plan", status_code=201, response_model=ProposalDocument, **_DECIDED
)
def propose(body: Wish, call: Keyed, if_match: IfMatch = None) -> Response:
    """Where a plant's releases need two people. No token of the same person can approve what one of them has proposed."""

    def work(request_id: str) -> Made:
        found = call.store.releases.proposal_of_request(request_id)
        if found is None:
            before = _on_top_of(call, if_match, _plant_of_plan(call, body.plan))
            found = authorized.propose(
                call.store, call.actor,
                ProposalRequest(
                    request_id, body.plan, body.content_sha256, call.actor.name, body.remark, before, body.roll_back_to
                ),
            )  # fmt: skip
        _same_decision(found.proposer == call.actor.name and found.schedule_id == body.plan)
        return Made(proposal_document(found), 201)

    return call.once(work)


@router.post(
    "/{release_id}:retry-delivery", summary="Try a delivery that was given up once more", response_model=ReleaseDetail,
    **needs(Action.APPROVE, problems.NOT_FOUND, problems.REFUSED, problems.IN_FLIGHT, problems.KEY_REUSED),
)  # fmt: skip
def retry_delivery(release_id: Id, call: Keyed) -> Response:
    """The exporter tries again at its next look."""

    def work(request_id: str) -> Made:
        del request_id  # a second retry changes nothing
        authorized.retry_delivery(call.store, call.actor, release_id, call.actor.name)
        return Made(_detail(call.store, call.store.releases.get(release_id)))

    return call.once(work)


def tag_of(plant: str, release: Release | None) -> str:
    """The tag of what is in force for a plant."""
    return etag_of("release", plant, None if release is None else release.id)


def release_document(release: Release) -> ReleaseDocument:
    """A stored release."""
    return ReleaseDocument(
        id=release.id, plant=release.plant, version=release.number, plan=release.schedule_id, snapshot=release.snapshot_id,
        content_sha256=release.content_sha256, approver=release.approver, comment=release.comment,
        approved_at=release.approved_at, override_reason=release.override_reason,
    )  # fmt: skip


def proposal_document(proposal: Proposal) -> ProposalDocument:
    """A stored proposal."""
    return ProposalDocument(
        id=proposal.id, plan=proposal.schedule_id, content_sha256=proposal.content_sha256, proposer=proposal.proposer,
        remark=proposal.remark, roll_back_to=proposal.back_to, proposed_at=proposal.proposed_at,
    )  # fmt: skip


def _detail(store: Store, release: Release) -> ReleaseDetail:
    delivery = store.deliveries.of_release(release.id)
    acknowledged = store.releases.acknowledged(release.id)
    return ReleaseDetail(
        **release_document(release).model_dump(),
        rolled_back_to=store.releases.rolled_back(release.plant).get(release.number),
        acknowledged=[LeftOrder(order=order, reason=reason) for order, reason in acknowledged.items()],
        delivery=DeliveryDocument(
            state=delivery.state, attempts=delivery.attempts, confirmed_at=delivery.confirmed_at,
            next_try_at=delivery.next_try_at, last_error=delivery.last_error,
        ),
    )  # fmt: skip


def _orders(found: list[LeavingJob] | tuple[LeavingJob, ...]) -> list[LeftOrder]:
    return [LeftOrder(order=one.job.id, reason=one.because.value) for one in found]


def _plant(call: Call, plant: str | None) -> str:
    """Raises NotFound where none is named and no snapshot is there."""
    return plant if plant is not None else call.store.snapshots.needed_latest().plant


def _plant_of_plan(call: Call, plan: str) -> str:
    return call.store.snapshots.get(call.store.schedules.get(plan).snapshot_id).plant


def _on_top_of(call: Call, if_match: str | None, plant: str) -> int | None:
    """The number of the release in force, which must be the one that was read. Raises Problem (412, 428)."""
    release = call.store.releases.current(plant)
    must_match(if_match, tag_of(plant, release))
    return None if release is None else release.number


def _same_decision(same: bool) -> None:
    """Raises Problem where the key has led to another decision."""
    if not same:
        raise Problem(problems.KEY_REUSED, "The key was used for another release or proposal.")


def _released(call: KeyedCall, release: Release) -> Made:
    return Made(_detail(call.store, release), 201, {"Location": f"{router.prefix}/{release.id}"})
