"""The table of roles and actions, said once more by hand, and asked through every function that acts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.alert_repository import AlertRepository
from scheduler_core.data.store.delivery_repository import DeliveryRepository
from scheduler_core.data.store.frozen_zone_repository import FrozenZoneRepository
from scheduler_core.data.store.records import ApprovalRequest, ProposalRequest, RollbackRequest, RunRequest
from scheduler_core.data.store.role_repository import RoleRepository
from scheduler_core.data.store.run_repository import RunRepository
from scheduler_core.data.store.scenario_repository import ScenarioRepository
from scheduler_core.data.store.service_token_repository import ServiceTokenRepository
from scheduler_core.data.store.withdrawal_repository import WithdrawalRepository
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_sheet import JobSheet
from scheduler_core.interchange.plant_workbook import PlantWorkbook
from scheduler_core.interchange.sheet_faults import SheetFault
from scheduler_core.roles import ALLOWED, LOCAL, Action, Actor, Forbidden, Role
from scheduler_core.runs import manual
from scheduler_core.runs import request as run_requests
from scheduler_core.scenarios.changes import ImportanceChanged
from scheduler_core.scenarios.expedite import Point
from scheduler_core.schedule import Schedule
from scheduler_core.services import (
    arrived_orders,
    assumptions,
    authorized,
    downtimes,
    expediting,
    facts,
    job_import,
    pinning,
    pulling,
    releasing,
    service_tokens,
    snapshot_upload,
    what_if,
)
from tests.support.role_matrix import MATRIX
from tests.support.sample_plans import fresh, planned, small_plant

NOW = datetime(2025, 7, 21, 8)
DOWN = downtimes.Stated(1, NOW, None, "why")
FACT = facts.Stated(ImportanceChanged("J1", True), NOW, "why")
ACTS: dict[str, tuple[Action, Callable[[Store, Actor], object]]] = {
    "pull": (Action.PULL, lambda s, a: authorized.pull(s, a, fresh())),
    "add_jobs": (Action.PULL, lambda s, a: authorized.add_jobs(s, a, "x", _sheet(), fresh())),
    "load_workbook": (Action.PULL, lambda s, a: authorized.load_workbook(s, a, _workbook(), fresh())),
    "upload_snapshot": (Action.PULL, lambda s, a: authorized.upload_snapshot(s, a, small_plant(), "x.json", fresh())),
    "report_order": (
        Action.PULL,
        lambda s, a: authorized.report_order(s, a, small_plant().jobs[0], small_plant(), "mes", fresh()),
    ),
    "acknowledge_alert": (Action.PLAN, lambda s, a: authorized.acknowledge_alert(s, a, "x")),
    "remove_job": (Action.PULL, lambda s, a: authorized.remove_job(s, a, "x", "J1", fresh())),
    "submit": (Action.PLAN, lambda s, a: authorized.submit(s, a, RunRequest(fresh(), "x", "greedy"))),
    "cancel_run": (Action.PLAN, lambda s, a: authorized.cancel_run(s, a, "x")),
    "keep_run": (Action.PLAN, lambda s, a: authorized.keep_run(s, a, "x")),
    "keep_moves": (Action.PLAN, lambda s, a: authorized.keep_moves(s, a, "x", (), fresh())),
    "pin": (Action.PLAN, lambda s, a: authorized.pin(s, a, "x", ("J1", 1), now=0, reason="why", request_id=fresh())),
    "set_frozen_zone": (Action.PLAN, lambda s, a: authorized.set_frozen_zone(s, a, "x", 8, {})),
    "record_downtime": (Action.PLAN, lambda s, a: authorized.record_downtime(s, a, DOWN, now=NOW, request_id=fresh())),
    "change_downtime": (Action.PLAN, lambda s, a: authorized.change_downtime(s, a, "x", None, now=NOW, request_id=fresh())),
    "end_downtime": (Action.PLAN, lambda s, a: authorized.end_downtime(s, a, "x", now=NOW, request_id=fresh())),
    "record_fact": (Action.PLAN, lambda s, a: authorized.record_fact(s, a, FACT, now=NOW, request_id=fresh())),
    "undo_fact": (Action.PLAN, lambda s, a: authorized.undo_fact(s, a, "x", now=NOW, request_id=fresh())),
    "facts_from_what_if": (
        Action.PLAN,
        lambda s, a: authorized.facts_from_what_if(s, a, "x", reason="why", now=NOW, request_id=fresh()),
    ),
    "answer_assumption": (
        Action.PLAN,
        lambda s, a: authorized.answer_assumption(s, a, assumptions.Answer("x", "y", 0, True), now=NOW, request_id=fresh()),
    ),
    "unpin": (Action.PLAN, lambda s, a: authorized.unpin(s, a, "x", ("J1", 1), fresh())),
    "ask_what_if": (Action.WHAT_IF, lambda s, a: authorized.ask_what_if(s, a, what_if.Question(fresh(), "x", ()))),
    "name_scenario": (Action.WHAT_IF, lambda s, a: authorized.name_scenario(s, a, "x", "n")),
    "promote": (Action.WHAT_IF, lambda s, a: authorized.promote(s, a, "x")),
    "withdraw_plan": (Action.PLAN, lambda s, a: authorized.withdraw_plan(s, a, "x")),
    "withdraw_scenario": (Action.WHAT_IF, lambda s, a: authorized.withdraw_scenario(s, a, "x")),
    "keep_expedited": (Action.WHAT_IF, lambda s, a: authorized.keep_expedited(s, a, *_expedited())),
    "approve": (Action.APPROVE, lambda s, a: authorized.approve(s, a, ApprovalRequest(fresh(), "x", "0" * 64, "Eve"))),
    "roll_back": (
        Action.APPROVE,
        lambda s, a: authorized.roll_back(s, a, RollbackRequest(fresh(), "x", 1, "Eve", "why", 2)),
    ),
    "propose": (Action.APPROVE, lambda s, a: authorized.propose(s, a, ProposalRequest(fresh(), "x", "0" * 64, "Eve"))),
    "retry_delivery": (Action.APPROVE, lambda s, a: authorized.retry_delivery(s, a, "x", "Eve")),
    "activate_model": (Action.ACTIVATE_MODEL, lambda s, a: authorized.activate_model(s, a, "no-such-checkpoint")),
    "grant_role": (Action.MANAGE_ROLES, lambda s, a: authorized.grant_role(s, a, "x@example.org", "nothing")),
    "revoke_role": (Action.MANAGE_ROLES, lambda s, a: authorized.revoke_role(s, a, "x@example.org", "nothing")),
    "make_token": (
        Action.LOOK,
        lambda s, a: authorized.make_token(s, a, name="x", roles=(), expires_at=NOW, request_id=fresh()),
    ),
    "revoke_token": (Action.LOOK, lambda s, a: authorized.revoke_token(s, a, "x")),
    "tokens": (Action.LOOK, lambda s, a: authorized.tokens(s, a)),
    "roles_in_force": (Action.MANAGE_ROLES, lambda s, a: authorized.roles_in_force(s, a)),
}
"""Every function that acts, called so that it comes to no effect: past the check it does not find what it is given."""


def _expedited() -> tuple[expediting.ExpediteQuestion, Point]:
    """A question about a plan that is not in the store."""
    return expediting.ExpediteQuestion("x", "J1"), Point(Schedule(()), 1, (), 0, 0)


def _workbook() -> PlantWorkbook:
    return PlantWorkbook("x.xlsx", None, (SheetFault("Plant", 1, "setting", "plant", "has no row"),), None)


def _sheet() -> JobSheet:
    return JobSheet("none.csv", 0, 0, (), (), 0)


class Reached(Exception):
    """What lies behind the check was called."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path / "models"))
    yield opened
    opened.close()


def reached(*_: object, **__: object) -> object:
    raise Reached


def test_the_table_is_this_one() -> None:
    assert {role: set(actions) for role, actions in ALLOWED.items()} == MATRIX
    assert set(Action) == set().union(*MATRIX.values())


def test_every_service_that_takes_an_actor_is_in_the_matrix() -> None:
    takes_actor = {
        name for name, f in inspect.getmembers(authorized, inspect.isfunction)
        if f.__module__ == authorized.__name__ and "actor" in inspect.signature(f).parameters
    }  # fmt: skip
    assert takes_actor - {"may", "require"} == set(ACTS)


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("act", ACTS)
def test_a_role_may_what_its_line_says_and_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch, role: Role | None, act: str
) -> None:
    for module, names in (
        (pulling, ("pull",)),
        (run_requests, ("submit",)),
        (manual, ("keep_moves",)),
        (releasing, ("approve", "roll_back", "propose")),
        (what_if, ("keep",)),
        (job_import, ("add_jobs", "remove_job")),
        (pinning, ("pin", "unpin")),
        (downtimes, ("record", "change_end", "back_in_service")),
        (facts, ("record", "undo", "from_what_if")),
        (assumptions, ("answer",)),
        (expediting, ("keep",)),
        (FrozenZoneRepository, ("set_zone",)),
        (WithdrawalRepository, ("change_plan", "change_scenario")),
        (RunRepository, ("request_cancel", "request_keep")),
        (ScenarioRepository, ("give_name", "promote")),
        (RoleRepository, ("granted",)),
        (service_tokens, ("make", "revoke")),
        (ServiceTokenRepository, ("every",)),
        (DeliveryRepository, ("retry",)),
        (snapshot_upload, ("upload",)),
        (arrived_orders, ("arrive",)),
        (AlertRepository, ("acknowledge",)),
    ):
        for name in names:
            monkeypatch.setattr(module, name, reached)
    if role is not None:
        store.roles.grant("ann@example.org", role, "test")
    before = store.audit.newest()
    action, call = ACTS[act]
    if role is not None and action in MATRIX[role]:
        with pytest.raises((Reached, InvalidValue)):  # a checkpoint or a role that is not there
            call(store, Actor("ann@example.org"))
    else:
        with pytest.raises(Forbidden) as caught:
            call(store, Actor("ann@example.org"))
        assert set(caught.value.needed) == {r for r, actions in MATRIX.items() if action in actions}
        assert all(needed.value in str(caught.value) for needed in caught.value.needed)
        assert "ann@example.org" in str(caught.value)
    assert store.audit.newest() == before


def test_where_nobody_signs_in_everything_is_allowed(store: Store) -> None:
    assert all(authorized.may(store, LOCAL, action) for action in Action)


def test_a_role_counts_from_the_moment_it_is_given_until_it_is_taken(store: Store) -> None:
    ann = Actor("ann@example.org")
    assert not authorized.may(store, ann, Action.PLAN)
    assert store.roles.grant("Ann@Example.org", "planner", "boss")
    assert not store.roles.grant("ann@example.org", "planner", "boss")
    assert authorized.may(store, ann, Action.PLAN)
    assert not authorized.may(store, Actor("bob@example.org"), Action.PLAN)
    assert store.roles.revoke("ann@example.org", "planner", "chief")
    assert not store.roles.revoke("ann@example.org", "planner", "chief")
    assert not authorized.may(store, ann, Action.LOOK)
    assert [(e.actor, e.action, e.subject, e.detail) for e in store.audit.newest()] == [
        ("chief", "revoke-role", "ann@example.org", {"role": "planner"}),
        ("boss", "grant-role", "ann@example.org", {"role": "planner"}),
    ]


def test_who_signed_in_stands_in_every_record(store: Store) -> None:
    made = planned(store)
    for role in ("planner", "approver"):
        store.roles.grant("ann@example.org", role, "test")
    ann = Actor("ann@example.org")
    authorized.submit(store, ann, RunRequest(fresh(), made.snapshot, "greedy", actor="somebody else"))
    assert (store.audit.newest()[0].actor, store.audit.newest()[0].action) == ("ann@example.org", "run")
    content = store.schedules.get(made.schedule).content_sha256
    authorized.approve(store, ann, ApprovalRequest(fresh(), made.schedule, content, "somebody else"))
    assert (store.audit.newest()[0].actor, store.audit.newest()[0].action) == ("ann@example.org", "approve")
    assert [r.approver for r in store.releases.newest(store.snapshots.get(made.snapshot).plant)] == ["ann@example.org"]
