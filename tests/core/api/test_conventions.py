"""What holds for every request: refusals, headers, hosts, sizes, numbers of requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from httpx import Response
from starlette.testclient import TestClient
from starlette.types import Message

from scheduler_core.api import guards
from scheduler_core.api.app import create_app
from scheduler_core.api.problems import KINDS, MALFORMED, Problem
from scheduler_core.data.store import Store
from scheduler_core.roles import Role
from scheduler_core.settings.api_settings import ApiSettings
from tests.support.api import NOBODY, PEOPLE, client, planner, problem, service_over
from tests.support.paths import ROOT
from tests.support.sample_plans import planned

UNKNOWN = "0" * 32
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def asks(store: Store) -> TestClient:
    """Asks as the planner."""
    return planner(store)


def test_every_kind_of_refusal_has_its_line_in_the_document() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert [kind.name for kind in KINDS if f"| `{kind.name}` | {kind.status} |" not in text] == []
    assert len({kind.type for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize(
    ("ask", "status", "kind"),
    [
        (lambda c: c.get("/v1/nothing"), 404, "no-such-path"),
        (lambda c: c.get("/v1/runs/"), 404, "no-such-path"),
        (lambda c: c.put("/v1/runs"), 405, "method-not-allowed"),
        (lambda c: c.get("/v1/releases/proposals"), 405, "method-not-allowed"),
        (lambda c: c.get(f"/v1/runs/{UNKNOWN}:keep-best"), 405, "method-not-allowed"),
        (lambda c: c.get(f"/v1/runs/{UNKNOWN}"), 404, "not-found"),
        (lambda c: c.get("/v1/runs/one"), 422, "invalid-value"),
        (lambda c: c.get("/v1/runs?limit=0"), 422, "invalid-value"),
        (lambda c: c.get("/v1/runs?cursor=abc"), 422, "invalid-value"),
        (lambda c: c.post("/v1/runs", content="{", headers=JSON), 400, "malformed-request"),
        (lambda c: c.post("/v1/runs", content='{"seed":1,"seed":2}', headers=JSON), 400, "malformed-request"),
        (lambda c: c.post("/v1/runs", content='{"seed":NaN}', headers=JSON), 400, "malformed-request"),
        (lambda c: c.post("/v1/runs", content="[" * 100_000, headers=JSON), 400, "malformed-request"),
        (lambda c: c.post("/v1/runs", content=b"\xff", headers=JSON), 400, "malformed-request"),
        (lambda c: c.post("/v1/runs", content='{"seed":1}'), 422, "invalid-value"),
        (lambda c: c.post("/v1/runs", json={}, headers={"Idempotency-Key": "no key"}), 422, "invalid-value"),
        (lambda c: c.get("/v1/runs", headers={"Host": "attacker.example"}), 421, "foreign-host"),
        (lambda c: c.get("/livez", headers={"Host": "attacker.example"}), 421, "foreign-host"),
    ],
)
def test_every_refusal_is_a_problem_document(
    asks: TestClient, ask: Callable[[TestClient], Response], status: int, kind: str
) -> None:
    assert problem(ask(asks), status) == kind


def test_an_unknown_field_and_a_converted_value_are_named(asks: TestClient) -> None:
    answer = asks.post("/v1/runs", json={"snapshot": UNKNOWN, "engine": "greedy", "sed": 1, "seed": "1"})
    assert problem(answer, 422) == "invalid-value"
    assert {(one["where"], one["reason"]) for one in answer.json()["errors"]} == {
        ("sed", "is not a known field"),
        ("seed", "Input should be a valid integer"),
    }


def test_a_value_stands_at_the_same_place_whoever_refuses_it(store: Store, asks: TestClient) -> None:
    """Names without the part of the request, indices in brackets, and the value where it is no secret."""
    made = planned(store)
    moves = {"moves": [{"job": "JOB-1", "operation": 1, "machine": "1", "start": "2025-07-21T08:00"}]}
    changes = {
        "plan": made.schedule,
        "changes": [{"change": "breakdown", "machine": 99, "start": "2025-07-21T09:00", "minutes": 1}],
    }
    order = {"order": {"id": "NEW-1"}, "source": "MES"}
    for answer, where in (
        (asks.post(f"/v1/plans/{made.schedule}:try-moves", json=moves), "moves[0].machine"),
        (asks.post("/v1/what-ifs", json=changes), "changes[0].machine"),
        (asks.post("/v1/facts", json={"change": changes["changes"][0]}), "change.machine"),
        (asks.post("/v1/orders", json=order), "order"),
        (asks.get("/v1/runs?limit=0"), "limit"),
        (asks.get("/v1/runs/one"), "run_id"),
    ):
        assert problem(answer, 422) == "invalid-value"
        assert answer.json()["errors"][0]["where"] == where
        assert answer.json()["detail"].startswith(f"{where}: ")
    unknown = asks.post("/v1/what-ifs", json=changes).json()["errors"]
    assert unknown == [{"where": "changes[0].machine", "reason": "99 is not a known machine"}]


def test_a_value_with_half_a_character_is_refused_in_whole_ones(asks: TestClient) -> None:
    answer = asks.post("/v1/runs", content='{"snapshot":"\\ud800","engine":"greedy"}', headers=JSON)
    assert problem(answer, 422) == "invalid-value"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("{" + ",".join(f'"{n}":1' for n in range(9_000)) + ',"8999":2}', 400),
        ("{" + ",".join(f'"{n}":1' for n in range(10_001)) + "}", 400),
        ("[" + ",".join(["[]"] * 300_000) + "]", 400),
        ("{" + ",".join(f'"{n}":1' for n in range(10_000)) + "}", 422),
    ],
)
def test_a_body_that_is_tedious_to_refuse_holds_nobody_up(asks: TestClient, content: str, status: int) -> None:
    began = time.process_time()
    answer = asks.post("/v1/runs", content=content, headers=JSON)
    assert time.process_time() - began < 0.8, "a list of keys was looked through for each key: seconds, and hours at 10 MB"
    assert answer.status_code == status
    assert len(answer.content) < 50_000, "not every wrong value is told"


def test_the_first_of_very_many_wrong_values_are_told(asks: TestClient) -> None:
    answer = asks.post("/v1/runs", json={f"field {n}": 1 for n in range(150)})
    assert len(answer.json()["errors"]) == 100
    assert answer.json()["detail"].endswith("; and 52 more"), "snapshot and engine lack, too"


def test_the_methods_of_a_path_are_told(asks: TestClient) -> None:
    assert asks.put("/v1/runs").headers["allow"] == "GET, POST"


def test_every_answer_carries_the_security_headers(asks: TestClient) -> None:
    for answer in (asks.get("/livez"), asks.get("/v1/runs"), asks.get("/v1/nothing"), asks.get("/", headers={"Host": "x"})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


def test_a_name_of_the_settings_is_answered(store: Store) -> None:
    asks = planner(store, ApiSettings(names=("plan.example.com",)))
    assert asks.get("/livez", headers={"Host": "Plan.Example.com:443"}).status_code == 200
    assert asks.get("/livez", headers={"Host": "localhost:8600"}).status_code == 200
    assert problem(asks.get("/livez", headers={"Host": "example.com"}), 421) == "foreign-host"


def test_a_large_body_is_refused_before_it_is_read_and_only_a_callers_is_read(store: Store) -> None:
    asks = planner(store, ApiSettings(largest_body_mb=1))
    assert problem(asks.post("/v1/runs", content=b"x" * 1_000_001, headers=JSON), 413) == "body-too-large"
    in_pieces = (b"x" * 100_000 for _ in range(11))
    assert problem(asks.post("/v1/runs", content=in_pieces, headers=JSON), 413) == "body-too-large"
    assert problem(asks.post("/v1/runs", content=b"x" * 1_000_000, headers=JSON), 400) == "malformed-request"
    unsigned = client(create_app(service_over(store, ApiSettings(largest_body_mb=1))), None)
    assert problem(unsigned.post("/v1/runs", content=b"x" * 1_000_001, headers=JSON), 401) == "not-authenticated"


def test_a_body_that_does_not_arrive_is_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "BODY_SECONDS", 0.05)
    app, sent = create_app(service_over(store)), list[Message]()

    async def never() -> Message:
        await asyncio.sleep(60)
        raise AssertionError("it was given up before")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"host": "127.0.0.1", "authorization": f"Bearer {PEOPLE[Role.PLANNER]}"}
    scope = {
        "type": "http", "method": "POST", "path": "/v1/runs", "query_string": b"", "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(app(scope, never, send))
    assert sent[0]["status"] == 408
    assert b"body-too-slow" in sent[1]["body"]


def test_a_token_and_an_address_may_ask_so_often_and_are_told_when_again(store: Store) -> None:
    app = create_app(service_over(store, ApiSettings(token_per_minute=2, address_per_minute=5)))
    first, second = client(app), client(app, NOBODY)
    assert [first.get("/v1/runs").status_code for _ in range(3)] == [200, 200, 429]
    assert second.get("/v1/runs").status_code == 403, "another token has a count of its own"
    assert first.get("/livez").status_code == 200
    refused = client(app, None).get("/livez")
    assert problem(refused, 429) == "too-many-requests", "the address has asked six times"
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_two_tokens_in_one_request_are_none(store: Store) -> None:
    app = create_app(service_over(store))
    with client(app, None) as asks:
        twice = [("Authorization", f"Bearer {person}") for person in PEOPLE.values()][:2]
        assert problem(asks.get("/v1/runs", headers=twice), 401) == "not-authenticated"
        assert problem(asks.get("/v1/runs", headers={"Authorization": "Basic YTpi"}), 401) == "not-authenticated"


def test_a_fault_of_the_program_is_told_without_its_insides(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> object:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(store.runs, "newest", fail)
    answer = planner(store).get("/v1/runs")
    assert problem(answer, 500) == "internal-error"
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_problem_leaves_out_empty_lists() -> None:
    assert b"errors" not in Problem(MALFORMED, "so").response().body
