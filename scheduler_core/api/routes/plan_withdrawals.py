"""``/v1/plans/PLAN/withdrawal``: plans that lists leave out and nobody releases, until somebody takes them back in."""

from __future__ import annotations

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call
from scheduler_core.api.documents import Document, Id
from scheduler_core.api.routing import needs, resource
from scheduler_core.roles import Action
from scheduler_core.services import authorized

router = resource("plans")
_CHANGED = needs(Action.PLAN, problems.NOT_FOUND, problems.REFUSED)


class WithdrawalDocument(Document):
    """Whether a plan is withdrawn."""

    plan: Id
    withdrawn: bool


@router.get("/{plan_id}/withdrawal", summary="Whether a plan is withdrawn", **needs(Action.LOOK, problems.NOT_FOUND))
def withdrawal(plan_id: Id, call: Asked) -> WithdrawalDocument:
    """A withdrawn plan can be read as before, and cannot be released."""
    return _document(call, plan_id)


@router.post("/{plan_id}:withdraw", summary="Withdraw a plan", **_CHANGED)
def withdraw(plan_id: Id, call: Asked) -> WithdrawalDocument:
    """One that is withdrawn stays so. One that was released stays in the history: 409."""
    authorized.withdraw_plan(call.store, call.actor, plan_id)
    return _document(call, plan_id)


@router.post("/{plan_id}:restore", summary="Take a withdrawn plan back in", **_CHANGED)
def restore(plan_id: Id, call: Asked) -> WithdrawalDocument:
    """One that is not withdrawn stays as it is."""
    authorized.withdraw_plan(call.store, call.actor, plan_id, withdraw=False)
    return _document(call, plan_id)


def _document(call: Call, plan_id: str) -> WithdrawalDocument:
    base = call.store.schedules.get(plan_id).snapshot_id
    return WithdrawalDocument(plan=plan_id, withdrawn=plan_id in call.store.withdrawals.plans(base))
