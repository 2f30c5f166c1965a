"""Snapshots: listed, read, uploaded, checked, and pulled now."""

from __future__ import annotations

import json
import time
from pathlib import Path
from threading import Event

import pytest
from starlette.testclient import TestClient

from scheduler_core.api.app import create_app
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.scenarios.changes import ImportanceChanged
from scheduler_core.services import facts, pulling
from scheduler_core.settings import environment
from tests.support.api import client, planner, problem, service_over
from tests.support.erp_rows import with_one_job
from tests.support.plants import PLAN_START
from tests.support.sample_plans import fresh, small_plant, snapshot

SHOP = small_plant()
FILE = snapshot_to_json(SHOP)


def sent(asks: TestClient, text: str | bytes, path: str = "", key: str | None = None) -> object:
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"Idempotency-Key": key})
    return asks.post(f"/v1/snapshots{path}", content=text, headers=headers)


def test_snapshots_are_listed_and_read(store: Store) -> None:
    asks = planner(store)
    made = [snapshot(store) for _ in range(3)]
    seen, address = [], "/v1/snapshots?limit=2"
    while address:
        page = asks.get(address)
        seen += [one["id"] for one in page.json()["items"]]
        address = page.links.get("next", {}).get("url", "")
    assert seen == made[::-1]
    one = asks.get(f"/v1/snapshots/{made[0]}").json()
    assert (one["plant"], one["plan_start"]) == (SHOP.name, "2025-07-21T08:00:00+08:00")
    assert one["counts"]["orders_read"] == one["counts"]["orders_accepted"] + one["counts"]["orders_refused"]
    plant = asks.get(f"/v1/snapshots/{made[0]}/plant")
    assert plant.text == FILE, "byte for byte"
    known = {"If-None-Match": plant.headers["etag"]}
    assert asks.get(f"/v1/snapshots/{made[0]}/plant", headers=known).status_code == 304
    assert asks.get(f"/v1/snapshots/{made[0]}/quarantine").json()["refused"] == []
    assert problem(asks.get(f"/v1/snapshots/{'0' * 32}/quarantine"), 404) == "not-found"


def test_an_uploaded_plant_is_the_latest_snapshot_with_what_is_known_of_it(store: Store) -> None:
    snapshot(store)
    stated = facts.Stated(ImportanceChanged(SHOP.jobs[0].id, True), PLAN_START, "told")
    facts.record(store, stated, now=PLAN_START, actor="Ana", request_id=fresh())
    asks = planner(store)
    answer = sent(asks, FILE, key="one")
    assert answer.status_code == 201, answer.text  # type: ignore[attr-defined]
    made = answer.json()["id"]  # type: ignore[attr-defined]
    assert store.snapshots.needed_latest().id == made
    assert store.snapshots.get(made).source is Source.FILE
    assert store.snapshots.plant(made).job_by_id[SHOP.jobs[0].id].important
    again = sent(asks, FILE, key="one")
    assert again.json()["id"] == made  # type: ignore[attr-defined]
    assert [note.message for note in store.snapshots.notes(made)] == ["the plant was uploaded with this snapshot file"]
    assert store.audit.verify() is None


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda f: f | {"timezone": "Mars"}, "timezone"),
        (lambda f: f | {"jobs": [f["jobs"][0] | {"due": "soon"}]}, "jobs[0].due"),
        (lambda f: f | {"machines": []}, "machines"),
        (lambda f: f | {"extra": 1}, "extra"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(store: Store, spoil: object, where: str) -> None:
    asks, text = planner(store), json.dumps(spoil(json.loads(FILE)))  # type: ignore[operator]
    found = sent(asks, text, ":validate").json()  # type: ignore[attr-defined]
    assert not found["usable"]
    assert found["errors"][0]["where"].startswith(where)
    refused = sent(asks, text)
    assert problem(refused, 422) == "invalid-value"  # type: ignore[arg-type]
    assert refused.json()["errors"] == found["errors"]  # type: ignore[attr-defined]
    assert store.snapshots.newest() == ()


def test_a_file_is_checked_without_being_stored(store: Store) -> None:
    found = sent(planner(store), FILE, ":validate").json()  # type: ignore[attr-defined]
    assert found == {
        "usable": True, "plant": SHOP.name, "orders": len(SHOP.jobs), "operations": SHOP.operation_count,
        "machines": len(SHOP.machines), "errors": [],
    }  # fmt: skip
    assert not sent(planner(store), b"\xff{", ":validate").json()["usable"]  # type: ignore[attr-defined]
    assert store.snapshots.newest() == ()


def ended(asks: TestClient, address: str) -> dict[str, object]:
    for _ in range(200):
        found: dict[str, object] = asks.get(address).json()
        if found["state"] != "running":
            return found
        time.sleep(0.02)
    raise AssertionError(f"{address} is still at work")


def test_a_pull_goes_on_in_the_background(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ERP_URL, with_one_job().write(f"sqlite:///{tmp_path / 'erp.sqlite3'}"))
    service = service_over(store)
    asks = client(create_app(service))
    assert problem(asks.post("/v1/snapshots:pull", headers={"Idempotency-Key": ".."}), 422) == "invalid-value"
    with_a_colon = asks.post("/v1/snapshots:pull", headers={"Idempotency-Key": "urn:uuid:1"}).headers["location"]
    assert ended(asks, with_a_colon)["id"] == "urn:uuid:1"
    before = len(store.snapshots.newest())
    begun = asks.post("/v1/snapshots:pull", headers={"Idempotency-Key": "pull-1"})
    assert (begun.status_code, begun.headers["location"]) == (202, "/v1/pulls/pull-1")
    found = ended(asks, "/v1/pulls/pull-1")
    assert (found["state"], found["snapshot"]) == ("done", store.snapshots.needed_latest().id), found
    again = asks.post("/v1/snapshots:pull", headers={"Idempotency-Key": "pull-1"})
    assert again.headers["location"] == "/v1/pulls/pull-1"
    assert len(store.snapshots.newest()) == before + 1
    after_a_restart = client(create_app(service_over(store)))
    assert after_a_restart.get("/v1/pulls/pull-1").json()["snapshot"] == found["snapshot"]
    assert problem(asks.get("/v1/pulls/another"), 404) == "not-found"


def test_a_pull_fails_with_its_reason_or_is_cancelled(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ERP_URL, "sqlite:////nowhere/erp.sqlite3")
    asks = planner(store)
    failed = ended(asks, asks.post("/v1/snapshots:pull").headers["location"])
    assert (failed["state"], failed["snapshot"]) == ("failed", None)
    assert failed["problem"]["type"] == "urn:shopwright:problem:store-unavailable"  # type: ignore[index]
    goes_on = Event()

    def slow(*_: object, listener: ReadProgress, **__: object) -> str:
        while not goes_on.wait(0.01):
            listener.rows(5, 100)
        return "never"

    monkeypatch.setattr(pulling, "pull", slow)
    addresses = [asks.post("/v1/snapshots:pull").headers["location"] for _ in range(2)]
    assert problem(asks.post("/v1/snapshots:pull"), 429) == "too-many-requests"
    for address in addresses:
        assert asks.delete(address).status_code == 202
        assert ended(asks, address)["state"] == "cancelled"
    goes_on.set()
