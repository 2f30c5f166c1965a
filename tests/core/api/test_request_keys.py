"""The same request again: one run, and the same answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from fastapi import Request
from httpx import Response
from pydantic import BaseModel
from starlette.testclient import TestClient

from scheduler_core.api.app import create_app
from scheduler_core.api.calls import KeyedCall, Made
from scheduler_core.api.problems import Problem
from scheduler_core.data.database import DatabaseFailure, open_store
from scheduler_core.data.store import Store
from scheduler_core.roles import Actor, Role
from tests.support.api import PEOPLE, client, planner, problem, service_over
from tests.support.sample_plans import fresh, small_plant
from tests.support.seeding import seed_snapshot


def ask(asks: TestClient, snapshot: str, key: str, engine: str = "greedy") -> Response:
    body = {"snapshot": snapshot, "engine": engine}
    return asks.post("/v1/runs", json=body, headers={"Idempotency-Key": key})


def test_fifty_at_once_with_one_key_make_one_run(store: Store) -> None:
    snapshot, asks = seed_snapshot(store, small_plant()), planner(store)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(asks, snapshot, "one-key"), range(50)))
    found = Counter(answer.status_code for answer in answers)
    assert found.keys() <= {202, 409}, found
    made = {a.headers["location"] for a in answers if a.status_code == 202}
    assert len(made) == 1
    assert len(store.runs.newest()) == 1
    assert {problem(a, 409) for a in answers if a.status_code == 409} <= {"request-in-flight"}


def test_the_same_request_gets_the_same_answer_also_later(store: Store) -> None:
    snapshot, asks = seed_snapshot(store, small_plant()), planner(store)
    first = ask(asks, snapshot, "key-1")
    run = store.runs.newest()[0]
    store.runs.request_cancel(run.id)
    again = ask(asks, snapshot, "key-1")
    assert (first.status_code, first.text, first.headers["location"]) == (
        again.status_code, again.text, again.headers["location"],
    )  # fmt: skip
    assert run.request_id == "key-1", "the key is the request id"


def test_a_key_for_another_request_or_of_another_caller_is_refused(store: Store) -> None:
    snapshot = seed_snapshot(store, small_plant())
    service = service_over(store)
    store.roles.grant(PEOPLE[Role.APPROVER], "planner", "setup")
    app = create_app(service)
    assert ask(client(app), snapshot, "key-1").status_code == 202
    assert problem(ask(client(app), snapshot, "key-1", "exact"), 422) == "key-reused"
    assert problem(ask(client(app, PEOPLE[Role.APPROVER]), snapshot, "key-1"), 422) == "key-reused"
    assert len(store.runs.newest()) == 1


def test_what_was_refused_may_be_sent_again_with_the_same_key(store: Store) -> None:
    asks = planner(store)
    assert problem(ask(asks, "0" * 32, "key-1"), 404) == "not-found"
    assert ask(asks, seed_snapshot(store, small_plant()), "key-1").status_code == 202


def test_a_crash_between_the_work_and_its_answer_leaves_one_run(store: Store) -> None:
    """The answer was never kept: the run is found by its request id."""
    snapshot = seed_snapshot(store, small_plant())
    asks = planner(store)
    keep = store.answers.keep

    def crash(_: object) -> object:
        raise RuntimeError("killed")

    store.answers.keep = crash  # type: ignore[method-assign,assignment]
    assert problem(ask(asks, snapshot, "key-1"), 500) == "internal-error"
    store.answers.keep = keep  # type: ignore[method-assign]
    run = store.runs.newest()[0]
    assert ask(asks, snapshot, "key-1").headers["location"].endswith(run.id)
    assert problem(ask(asks, snapshot, "key-1", "learned"), 422) == "key-reused"
    assert len(store.runs.newest()) == 1


class Said(BaseModel):
    """An answer."""

    secret: str


def call_of(store: Store, key: str) -> KeyedCall:
    app = create_app(service_over(store))
    scope = {"type": "http", "method": "POST", "path": "/v1/x", "query_string": b"", "headers": [], "app": app}
    request = Request(scope)
    request.state.actor, request.state.body_sha256 = Actor("Ann"), "0" * 64
    return KeyedCall(request, key)


def test_a_secret_is_answered_once_and_kept_nowhere(store: Store) -> None:
    call = call_of(store, fresh())
    first = call.once(lambda key: Made(Said(secret=f"of {key}"), 201), repeatable=False)
    assert first.status_code == 201
    kept = store.answers.find(call.key)
    assert kept is not None
    assert kept.content == ""
    with pytest.raises(Problem) as refused:
        call.once(lambda _: Made(Said(secret="another")), repeatable=False)
    assert refused.value.kind.name == "answered-once"


def test_a_key_is_held_while_it_is_at_work_and_free_after_a_failure(store: Store) -> None:
    call, begun, go = call_of(store, "key-1"), Event(), Event()

    def slow(_: str) -> Made:
        begun.set()
        assert go.wait(10)
        return Made(Said(secret="slow"))

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(call.once, slow)
        assert begun.wait(10)
        with pytest.raises(Problem) as refused:
            call.once(slow)
        assert refused.value.kind.name == "request-in-flight"
        assert refused.value.headers == {"Retry-After": "1"}
        go.set()
        assert first.result(10).status_code == 200
    assert call.once(slow).body == b'{"secret":"slow"}'


def test_the_first_answer_that_was_kept_counts(store: Store) -> None:
    call = call_of(store, "key-1")
    call.once(lambda _: Made(Said(secret="first")))
    kept = store.answers.find("key-1")
    assert kept is not None
    assert store.answers.keep(replace(kept, content="{}", status=201)) == kept
    with closing(open_store(store.url)) as database:
        for statement in ("UPDATE api_answer SET status=299", "DELETE FROM api_answer"):
            with pytest.raises(DatabaseFailure, match="append-only"), database.engine.begin() as connection:
                connection.exec_driver_sql(statement)
