"""Releases over the API: on top of what was read, told apart refusals, two people, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from scheduler_core.api.app import create_app
from scheduler_core.api.service import Service
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.roles import Role
from scheduler_core.schedule import Schedule
from scheduler_core.services import bearer_tokens, service_tokens
from scheduler_core.settings.api_settings import ApiSettings
from scheduler_core.settings.sign_in import SignIn
from tests.support.api import PEOPLE, client, problem, service_over
from tests.support.sample_plans import Planned, fresh, good_schedule, overlapping_schedule, planned, small_plant

APPROVER = PEOPLE[Role.APPROVER]


@pytest.fixture
def asks(store: Store) -> TestClient:
    """Asks as the approver."""
    return client(create_app(service_over(store)), APPROVER)


def tag(asks: TestClient) -> str:
    return asks.get("/v1/releases/current?plant=tiny").headers["etag"]


def approve(asks: TestClient, plan: Planned, if_match: str | None = "", key: str = "", **more: Any) -> Response:
    headers = {"Idempotency-Key": key or fresh()}
    if if_match is not None:
        headers["If-Match"] = if_match or tag(asks)
    body = {"plan": plan.schedule, "content_sha256": plan.content, **more}
    return asks.post("/v1/releases", json=body, headers=headers)


def test_a_plan_is_released_and_read(store: Store, asks: TestClient) -> None:
    plan = planned(store)
    before = asks.get("/v1/releases/current").json()
    assert (before["release"], before["needs_two_people"], before["proposals"]) == (None, False, [])
    made = approve(asks, plan, comment="first")
    assert made.status_code == 201
    release = made.json()
    assert (release["version"], release["approver"], release["comment"]) == (1, APPROVER, "first")
    assert release["delivery"]["state"] == "pending"
    assert asks.get(made.headers["location"]).json() == release
    assert asks.get("/v1/releases/current").json()["release"]["id"] == release["id"]


def test_a_release_needs_the_tag_of_what_is_in_force(store: Store, asks: TestClient) -> None:
    first, second = planned(store), planned(store, good_schedule(5))
    seen = tag(asks)
    assert problem(approve(asks, first, None), 428) == "precondition-required"
    assert approve(asks, first, seen).status_code == 201
    stale = approve(asks, second, seen)
    assert problem(stale, 412) == "precondition-failed"
    assert stale.headers["etag"] == tag(asks)
    assert approve(asks, second, stale.headers["etag"]).json()["version"] == 2
    assert len(store.releases.newest("tiny")) == 2


def test_the_same_key_releases_once(store: Store, asks: TestClient) -> None:
    plan, other, seen = planned(store), planned(store, good_schedule(5)), tag(asks)
    answers = [approve(asks, plan, seen, "one") for _ in range(3)]
    assert {(one.status_code, one.text) for one in answers} == {(201, answers[0].text)}
    assert problem(approve(asks, other, seen, "one"), 422) == "key-reused"
    assert len(store.releases.newest("tiny")) == 1


def test_a_release_whose_answer_was_lost_is_found_by_its_key(
    store: Store, asks: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the release and the answer: this very release has made the tag stale."""
    plan, seen = planned(store), tag(asks)
    with monkeypatch.context() as dying:
        dying.setattr(store.answers, "keep", _die)
        assert approve(asks, plan, seen, "one").status_code == 500
    assert approve(asks, plan, seen, "one").json()["version"] == 1
    assert len(store.releases.newest("tiny")) == 1


def _die(_: object) -> None:
    raise RuntimeError("gone")


@pytest.mark.parametrize(
    ("of", "change", "kind", "facts"),
    [("rejected", {}, "plan-rejected", {"violations": 1}), ("plan", {"content_sha256": "0" * 64}, "plan-changed", {}),
     ("withdrawn", {}, "plan-withdrawn", {}), ("in force", {}, "already-released", {"version": 1}),
     ("plan", {"acknowledged": ["x"]}, "unacknowledged-orders", {})],
)  # fmt: skip
def test_every_refusal_has_a_kind_and_its_facts(
    store: Store, asks: TestClient, of: str, change: dict[str, Any], kind: str, facts: dict[str, int]
) -> None:
    plans = {
        "in force": planned(store),
        "plan": planned(store, good_schedule(5)),
        "withdrawn": planned(store, good_schedule(9)),
    }
    plans["rejected"] = planned(store, overlapping_schedule())
    planner = client(create_app(service_over(store)))
    assert planner.post(f"/v1/plans/{plans['withdrawn'].schedule}:withdraw").json()["withdrawn"]
    assert approve(asks, plans["in force"]).status_code == 201
    refused = approve(asks, plans[of], **change)
    assert problem(refused, 409) == kind
    assert refused.json().get("facts", {}) == facts
    assert len(store.releases.newest("tiny")) == 1


def test_another_release_in_between_is_stale_also_inside_the_store(
    store: Store, asks: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the tag and the transaction."""
    assert approve(asks, planned(store)).status_code == 201
    monkeypatch.setattr("scheduler_core.api.routes.releases._on_top_of", lambda *_: None)
    refused = approve(asks, planned(store, good_schedule(5)), "x")
    assert problem(refused, 412) == "precondition-failed"
    assert refused.json()["facts"] == {"version": 1, "seen": None}


def test_orders_that_leave_are_told_and_acknowledged(store: Store, asks: TestClient) -> None:
    assert approve(asks, planned(store)).status_code == 201
    fewer = small_plant()
    pulled = store.snapshots.save(replace(fewer, jobs=fewer.jobs[:1]), request_id=fresh(), source=Source.FILE)
    plan = planned(store, Schedule(good_schedule().assignments[:2]), pulled)
    leaving = asks.get(f"/v1/releases/leaving?plan={plan.schedule}").json()
    assert leaving["must_acknowledge"] == [{"order": "job-1", "reason": "dropped"}]
    refused = approve(asks, plan)
    assert problem(refused, 409) == "unacknowledged-orders"
    assert refused.json()["orders"] == ["job-1"]
    made = approve(asks, plan, acknowledged=["job-1"])
    assert made.json()["acknowledged"] == [{"order": "job-1", "reason": "dropped"}]


def test_an_earlier_plan_is_in_force_again(store: Store, asks: TestClient) -> None:
    first = approve(asks, planned(store)).json()
    second = approve(asks, planned(store, good_schedule(5))).json()
    path, seen = f"/v1/releases/{first['id']}:roll-back", tag(asks)
    assert problem(asks.post(path, json={"reason": "x"}), 428) == "precondition-required"
    assert problem(asks.post(path, json={"reason": "x"}, headers={"If-Match": '"old"'}), 412) == "precondition-failed"
    assert problem(asks.post(path, json={"reason": " "}, headers={"If-Match": seen}), 409) == "reason-needed"
    headers = {"If-Match": seen, "Idempotency-Key": "back"}
    made = [asks.post(path, json={"reason": "it was better"}, headers=headers) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert (made[0].json()["version"], made[0].json()["plan"], made[0].json()["rolled_back_to"]) == (3, first["plan"], 1)
    again = asks.post(f"/v1/releases/{second['id']}:retry-delivery")
    assert problem(again, 409) == "refused", "its delivery was not given up"


def test_releases_are_listed_in_pages(store: Store, asks: TestClient) -> None:
    for delay in range(5):
        assert approve(asks, planned(store, good_schedule(delay))).status_code == 201
    found, address = [], "/v1/releases?plant=tiny&limit=2"
    while address:
        page = asks.get(address)
        found += [one["version"] for one in page.json()["items"]]
        address = page.headers["link"].split(">")[0].lstrip("<") if "link" in page.headers else ""
    assert found == [5, 4, 3, 2, 1]
    assert asks.get("/v1/releases?plant=else").json() == {"items": [], "next": None}


def test_no_token_of_the_proposer_seconds_a_release(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tokens of one person, and the token of another one, through the whole API."""
    monkeypatch.setattr("scheduler_core.services.releasing.needs_four_eyes", lambda plant: True)
    for person in ("ann@example.org", "bob@example.org"):
        store.roles.grant(person, "approver", "boss")
    service = Service(store, bearer_tokens.identifier(SignIn(way="none")), ApiSettings())
    app = create_app(service)

    def program(owner: str) -> TestClient:
        made = service_tokens.make(
            store, owner=owner, name="MES", roles=[Role.APPROVER], expires_at=datetime.now(UTC) + timedelta(days=1),
            actor=owner, request_id=fresh(),
        )  # fmt: skip
        return client(app, made.secret)

    one, other, bobs = program("ann@example.org"), program("ann@example.org"), program("bob@example.org")
    plan = planned(store)
    assert problem(approve(one, plan), 409) == "proposal-needed"
    wish = {"plan": plan.schedule, "content_sha256": plan.content, "remark": "please"}
    made = one.post("/v1/releases/proposals", json=wish, headers={"If-Match": tag(one), "Idempotency-Key": "wish"})
    assert made.status_code == 201
    assert one.get("/v1/releases/current").json()["proposals"] == [made.json()]
    for same in (one, other):
        refused = approve(same, plan)
        assert problem(refused, 409) == "second-person-needed"
        assert refused.json()["facts"] == {"proposer": "ann@example.org"}
    assert approve(bobs, plan).json()["approver"] == "bob@example.org"
    uses = [line for line in store.audit.newest() if line.action == "use-token"]
    assert [(line.actor, line.detail["act"]) for line in uses] == [
        ("bob@example.org", "approve"), ("ann@example.org", "propose"),
    ]  # fmt: skip
    assert store.audit.verify() is None
