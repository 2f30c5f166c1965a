"""Orders from a table and a plant from a workbook, over HTTP."""

from __future__ import annotations

from datetime import date

import pytest
from starlette.testclient import TestClient

from scheduler_core.api.routes import spreadsheets
from scheduler_core.data.store import Store
from scheduler_core.interchange.workbook_template import plant_template
from tests.support.api import planner, problem
from tests.support.plants import job, operation, plant
from tests.support.sample_plans import fresh
from tests.support.seeding import seed_snapshot

ROWS = b"job,family,operation,process,minutes,setup_minutes,machines\nN1,F,1,Cut,5,0,M1\nN2,F,1,Cut,-5,0,M1\n"


@pytest.fixture
def api(store: Store) -> TestClient:
    return planner(store)


def test_a_table_is_checked_and_then_loaded_once_for_each_key(api: TestClient, store: Store) -> None:
    before = seed_snapshot(store, plant(job("OLD", operation(10))))
    path, key = "/v1/spreadsheets/orders?file=more.csv", {"Idempotency-Key": fresh()}
    checked = api.post(f"{path}&check=true", content=ROWS)
    assert checked.status_code == 200, checked.text
    assert checked.json()["rows"] == {"read": 2, "accepted": 1, "refused": 1, "left_out": 0}
    assert [(row["row"], row["field"], row["job"]) for row in checked.json()["refused"]] == [(3, "minutes", "N2")]
    assert checked.json()["snapshot"] is None
    assert store.snapshots.needed_latest().id == before
    made = api.post(path, content=ROWS, headers=key)
    assert made.json()["snapshot"] == store.snapshots.needed_latest().id
    assert api.post(path, content=ROWS, headers=key).json() == made.json()
    assert [one.id for one in store.snapshots.plant(made.json()["snapshot"]).jobs] == ["OLD", "N1"]
    assert problem(api.post("/v1/spreadsheets/orders?file=more.txt", content=ROWS), 422) == "invalid-value"
    assert problem(api.post(path, content=b"nonsense"), 422) == "invalid-value"


def test_a_template_is_filled_and_becomes_a_plant(api: TestClient, store: Store) -> None:
    template = api.get("/v1/spreadsheets/plant/template")
    assert template.headers["content-type"] == spreadsheets.XLSX
    assert template.content[:2] == plant_template(date(2026, 3, 2))[:2] == b"PK"
    made = api.post("/v1/spreadsheets/plant?file=plant.xlsx", content=template.content)
    assert made.status_code == 200, made.text
    assert (made.json()["faults"], made.json()["snapshot"]) == ([], store.snapshots.needed_latest().id)
    assert made.json()["jobs"]["rows"]["refused"] == 0
    assert api.get("/v1/spreadsheets/orders/template").content[:2] == b"PK"


def test_only_so_many_files_are_read_at_once(api: TestClient, store: Store) -> None:
    seed_snapshot(store, plant(job("OLD", operation(10))))
    with spreadsheets.READING.turn(), spreadsheets.READING.turn():
        answer = api.post("/v1/spreadsheets/orders?file=more.csv", content=ROWS)
    assert problem(answer, 429) == "too-many-requests"
    assert answer.headers["retry-after"] == "5"
