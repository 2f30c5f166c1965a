"""Runs: asked for, waited for, followed and ended by programs."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from hashlib import sha256

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from scheduler_core.api.app import create_app
from scheduler_core.api.calls import Call
from scheduler_core.api.problems import Problem
from scheduler_core.api.routes import runs as routes
from scheduler_core.api.run_looks import RunLooks
from scheduler_core.api.service import Service
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunState
from scheduler_core.objectives import Objective
from scheduler_core.roles import Actor, Role
from scheduler_core.settings.api_settings import ApiSettings
from tests.support.api import PEOPLE, client, planner, problem, service_over
from tests.support.sample_plans import approval, good_schedule, overlapping_schedule, planned, running, small_plant
from tests.support.seeding import seed_plan, seed_run, seed_snapshot


@pytest.fixture
def snapshot(store: Store) -> str:
    """The id of a snapshot."""
    return seed_snapshot(store, small_plant())


def ask(asks: TestClient, snapshot: str, **more: object) -> dict[str, object]:
    answer = asks.post("/v1/runs", json={"snapshot": snapshot, "engine": "greedy", **more})
    assert answer.status_code == 202, answer.text
    assert answer.headers["retry-after"] == "2"
    found: dict[str, object] = asks.get(answer.headers["location"]).json()
    assert found == answer.json()
    return found


def test_a_run_is_asked_for_as_the_caller_and_stands_in_the_trail(store: Store, snapshot: str) -> None:
    said = ask(planner(store), snapshot, objective="setups=1,tardiness=2", rule="EDD", seed=7)
    run = store.runs.get(str(said["id"]))
    assert (run.snapshot_id, run.engine, run.state) == (snapshot, "greedy", RunState.QUEUED)
    assert run.config.objective == Objective(tardiness=2, setups=1)
    assert (run.config.rule, run.config.seed, run.config.time_limit) == ("EDD", 7, None)
    line = store.audit.newest(1)[0]
    assert (line.actor, line.action, line.subject) == (PEOPLE[Role.PLANNER], "run", run.id)


def test_a_whole_number_may_be_written_as_a_fraction(store: Store, snapshot: str) -> None:
    """As JSON Schema has it."""
    body = f'{{"snapshot":"{snapshot}","engine":"greedy","seed":7.0}}'
    answer = planner(store).post("/v1/runs", content=body, headers={"Content-Type": "application/json"})
    assert store.runs.get(answer.json()["id"]).config.seed == 7


def test_a_slot_is_given_at_once(store: Store, snapshot: str) -> None:
    service, begun = service_over(store), []
    service.begin_runs = lambda: begun.append(len(store.runs.newest()))
    ask(client(create_app(service)), snapshot)
    assert begun == [1], "after it was stored"


def test_who_waits_is_told_how_the_run_ended(store: Store, snapshot: str) -> None:
    service = service_over(store)

    def work() -> None:
        run = store.runs.newest(states=(RunState.QUEUED,))[0]
        store.runs.claim(run.id, "worker")
        store.runs.finish(run.id, "worker", RunState.FAILED, "no memory")

    service.begin_runs = work
    asks = client(create_app(service))
    body = {"snapshot": snapshot, "engine": "greedy"}
    failed = asks.post("/v1/runs", json=body, headers={"Prefer": "respond-async, wait=5"})
    assert failed.status_code == 200
    assert failed.headers["preference-applied"] == "wait=5"
    assert (failed.json()["state"], failed.json()["fail_reason"], failed.json()["result"]) == ("failed", "no memory", None)


def test_the_same_key_waits_for_the_same_run_and_gets_its_plan(store: Store, snapshot: str) -> None:
    asks = planner(store)
    plan = seed_plan(store, snapshot, request_id="key-1")
    answer = asks.post(
        "/v1/runs",
        json={"snapshot": snapshot, "engine": "greedy", "rule": "EDD"},
        headers={"Idempotency-Key": "key-1", "Prefer": "wait=1"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["plan"] == plan
    assert answer.json()["result"] == asks.get(f"/v1/plans/{plan}").json()
    assert answer.json()["result"]["kpis"]["completion_rate"] == 1


def test_who_waits_in_vain_is_told_where_to_look(store: Store, snapshot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "LOOK_SECONDS", 0.01)
    asks = planner(store, ApiSettings(longest_wait_seconds=0.0))
    body = {"snapshot": snapshot, "engine": "greedy"}
    assert "preference-applied" not in asks.post("/v1/runs", json=body, headers={"Prefer": "wait=60"}).headers
    service = service_over(store)
    service.stopping.set()
    answer = client(create_app(service)).post("/v1/runs", json=body, headers={"Prefer": "wait=60"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=10", "no longer than the settings allow"
    assert answer.headers["location"] == f"/v1/runs/{answer.json()['id']}"


def test_keep_calm_and_best_begin_with_the_plan_in_force(store: Store) -> None:
    asks, first = planner(store), planned(store)
    refused = asks.post("/v1/runs", json={"snapshot": first.snapshot, "engine": "repair"})
    assert problem(refused, 409) == "refused"
    assert "nothing is released" in refused.json()["detail"]
    store.releases.approve(approval(first, override_reason="it is only a report"), None)
    run = store.runs.get(str(ask(asks, first.snapshot, engine="repair", seconds=2, most_moves=3)["id"]))
    assert run.config.warm_start == good_schedule()
    assert (run.config.time_limit, run.config.most_moves) == (2, 3)
    other = planned(store, good_schedule(5))
    named = store.runs.get(str(ask(asks, first.snapshot, engine="right_shift", from_plan=other.schedule)["id"]))
    assert named.config.warm_start == good_schedule(5)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"engine": "greedy", "seconds": 3}, "seconds"),
        ({"engine": "learned", "rule": "EDD"}, "rule"),
        ({"engine": "greedy", "from_plan": "0" * 32}, "from_plan"),
        ({"engine": "best", "most_moves": 3}, "most_moves"),
        ({"engine": "greedy", "variation": 0.2}, "variation"),
        ({"engine": "greedy", "objective": "speed"}, "objective"),
        ({"engine": "magic"}, "engine"),
        ({"engine": "learned", "seconds": 301}, "seconds"),
        ({"engine": "greedy", "seed": True}, "seed"),
    ],
)
def test_a_setting_that_the_engine_does_not_have_is_named(
    store: Store, snapshot: str, wrong: dict[str, object], where: str
) -> None:
    answer = planner(store).post("/v1/runs", json={"snapshot": snapshot, **wrong})
    assert problem(answer, 422) == "invalid-value"
    assert answer.json()["errors"][0]["where"] == where
    assert store.runs.newest() == ()


def test_the_list_is_walked_page_by_page_while_runs_are_added(store: Store, snapshot: str) -> None:
    asks = planner(store)
    made = [seed_run(store, snapshot, "greedy", f"run-{n}").id for n in range(5)]
    seen, address = [], "/v1/runs?limit=2&state=queued"
    while address:
        page = asks.get(address)
        seen += [one["id"] for one in page.json()["items"]]
        address = page.links.get("next", {}).get("url", "")
        assert (page.json()["next"] is None) == (address == "")
        seed_run(store, snapshot, "greedy", f"later-{len(seen)}")
    assert seen == made[::-1]
    assert asks.get(f"/v1/runs?snapshot={'0' * 32}").json() == {"items": [], "next": None}


def test_a_cursor_counts_for_its_own_list_only(store: Store, snapshot: str) -> None:
    asks = planner(store)
    for number in range(2):
        seed_run(store, snapshot, "greedy", f"run-{number}")
    cursor = asks.get("/v1/runs?limit=1").json()["next"]
    assert asks.get(f"/v1/runs?cursor={cursor}").status_code == 200
    other = asks.get(f"/v1/runs?state=failed&cursor={cursor}")
    assert problem(other, 422) == "invalid-value"
    assert other.json()["errors"][0]["where"] == "cursor"


@pytest.mark.parametrize("place", [(1, "\ud800"), (2**63, "a"), (-1, "a"), (True, "a"), (1, None), (1.0, "a")])
def test_a_forged_cursor_is_refused(store: Store, place: tuple[object, object]) -> None:
    nothing_asked = sha256(b"[]").hexdigest()[:16]
    forged = base64.urlsafe_b64encode(json.dumps([*place, nothing_asked]).encode()).decode()
    assert problem(planner(store).get("/v1/runs", params={"cursor": forged}), 422) == "invalid-value"


def test_cancel_and_keep_say_what_has_become_of_the_run(store: Store, snapshot: str) -> None:
    asks = planner(store)
    waiting, at_work = seed_run(store, snapshot, "greedy").id, running(store, snapshot)
    kept = asks.post(f"/v1/runs/{at_work}:keep-best")
    assert (kept.status_code, kept.json()["keep_requested"]) == (202, True)
    stopped = asks.delete(f"/v1/runs/{at_work}")
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["cancel_requested"]) == (202, "running", True)
    assert asks.delete(f"/v1/runs/{waiting}").json()["state"] == "cancelled"
    assert asks.delete(f"/v1/runs/{waiting}").status_code == 202, "again changes nothing"
    assert store.audit.newest(1)[0].actor == PEOPLE[Role.PLANNER]


def test_a_rejected_schedule_is_no_plan_of_the_run(store: Store) -> None:
    rejected = planned(store, overlapping_schedule())
    said = planner(store).get(f"/v1/runs/{rejected.run}").json()
    assert (said["state"], said["plan"], said["rejected_plan"]) == ("failed", None, rejected.schedule)


# ---------------------------------------------------------------- streams
def events(text: str) -> list[tuple[str, dict[str, object]]]:
    """(name, document) of each event."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def stream(service: Service, run_id: str, then: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> str:
    """The text of a run's stream; ``then`` is done after its first event."""
    monkeypatch.setattr(routes, "EVENT_SECONDS", 0.0)
    looks, get = [], service.store.runs.get

    def look(asked: str) -> Run:
        looks.append(asked)
        if len(looks) == 3:
            then()
        return get(asked)

    monkeypatch.setattr(service.store.runs, "get", look)
    answer = client(create_app(service)).get(f"/v1/runs/{run_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert service.streams == 0
    return answer.text


def test_a_stream_tells_each_change_and_ends_with_the_run(
    store: Store, snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = running(store, snapshot)
    store.runs.report(run_id, "worker-1", (0.25, "searching"))
    text = stream(
        service_over(store), run_id, lambda: store.runs.finish(run_id, "worker-1", RunState.FAILED, "no memory"), monkeypatch
    )
    told = events(text)
    assert [name for name, _ in told] == ["progress", "end"], "what has not changed is not told again"
    assert (told[0][1]["progress"], told[0][1]["message"]) == (0.25, "searching")
    assert (told[1][1]["state"], told[1][1]["fail_reason"]) == ("failed", "no memory")


def test_a_stream_ends_when_the_server_stops(store: Store, snapshot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service = service_over(store)
    told = events(stream(service, running(store, snapshot), service.stopping.set, monkeypatch))
    assert [name for name, _ in told] == ["progress"]


def test_a_stream_ends_soon_after_its_caller_has_lost_the_role(
    store: Store, snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, run_id = service_over(store), running(store, snapshot)
    monkeypatch.setattr(routes, "CHECK_SECONDS", 0.0)
    person = PEOPLE[Role.PLANNER]
    told = events(stream(service, run_id, lambda: store.roles.revoke(person, "planner", "the admin"), monkeypatch))
    assert [name for name, _ in told] == ["progress"]
    assert not store.runs.get(run_id).state.finished, "the stream has not waited for the run"


def test_streams_that_begin_at_once_share_the_places_and_the_looks(store: Store, snapshot: str) -> None:
    service, run_id, looks = service_over(store, ApiSettings(streams=3)), running(store, snapshot), []
    call = Call(Request({"type": "http", "app": create_app(service), "state": {"actor": Actor("Ann")}}))
    get = store.runs.get

    def look(asked: str) -> Run:
        looks.append(asked)
        return get(asked)

    service.looks = RunLooks(look)

    async def open_stream() -> bool:
        places = routes.followed(run_id, call)
        try:
            await anext(places)
            await asyncio.sleep(0.05)
            await service.looks.at(run_id, 60.0)
        except Problem:
            return False
        finally:
            await places.aclose()
        return True

    async def all_at_once() -> list[bool]:
        return await asyncio.gather(*(open_stream() for _ in range(8)))

    assert sorted(asyncio.run(all_at_once())) == [False] * 5 + [True] * 3
    assert service.streams == 0
    assert len(looks) == 3, "one when each stream begins, and none when a look is fresh"


def test_streams_are_counted(store: Store, snapshot: str) -> None:
    asks = planner(store, ApiSettings(streams=0))
    assert problem(asks.get(f"/v1/runs/{running(store, snapshot)}/events"), 429) == "too-many-requests"
    assert problem(planner(store).get(f"/v1/runs/{'0' * 32}/events"), 404) == "not-found"
