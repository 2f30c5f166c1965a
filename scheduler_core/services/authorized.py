"""Everything that a person can do, with the person's right to it checked here, where it is done.

Each function takes who acts and first asks the store for that person's roles as of now, so that a role taken away counts at
once; it raises ``Forbidden`` naming the role that is missing, before anything is read or written. The actor goes into every
record and audit line, and of a program the token with which it acts. Pages call these functions and never what lies below
them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from scheduler_core.data.read_progress import NULL_PROGRESS, ReadProgress
from scheduler_core.data.store import Store
from scheduler_core.data.store.frozen_zones import Seen, anything
from scheduler_core.data.store.records import (
    ApprovalRequest,
    Granted,
    Proposal,
    ProposalRequest,
    Release,
    RollbackRequest,
    RunRequest,
    Scenario,
    ServiceToken,
)
from scheduler_core.data.store_errors import Refused
from scheduler_core.roles import Action, Actor, Forbidden, Role, allows
from scheduler_core.runs import manual
from scheduler_core.runs import request as run_requests
from scheduler_core.services import (
    assumptions,
    downtimes,
    job_import,
    pulling,
    releasing,
    service_tokens,
    snapshot_upload,
    what_if,
    workbook_loading,
)

if TYPE_CHECKING:
    from scheduler_core.interchange.job_sheet import JobSheet
    from scheduler_core.interchange.plant_workbook import PlantWorkbook
    from scheduler_core.plant import Job, Plant
    from scheduler_core.scenarios.expedite import Point
    from scheduler_core.scenarios.manual_moves import Move
    from scheduler_core.services import expediting, facts


def may(store: Store, actor: Actor, action: Action) -> bool:
    """Whether the actor has a role that allows the action; of a token, one that the owner has now and the token got."""
    return actor.unrestricted or allows(actor.counting(store.roles.of(actor.name)), action)


def require(store: Store, actor: Actor, action: Action) -> None:
    """Raises Forbidden unless the actor may. What follows in this thread is told with the actor's token in the trail."""
    if not may(store, actor, action):
        raise Forbidden(actor.name, action)
    store.audit.name_token(actor.name, actor.token)


# ---------------------------------------------------------------- jobs
def pull(store: Store, actor: Actor, request_id: str, listener: ReadProgress = NULL_PROGRESS) -> str:
    """Read the ERP into a new snapshot. See ``pulling.pull``."""
    require(store, actor, Action.PULL)
    return pulling.pull(store, request_id=request_id, actor=actor.name, listener=listener)


def add_jobs(store: Store, actor: Actor, snapshot_id: str, sheet: JobSheet, request_id: str) -> str:
    """Add a table's jobs to a new snapshot. See ``job_import.add_jobs``."""
    require(store, actor, Action.PULL)
    return job_import.add_jobs(store, snapshot_id, sheet, request_id=request_id, actor=actor.name)


def load_workbook(store: Store, actor: Actor, book: PlantWorkbook, request_id: str) -> str:
    """Make a plant's workbook a new snapshot. See ``workbook_loading.load_workbook``."""
    require(store, actor, Action.PULL)
    return workbook_loading.load_workbook(store, book, request_id=request_id, actor=actor.name)


def remove_job(store: Store, actor: Actor, snapshot_id: str, job: str, request_id: str) -> str:
    """Take a job that came from a table out again. See ``job_import.remove_job``."""
    require(store, actor, Action.PULL)
    return job_import.remove_job(store, snapshot_id, job, request_id=request_id, actor=actor.name)


def upload_snapshot(store: Store, actor: Actor, plant: Plant, file: str, request_id: str) -> str:
    """Make the plant of a snapshot file a new snapshot. See ``snapshot_upload.upload``."""
    require(store, actor, Action.PULL)
    return snapshot_upload.upload(store, plant, file, request_id=request_id, actor=actor.name)


def report_order(store: Store, actor: Actor, job: Job, counted_from: Plant, source: str, request_id: str) -> str:
    """Plan an order that the ERP does not have yet. See ``arrived_orders.arrive``."""
    from scheduler_core.services import arrived_orders

    require(store, actor, Action.PULL)
    return arrived_orders.arrive(store, job, counted_from, source, request_id=request_id, actor=actor.name)


# ---------------------------------------------------------------- runs and plans
def submit(store: Store, actor: Actor, request: RunRequest) -> str:
    """Queue a run. See ``runs.request.submit``."""
    require(store, actor, Action.PLAN)
    return run_requests.submit(store, replace(request, actor=actor.name))


def cancel_run(store: Store, actor: Actor, run_id: str) -> None:
    """Ask a run to stop. See ``Store.runs.request_cancel``."""
    require(store, actor, Action.PLAN)
    store.runs.request_cancel(run_id, actor.name)


def keep_run(store: Store, actor: Actor, run_id: str) -> None:
    """Ask a run to end with the best so far. See ``Store.runs.request_keep``."""
    require(store, actor, Action.PLAN)
    store.runs.request_keep(run_id, actor.name)


def keep_moves(store: Store, actor: Actor, based_on: str, moves: Sequence[Move], request_id: str) -> str:
    """Keep a plan that was changed by hand. See ``runs.manual.keep_moves``."""
    require(store, actor, Action.PLAN)
    return manual.keep_moves(store, based_on, moves, request_id, actor.name)


def set_frozen_zone(
    store: Store, actor: Actor, plant: str, hours: float, by_type: Mapping[int, float], seen: Seen = anything
) -> bool:
    """Set the hours in which replans leave operations where they are. See ``Store.frozen_zones.set_zone``."""
    require(store, actor, Action.PLAN)
    return store.frozen_zones.set_zone(plant, hours, by_type, actor.name, seen)


# ---------------------------------------------------------------- what is so on the floor
def record_downtime(
    store: Store, actor: Actor, stated: downtimes.Stated, *, now: datetime, request_id: str
) -> str:  # fmt: skip
    """Record that a machine is down. See ``downtimes.record``."""
    require(store, actor, Action.PLAN)
    return downtimes.record(store, stated, now=now, actor=actor.name, request_id=request_id)


def change_downtime(
    store: Store, actor: Actor, downtime_id: str, end: datetime | None, *, now: datetime, request_id: str
) -> str:
    """Another end of a recorded downtime. See ``downtimes.change_end``."""
    require(store, actor, Action.PLAN)
    return downtimes.change_end(store, downtime_id, end, now=now, actor=actor.name, request_id=request_id)


def end_downtime(store: Store, actor: Actor, downtime_id: str, *, now: datetime, request_id: str) -> str:
    """A machine is back in service. See ``downtimes.back_in_service``."""
    require(store, actor, Action.PLAN)
    return downtimes.back_in_service(store, downtime_id, now=now, actor=actor.name, request_id=request_id)


def acknowledge_alert(store: Store, actor: Actor, incident_id: str) -> bool:
    """Note that somebody has seen an alert. See ``Store.alerts.acknowledge``."""
    require(store, actor, Action.PLAN)
    return store.alerts.acknowledge(incident_id, actor.name)


def answer_assumption(
    store: Store, actor: Actor, answer: assumptions.Answer, *, now: datetime, request_id: str
) -> str | None:  # fmt: skip
    """Say whether an assumption came true. See ``assumptions.answer``."""
    require(store, actor, Action.PLAN)
    return assumptions.answer(store, answer, now=now, actor=actor.name, request_id=request_id)


def record_fact(store: Store, actor: Actor, stated: facts.Stated, *, now: datetime, request_id: str) -> facts.Recorded:
    """Record what a planner knows and the ERP does not say. See ``facts.record``."""
    from scheduler_core.services import facts  # compiled code, which a page that only reads does without

    require(store, actor, Action.PLAN)
    return facts.record(store, stated, now=now, actor=actor.name, request_id=request_id)


def undo_fact(
    store: Store, actor: Actor, fact_id: str, *, now: datetime, request_id: str, reason: str = ""
) -> str:  # fmt: skip
    """Undo a fact. See ``facts.undo``."""
    from scheduler_core.services import facts

    require(store, actor, Action.PLAN)
    return facts.undo(store, fact_id, now=now, actor=actor.name, request_id=request_id, reason=reason)


def facts_from_what_if(
    store: Store, actor: Actor, scenario_id: str, *, reason: str, now: datetime, request_id: str
) -> tuple[facts.Recorded, ...]:
    """Record the changes of a what-if that came true as facts. See ``facts.from_what_if``."""
    from scheduler_core.services import facts

    require(store, actor, Action.PLAN)
    return facts.from_what_if(store, scenario_id, reason=reason, now=now, actor=actor.name, request_id=request_id)


# ---------------------------------------------------------------- what-if
def pin(
    store: Store, actor: Actor, schedule_id: str, operation: tuple[str, int], *, now: int, reason: str, request_id: str
) -> str:
    """Pin an operation. See ``pinning.pin``."""
    from scheduler_core.services import pinning  # compiled code, which a page that only reads does without

    require(store, actor, Action.PLAN)
    return pinning.pin(store, schedule_id, operation, now=now, reason=reason, actor=actor.name, request_id=request_id)


def unpin(store: Store, actor: Actor, schedule_id: str, operation: tuple[str, int], request_id: str) -> str | None:
    """Set a pinned operation free. See ``pinning.unpin``."""
    from scheduler_core.services import pinning

    require(store, actor, Action.PLAN)
    return pinning.unpin(store, schedule_id, operation, actor=actor.name, request_id=request_id)


def ask_what_if(store: Store, actor: Actor, question: what_if.Question) -> Scenario:
    """Keep what a question assumes. See ``what_if.keep``."""
    require(store, actor, Action.WHAT_IF)
    return what_if.keep(store, replace(question, actor=actor.name))


def keep_expedited(
    store: Store, actor: Actor, question: expediting.ExpediteQuestion, point: Point
) -> expediting.KeptPoint:  # fmt: skip
    """Keep a plan in which an order is expedited. See ``expediting.keep``."""
    from scheduler_core.services import expediting  # compiled code, which a page that only reads does without

    require(store, actor, Action.WHAT_IF)
    return expediting.keep(store, replace(question, actor=actor.name), point)


def name_scenario(store: Store, actor: Actor, scenario_id: str, name: str) -> None:
    """Keep a scenario under a name. See ``Store.scenarios.give_name``."""
    require(store, actor, Action.WHAT_IF)
    store.scenarios.give_name(scenario_id, name, actor.name)


def promote(store: Store, actor: Actor, schedule_id: str) -> None:
    """Put a scenario's plan up for approval. See ``Store.scenarios.promote``."""
    require(store, actor, Action.WHAT_IF)
    store.scenarios.promote(schedule_id, actor.name)


def withdraw_plan(store: Store, actor: Actor, schedule_id: str, *, withdraw: bool = True) -> bool:
    """Withdraw a plan that was not released, or take it back in (``withdraw`` False). See ``Store.withdrawals``."""
    require(store, actor, Action.PLAN)
    return store.withdrawals.change_plan(schedule_id, withdraw=withdraw, actor=actor.name)


def withdraw_scenario(store: Store, actor: Actor, scenario_id: str, *, withdraw: bool = True) -> bool:
    """Withdraw a scenario with its plans, or take it back in (``withdraw`` False). See ``Store.withdrawals``."""
    require(store, actor, Action.WHAT_IF)
    return store.withdrawals.change_scenario(scenario_id, withdraw=withdraw, actor=actor.name)


# ---------------------------------------------------------------- programs
def make_token(
    store: Store, actor: Actor, *, name: str, roles: Collection[Role], expires_at: datetime, request_id: str
) -> service_tokens.NewlyMade:
    """Make a token for oneself, and for nobody else. See ``service_tokens.make``.

    Also raises Refused for a program with a service token, which would outlive its own expiry with another one.
    """
    require(store, actor, Action.LOOK)
    if actor.unrestricted:
        raise Refused("where nobody signs in, 'shopwright tokens new --owner PERSON' makes tokens")
    if actor.only is not None:
        raise Refused("a service token cannot make tokens: a person does")
    return service_tokens.make(
        store, owner=actor.name, name=name, roles=roles, expires_at=expires_at, actor=actor.name, request_id=request_id
    )  # fmt: skip


def revoke_token(store: Store, actor: Actor, token_id: str) -> bool:
    """Revoke a token: of one's own, or as an admin anybody's; a program with a service token only that one. See
    ``service_tokens.revoke``."""
    require(store, actor, Action.LOOK)
    if may(store, actor, Action.MANAGE_ROLES):
        return service_tokens.revoke(store, token_id, actor=actor.name)
    if actor.only is not None and actor.token != token_id:
        raise Refused("a service token can revoke itself and no other one")
    return service_tokens.revoke(store, token_id, actor=actor.name, owner=actor.name)


def tokens(store: Store, actor: Actor) -> tuple[ServiceToken, ...]:
    """One's own tokens, or as an admin everybody's; those that were made last first."""
    require(store, actor, Action.LOOK)
    return store.tokens.every(None if may(store, actor, Action.MANAGE_ROLES) else actor.name)


# ---------------------------------------------------------------- releases and the board itself
def approve(store: Store, actor: Actor, request: ApprovalRequest, listener: ReadProgress = NULL_PROGRESS) -> Release:
    """Release a plan. Who signed in is the approver, whatever the request says. See ``releasing.approve``."""
    require(store, actor, Action.APPROVE)
    signed = request if actor.unrestricted else replace(request, approver=actor.name)
    return releasing.approve(store, signed, listener=listener)


def roll_back(store: Store, actor: Actor, request: RollbackRequest, listener: ReadProgress = NULL_PROGRESS) -> Release:
    """Go back to an earlier release. Who signed in is the approver. See ``releasing.roll_back``."""
    require(store, actor, Action.APPROVE)
    signed = request if actor.unrestricted else replace(request, approver=actor.name)
    return releasing.roll_back(store, signed, listener=listener)


def propose(store: Store, actor: Actor, request: ProposalRequest) -> Proposal:
    """Ask for the second name. Who signed in is the proposer. See ``releasing.propose``."""
    require(store, actor, Action.APPROVE)
    return releasing.propose(store, request if actor.unrestricted else replace(request, proposer=actor.name))


def retry_delivery(store: Store, actor: Actor, release_id: str, named: str) -> bool:
    """Let a delivery that was given up be tried again; ``named``: who asks, where nobody signs in. True when it is noted."""
    require(store, actor, Action.APPROVE)
    store.deliveries.retry(release_id, named if actor.unrestricted else actor.name)
    return True


def activate_model(store: Store, actor: Actor, name: str) -> None:
    """Let runs plan with this checkpoint from now on. See ``checkpoint.activate``."""
    require(store, actor, Action.ACTIVATE_MODEL)
    from scheduler_core.policy import checkpoint

    found = checkpoint.activate(name)
    store.audit.record_act(actor.name, "activate-model", found.name, {"sha256": found.sha256})


def grant_role(store: Store, actor: Actor, person: str, role: str) -> bool:
    """Give a role. See ``Store.roles.grant``."""
    require(store, actor, Action.MANAGE_ROLES)
    return store.roles.grant(person, role, actor.name)


def revoke_role(store: Store, actor: Actor, person: str, role: str) -> bool:
    """Take a role. See ``Store.roles.revoke``."""
    require(store, actor, Action.MANAGE_ROLES)
    return store.roles.revoke(person, role, actor.name)


def roles_in_force(store: Store, actor: Actor) -> tuple[Granted, ...]:
    """Who has which role."""
    require(store, actor, Action.MANAGE_ROLES)
    return store.roles.granted()
