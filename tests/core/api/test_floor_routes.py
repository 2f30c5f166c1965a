"""Facts, downtimes and orders that arrive, told by programs."""

from __future__ import annotations

import json

from scheduler_core.api.routes.facts import EFFECTS
from scheduler_core.data.store import Store
from scheduler_core.interchange.snapshot_writing import job_json
from scheduler_core.plant import Fixed
from scheduler_core.services import facts
from tests.support.api import PEOPLE, planner, problem
from tests.support.plants import PLAN_START, job, operation
from tests.support.sample_plans import planned, small_plant, snapshot

SHOP = small_plant()
ORDER = SHOP.jobs[0]
FIRST = ORDER.operations[0]
MACHINE = SHOP.eligible_machines(FIRST)[0]
END = f"{8 + (FIRST.setup_minutes + FIRST.minutes) // 60:02}:{(FIRST.setup_minutes + FIRST.minutes) % 60:02}"
"""When the first operation ends that begins at 08:00."""
STARTED = {
    "change": "operation-started", "job": ORDER.id, "sequence": FIRST.sequence, "machine": MACHINE,
    "at": "2025-07-21T08:00",
}  # fmt: skip


def test_a_program_reports_from_the_floor_and_takes_it_back(store: Store) -> None:
    snapshot(store)
    asks = planner(store)
    answer = asks.post("/v1/facts", json={"change": STARTED}, headers={"Idempotency-Key": "scan-1"})
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert answer.headers["location"] == f"/v1/facts/{said['id']}"
    assert asks.post("/v1/facts", json={"change": STARTED}, headers={"Idempotency-Key": "scan-1"}).json() == said
    step = store.snapshots.plant(said["snapshot"]).job_by_id[ORDER.id].operations[0]
    assert step.fixed is not None
    assert (step.fixed.machines[0], step.fixed.start) == (MACHINE, 0)
    fact = asks.get(f"/v1/facts/{said['id']}").json()
    assert fact["change"] == STARTED | {"machine": MACHINE}
    assert (fact["state"], fact["no_effect"], fact["since"]) == ("active", None, "2025-07-21T08:00:00+08:00")
    assert (fact["recorded_by"], fact["kind"]) == ("the planner", "operation-started")
    assert [one["id"] for one in asks.get("/v1/facts").json()["items"]] == [said["id"]]
    assert problem(asks.post("/v1/facts", json={"change": STARTED}), 422) == "invalid-value"
    undone = asks.post(f"/v1/facts/{said['id']}:undo", json={"reason": "another order"})
    assert undone.status_code == 200
    assert store.snapshots.plant(undone.json()["snapshot"]) == SHOP
    assert asks.get("/v1/facts").json()["items"] == []
    past = asks.get("/v1/facts?ended=true").json()["items"]
    assert [(one["state"], one["undone_by"], one["undone_reason"]) for one in past] == [
        ("undone", "the planner", "another order")
    ]
    assert problem(asks.post(f"/v1/facts/{said['id']}:undo", json={}), 409) == "refused"


def test_what_does_not_fit_names_its_place(store: Store) -> None:
    asks = planner(store)
    assert problem(asks.get("/v1/facts"), 404) == "not-found"
    snapshot(store)
    for change, where, reason in (
        ({"change": "flood"}, "change.change", "must be one of"),
        (STARTED | {"sequence": 99}, "change.sequence", "is no open operation of order"),
        (STARTED | {"at": "2025-07-22T08:00"}, "change.at", "is not within the last 31 days"),
        ({"change": "order-held", "job": ORDER.id, "until": None}, "reason", "is empty"),
    ):
        answer = asks.post("/v1/facts", json={"change": change})
        assert problem(answer, 422) == "invalid-value"
        assert answer.json()["errors"][0]["where"] == where
        assert reason in answer.json()["detail"]
    assert store.facts.of_plant(SHOP.name) == ()


def test_facts_are_walked_page_by_page(store: Store) -> None:
    snapshot(store)
    asks = planner(store)
    made = [
        asks.post("/v1/facts", json={"change": {"change": "note", "job": ORDER.id, "text": f"note {n}"}}).json()["id"]
        for n in range(3)
    ]
    seen, address = [], "/v1/facts?limit=2"
    while address:
        page = asks.get(address)
        seen += [one["id"] for one in page.json()["items"]]
        address = page.links.get("next", {}).get("url", "")
    assert seen == made[::-1]


def test_the_effect_is_told_before_anything_is_recorded(store: Store) -> None:
    made, asks = planned(store), planner(store)
    late = {"change": "material-late", "job": ORDER.id, "release": "2025-08-21T08:00"}
    found = asks.post("/v1/facts/effects:ask", json={"plan": made.schedule, "changes": [late]}).json()
    assert [one["job"] for one in found["orders"]] == [ORDER.id]
    assert found["late_after"] > found["late_before"]
    assert store.facts.of_plant(SHOP.name) == ()
    recorded = asks.post("/v1/facts", json={"change": late, "reason": "truck"}).json()["id"]
    without = asks.post("/v1/facts/effects:ask", json={"plan": made.schedule, "without": recorded}).json()
    assert without["late_after"] == found["late_before"]
    assert problem(asks.post("/v1/facts/effects:ask", json={"plan": made.schedule}), 422) == "invalid-value"
    with EFFECTS.turn(), EFFECTS.turn():
        one_more = asks.post("/v1/facts/effects:ask", json={"plan": made.schedule, "changes": [late]})
    assert (problem(one_more, 429), one_more.headers["retry-after"]) == ("too-many-requests", "2")


def test_a_report_that_cannot_be_so_any_more_is_asked_about(store: Store) -> None:
    snapshot(store)
    asks = planner(store)
    assert asks.get("/v1/facts/questions").json() == {"machines": [], "reports": []}
    made = asks.post("/v1/facts", json={"change": STARTED | {"at": "2025-07-14T08:00"}}).json()["id"]
    (asked,) = asks.get("/v1/facts/questions").json()["reports"]
    assert (asked["fact"], asked["asks"], asked["expected"]) == (made, "ended", f"2025-07-14T{END}:00+08:00")


def test_a_machine_is_down_until_another_moment_and_back(store: Store) -> None:
    snapshot(store)
    asks = planner(store)
    answer = asks.post("/v1/downtimes", json={"machine": MACHINE, "reason": "spindle"})
    assert answer.status_code == 201, answer.text
    down, tag = answer.json(), answer.headers["etag"]
    assert (down["since"], down["end"], down["in_force"]) == ("2025-07-21T08:00:00+08:00", None, True)
    address = f"/v1/downtimes/{down['id']}"
    assert asks.get(address).headers["etag"] == tag
    later = {"end": "2025-07-21T12:00:00+08:00"}
    assert problem(asks.post(f"{address}:change-end", json=later), 428) == "precondition-required"
    changed = asks.post(f"{address}:change-end", json=later, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["end"]) == (200, later["end"])
    assert problem(asks.post(f"{address}:back", headers={"If-Match": tag}), 412) == "precondition-failed"
    back = asks.post(f"{address}:back", headers={"If-Match": changed.headers["etag"]})
    assert (back.status_code, back.json()["in_service"]) == (200, True)
    assert asks.get("/v1/downtimes").json()["items"] == []
    assert [one["id"] for one in asks.get("/v1/downtimes?ended=true").json()["items"]] == [down["id"]]
    newest = store.snapshots.needed_latest()
    assert store.snapshots.plant(newest.id) == SHOP


def test_an_order_arrives_and_is_taken_out_again(store: Store) -> None:
    snapshot(store)
    asks = planner(store)
    rush = job("RUSH-1", operation(30, MACHINE, fixed=Fixed((MACHINE,), 0, 30)), due=600, quantity=5)
    body = {"order": job_json(SHOP, rush), "source": "web shop"}
    made = asks.post("/v1/orders", json=body, headers={"Idempotency-Key": "rush"})
    assert made.status_code == 201, made.text
    planted = store.snapshots.plant(made.json()["snapshot"]).job_by_id["RUSH-1"]
    assert (planted.due, planted.operations[0].fixed) == (600, None)
    (added,) = asks.get("/v1/orders").json()["items"]
    assert (added["order"]["id"], added["source"]) == ("RUSH-1", "web shop (the planner)")
    assert problem(asks.post("/v1/orders", json=body), 422) == "invalid-value"
    removed = asks.post("/v1/orders:remove", json={"job": "RUSH-1"})
    assert removed.status_code == 200
    assert store.snapshots.plant(removed.json()["snapshot"]) == SHOP
    assert problem(asks.post("/v1/orders:remove", json={"job": ORDER.id}), 422) == "invalid-value"


def test_who_reported_stands_in_the_trail(store: Store) -> None:
    snapshot(store)
    planner(store).post("/v1/facts", json={"change": STARTED})
    (line,) = [one for one in store.audit.newest() if one.action == "record-fact"]
    assert line.actor in PEOPLE.values()
    assert json.loads(facts.known(store, SHOP, PLAN_START) and store.facts.of_plant(SHOP.name)[0].change)["job"] == ORDER.id
