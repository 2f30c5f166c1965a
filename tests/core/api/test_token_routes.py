"""Tokens, roles and checkpoints over the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from scheduler_core.api.app import create_app
from scheduler_core.api.service import Service
from scheduler_core.data.store import Store
from scheduler_core.roles import Role
from scheduler_core.services import authorized, bearer_tokens
from scheduler_core.settings.api_settings import ApiSettings
from scheduler_core.settings.sign_in import SignIn
from tests.support.api import client, problem
from tests.support.identity_provider import Provider, provider

ANN, BOSS = "ann@example.org", "boss@example.org"
SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()
WISH = {"name": "MES", "roles": ["planner"], "expires_at": SOON}


@pytest.fixture(scope="module")
def idp() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def app(store: Store, idp: Provider) -> FastAPI:
    """The API for people who sign in at the provider."""
    for person, role in ((ANN, "planner"), (ANN, "viewer"), (BOSS, "admin")):
        store.roles.grant(person, role, "setup")
    settings = SignIn(way="oidc", issuer=idp.address, audience="shopwright-api")
    return create_app(Service(store, bearer_tokens.identifier(settings), ApiSettings()))


def person(app: FastAPI, idp: Provider, name: str = ANN) -> TestClient:
    return client(app, idp.access_token(email=name))


def test_a_person_makes_a_token_that_is_shown_once_and_works_until_revoked(app: FastAPI, idp: Provider) -> None:
    ann = person(app, idp)
    made = ann.post("/v1/tokens", json=WISH, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    secret, identity = made.json()["secret"], made.json()["token"]["id"]
    assert problem(ann.post("/v1/tokens", json=WISH, headers={"Idempotency-Key": "one"}), 409) == "answered-once"
    assert secret not in ann.get("/v1/tokens").text
    assert [one["id"] for one in ann.get("/v1/tokens").json()["items"]] == [identity]
    program = client(app, secret)
    assert program.get("/v1/plans").status_code == 200
    assert problem(program.post("/v1/releases", json={}), 403) == "forbidden"
    assert problem(program.post("/v1/tokens", json=WISH), 409) == "refused", "a token would outlive itself"
    assert person(app, idp, BOSS).delete(f"/v1/tokens/{identity}").status_code == 204
    refused = program.get("/v1/plans")
    assert problem(refused, 401) == "not-authenticated"
    assert "revoked" not in refused.text


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [({"roles": ["admin"]}, 409, "refused"), ({"roles": []}, 422, "invalid-value"),
     ({"roles": ["owner"]}, 422, "invalid-value"),
     ({"expires_at": None}, 422, "invalid-value"), ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "invalid-value"),
     ({"expires_at": "2090-01-01T00:00:00Z"}, 422, "invalid-value"), ({"name": ""}, 422, "invalid-value")],
)  # fmt: skip
def test_a_token_with_too_much_is_refused(
    app: FastAPI, idp: Provider, store: Store, change: dict[str, object], status: int, kind: str
) -> None:
    assert problem(person(app, idp).post("/v1/tokens", json={**WISH, **change}), status) == kind
    assert store.tokens.every() == ()


def test_somebody_elses_token_is_not_seen_and_not_revoked(app: FastAPI, idp: Provider, store: Store) -> None:
    identity = person(app, idp).post("/v1/tokens", json=WISH).json()["token"]["id"]
    store.roles.grant("eve@example.org", "viewer", "setup")
    eve = person(app, idp, "eve@example.org")
    assert eve.get("/v1/tokens").json()["items"] == []
    assert problem(eve.delete(f"/v1/tokens/{identity}"), 409) == "refused"
    assert problem(eve.delete("/v1/tokens/000000000000"), 404) == "not-found"


def test_roles_are_given_and_taken_and_the_last_admin_stays(app: FastAPI, idp: Provider, store: Store) -> None:
    boss = person(app, idp, BOSS)
    assert boss.put("/v1/roles/bob@example.org/approver").status_code == 204
    assert store.roles.of("bob@example.org") == {Role.APPROVER}
    assert {(one["person"], one["role"]) for one in boss.get("/v1/roles").json()["items"]} == {
        (ANN, "planner"), (ANN, "viewer"), (BOSS, "admin"), ("bob@example.org", "approver"),
    }  # fmt: skip
    assert boss.delete("/v1/roles/bob@example.org/approver").status_code == 204
    assert problem(boss.delete(f"/v1/roles/{BOSS}/admin"), 409) == "refused"
    assert problem(boss.put("/v1/roles/bob%E2%80%8B/viewer"), 422) == "invalid-value"
    assert problem(boss.put("/v1/roles/bob/owner"), 422) == "invalid-value"
    line = store.audit.newest(2)[1]
    assert (line.action, line.subject) == ("use-token", "oidc:mes"), "the trail names the program"


def test_checkpoints_are_listed_and_chosen_by_admins(
    app: FastAPI, idp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    boss = person(app, idp, BOSS)
    chosen: list[tuple[str, str]] = []
    listed = boss.get("/v1/models").json()["items"]
    assert [one["active"] for one in listed].count(True) == 1
    assert all(one["fault"] is None for one in listed)
    monkeypatch.setattr(authorized, "activate_model", lambda store, actor, name: chosen.append((actor.name, name)))
    assert problem(boss.post("/v1/models/none:activate"), 404) == "not-found"
    name = listed[0]["name"]
    assert boss.post(f"/v1/models/{name}:activate").json()["name"] == name
    assert chosen == [(BOSS, name)]
