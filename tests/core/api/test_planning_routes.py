"""What a planner asks and decides about a plan, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RunState
from scheduler_core.plant import Plant
from scheduler_core.roles import Role
from tests.support.answering_api import answering
from tests.support.api import PEOPLE, client, problem
from tests.support.floor_history import SHOP, live
from tests.support.plants import job, machine, operation, plant
from tests.support.sample_plans import fresh
from tests.support.seeding import seed_plan, seed_snapshot

WAIT = {"Prefer": "wait=10"}
LATE = "J/7"
"""Late in the plan, and with a slash in its id."""


def shop() -> Plant:
    """Three machines; the orders after the first are late in the plan by EDD."""
    jobs = [job(f"J/{i}", operation(60 + 7 * i, 1, 2), operation(40 + 5 * i, 3), due=110 + 40 * i) for i in range(8)]
    return plant(*jobs, machines=(machine(1), machine(2), machine(3)))


@pytest.fixture
def app(store: Store) -> Iterator[FastAPI]:
    with answering(store) as made:
        yield made


@pytest.fixture
def api(app: FastAPI) -> TestClient:
    """Asks as the planner."""
    return client(app)


@pytest.fixture
def plan(store: Store) -> str:
    return seed_plan(store, seed_snapshot(store, shop()), "greedy", "EDD")


def got(api: TestClient, path: str, status: int = 200, **query: Any) -> Any:
    """The document of a GET."""
    answer = api.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def computed(api: TestClient, **question: Any) -> Any:
    """A computation that has ended."""
    answer = api.post("/v1/computations", json=question, headers=WAIT)
    assert answer.status_code == 200, answer.text
    return answer.json()


# ---------------------------------------------------------------- explanations
def test_a_late_order_is_explained_back_to_its_root_cause(api: TestClient, plan: str) -> None:
    late = got(api, f"/v1/plans/{plan}/late-orders", limit=1)
    assert (late["count"], len(late["items"])) == (6, 1)
    [worst] = late["items"]
    why = got(api, f"/v1/plans/{plan}/explanation", job=worst["job"])
    assert why["minutes_late"] == worst["minutes_late"] > 0
    assert why["cause"] == worst["cause"]
    assert sum(minutes for name, minutes in why["minutes"].items() if name != "total") == why["minutes"]["total"]
    assert why["chain"][0]["operation"] == why["operation"] == 2
    for link, blocker in zip(why["chain"], why["chain"][1:], strict=False):
        assert link["waits_for"] == {"job": blocker["job"], "operation": blocker["operation"]}
    assert why["chain"][-1]["waits_for"] is None
    assert why["start"] == "2025-07-21T08:00:00+08:00"


def test_an_explanation_names_the_query_that_does_not_fit(api: TestClient, plan: str) -> None:
    for query, where in (({"job": "nobody"}, "job"), ({"job": LATE, "operation": 9}, "operation")):
        problem = got(api, f"/v1/plans/{plan}/explanation", 422, **query)
        assert problem["errors"][0]["where"] == where
    assert got(api, f"/v1/plans/{'0' * 32}/explanation", 404, job=LATE)["type"].endswith(":not-found")


def test_bottlenecks_of_a_plan(api: TestClient, plan: str) -> None:
    [one] = got(api, f"/v1/plans/{plan}/bottlenecks")["items"]
    assert (one["work_centre"], one["jobs"], one["late_jobs"]) == ("type 1", 8, 6)
    assert 0 < one["utilization"] <= 1


def test_the_figures_of_a_plan_add_up(api: TestClient, store: Store, plan: str) -> None:
    orders = got(api, f"/v1/plans/{plan}/orders")["items"]
    assert (len(orders), orders[0]["job"], orders[0]["status"]) == (8, LATE, "late")
    assert sum(one["status"] == "late" for one in orders) == got(api, f"/v1/plans/{plan}/late-orders")["count"]
    days = got(api, f"/v1/plans/{plan}/loads", days=2)["days"]
    assert [day["day"] for day in days] == ["2025-07-21", "2025-07-22"]
    minutes = sum(a.end - a.start for a in store.schedules.load(plan).assignments)
    assert sum(one["run_minutes"] for day in days for one in day["work_centres"]) == minutes
    [family] = got(api, f"/v1/plans/{plan}/setups")["items"]
    assert (family["family"], family["operations"], family["run_minutes"]) == ("A", 16, minutes)


def test_what_has_changed_on_the_floor_since_the_pull(api: TestClient, store: Store, plan: str) -> None:
    assert got(api, f"/v1/plans/{plan}/floor-changes")["count"] == 0
    was = shop()
    jobs = (replace(was.jobs[0], due=None), *was.jobs[2:], job("NEW", operation(10, 1)))
    now = replace(was, jobs=jobs, machines=(*was.machines[:2], machine(3, available_from=90)))
    latest = seed_snapshot(store, now, fresh())
    found = got(api, f"/v1/plans/{plan}/floor-changes")
    assert (found["snapshot"], found["arrived"], found["gone"]) == (latest, ["NEW"], ["J/1"])
    assert [(one["job"], one["what"], one["after"]) for one in found["orders"]] == [("J/0", "due date", None)]
    assert found["orders"][0]["before"].endswith("+08:00")
    [one] = found["machines"]
    assert (one["name"], one["event"], one["start"], one["end"]) == ("M3", "down", None, "2025-07-21T09:30:00+08:00")


# ---------------------------------------------------------------- computations
def test_a_tried_fix_is_asked_as_a_what_if(api: TestClient, store: Store, plan: str) -> None:
    found = computed(api, kind="fixes", plan=plan, job=LATE)
    assert found["state"] == "done"
    fix = found["result"]["fixes"][0]
    assert fix["after"]["minutes_late"] < fix["before"]["minutes_late"]
    assert fix["odds"]["stated"] is True
    asked = api.post("/v1/what-ifs", json={"plan": plan, "changes": fix["changes"], "repairs": False})
    assert asked.status_code == 202, asked.text
    assert asked.json()["changes"] == fix["changes"]
    assert asked.json()["runs"] == []


def test_an_expedite_curve_has_points_of_which_one_is_kept(api: TestClient, store: Store, plan: str) -> None:
    found = computed(api, kind="expedite", plan=plan, job=LATE)
    points = found["result"]["points"]
    assert [point["end"] for point in points] == sorted(point["end"] for point in points)
    assert points[-1]["weighted_days"] == 0
    at = f"/v1/computations/{found['id']}/points"
    kept = api.post(f"{at}/1:keep")
    assert kept.status_code == 201, kept.text
    assert kept.headers["location"] == f"/v1/plans/{kept.json()['plan']}"
    assert api.post(f"{at}/1:keep").json() == kept.json()
    assert store.schedules.get(kept.json()["plan"]).engine == "manual"
    what_if = got(api, f"/v1/what-ifs/{kept.json()['what_if']}")
    assert [change["change"] for change in what_if["changes"]] == ["expedited"]
    assert api.post(f"/v1/plans/{kept.json()['plan']}:promote").status_code == 200
    assert [one.id for one in store.scenarios.promoted_schedules(what_if["base_snapshot"])] == [kept.json()["plan"]]
    wrong = api.post(f"{at}/9:keep")
    assert (wrong.status_code, wrong.json()["errors"][0]["where"]) == (422, "number")


def test_a_rush_order_gets_a_promise_date(api: TestClient, plan: str) -> None:
    rush = {
        "change": "rush-order",
        "job": {"id": "RUSH", "family": "A", "due": "2025-07-21T12:00",
                "operations": [{"sequence": 1, "process": "work", "minutes": 30, "setup_minutes": 0,
                                "machines": [3]}]},
    }  # fmt: skip
    found = computed(api, kind="expedite", plan=plan, job="RUSH", changes=[rush])
    assert found["problem"] is None, found["problem"]
    assert found["result"]["in_plan"] is None
    assert found["result"]["points"][0]["end"] >= found["result"]["bound"]


def test_odds_are_known_once_they_are_computed(api: TestClient, store: Store, plan: str) -> None:
    assert got(api, f"/v1/plans/{plan}/odds", 404)["type"].endswith(":not-computed")
    found = computed(api, kind="odds", plan=plan)["result"]
    assert found == got(api, f"/v1/plans/{plan}/odds")
    assert len(found["orders"]) == 8
    assert all(0 <= one["on_time"] <= 1 for one in found["orders"])
    path, other = (
        f"/v1/plans/{plan}/odds-comparison",
        seed_plan(store, store.schedules.get(plan).snapshot_id, rule="LPT", request_id=fresh()),
    )
    assert got(api, path, 404, before=other)["type"].endswith(":not-computed")
    others = computed(api, kind="odds", plan=other)["result"]
    safer = got(api, path, before=other)
    assert safer["orders"] == 8
    assert (safer["late_before"], safer["late_after"]) == (others["late_orders"], found["late_orders"])
    assert 0 < safer["after_fewer"] + safer["before_fewer"] <= 1


def test_a_computation_that_fails_says_why(api: TestClient, plan: str) -> None:
    found = computed(api, kind="fixes", plan=plan, job="nobody")
    assert (found["state"], found["result"]) == ("failed", None)
    assert found["problem"]["type"].endswith(":invalid-value")
    assert problem(api.post(f"/v1/computations/{found['id']}/points/1:keep"), 409) == "refused"


def test_computations_are_their_callers_own(app: FastAPI, api: TestClient, plan: str) -> None:
    found = computed(api, kind="odds", plan=plan)
    [line] = got(api, "/v1/computations")["items"]
    assert (line["id"], line["question"], line["state"]) == (found["id"], {"kind": "odds", "plan": plan}, "done")
    assert api.delete(f"/v1/computations/{found['id']}").json() == found
    for path in (found["id"], "unknown"):
        answer = client(app, PEOPLE[Role.VIEWER]).get(f"/v1/computations/{path}")
        assert problem(answer, 404) == "computation-not-found"


def test_a_question_of_no_kind_and_with_an_unknown_field_is_refused(api: TestClient, plan: str) -> None:
    for question in ({"kind": "weather"}, {"kind": "odds", "plan": plan, "more": 1}, {"kind": "odds", "plan": 7}):
        answer = api.post("/v1/computations", json=question)
        assert answer.status_code == 422
        assert answer.json()["errors"]


# ---------------------------------------------------------------- what-ifs
BREAKDOWN = {"change": "breakdown", "machine": 3, "start": "2025-07-21T08:30", "minutes": 120}


def test_a_what_if_is_asked_once_for_each_key_named_and_withdrawn(api: TestClient, store: Store, plan: str) -> None:
    body = {"plan": plan, "changes": [BREAKDOWN], "now": "2025-07-21T08:20:00+08:00", "frozen_hours": 1.0}
    key = {"Idempotency-Key": fresh()}
    first = api.post("/v1/what-ifs", json=body, headers=key)
    assert first.status_code == 202, first.text
    document = first.json()
    assert first.headers["location"] == f"/v1/what-ifs/{document['id']}"
    assert document["now"] == "2025-07-21T08:20:00+08:00"
    assert {run["engine"] for run in document["runs"]} == {"right_shift", "repair", "best"}
    assert api.post("/v1/what-ifs", json=body, headers=key).json()["id"] == document["id"]
    assert len(store.runs.newest(states=(RunState.QUEUED,))) == 3
    other = api.post("/v1/what-ifs", json={**body, "frozen_hours": 2.0}, headers=key)
    assert problem(other, 422) == "key-reused"
    at = f"/v1/what-ifs/{document['id']}"
    assert api.post(f"{at}:name", json={"name": "M3 down"}).json()["name"] == "M3 down"
    assert api.post(f"{at}:withdraw").json()["withdrawn"] is True
    [named] = got(api, "/v1/what-ifs")["items"]
    assert (named["id"], named["withdrawn"]) == (document["id"], True)
    assert api.post(f"{at}:restore").json()["withdrawn"] is False
    on_top = {"plan": plan, "changes": [{"change": "job-dropped", "job": "J/0"}], "parent": document["id"]}
    both = api.post("/v1/what-ifs", json={**on_top, "repairs": False}).json()
    assert [one["change"] for one in both["changes"]] == ["breakdown", "job-dropped"]


def test_changes_that_cannot_be_read_or_do_not_fit_name_their_place(api: TestClient, plan: str) -> None:
    for change, where in (
        ({"change": "earthquake"}, "changes[0].change"),
        ({**BREAKDOWN, "machine": 99}, "machine"),
        ({**BREAKDOWN, "start": "soon"}, "changes[0].start"),
    ):
        answer = api.post("/v1/what-ifs", json={"plan": plan, "changes": [change]})
        assert answer.status_code == 422
        assert where in answer.json()["detail"]


def test_what_came_true_is_confirmed_and_recorded(api: TestClient, store: Store, plan: str) -> None:
    asked = api.post("/v1/what-ifs", json={"plan": plan, "changes": [BREAKDOWN], "repairs": False}).json()
    assumes = seed_plan(store, asked["snapshot"], "greedy", "EDD", fresh())
    assert got(api, f"/v1/plans/{plan}/assumptions")["items"] == []
    [one] = got(api, f"/v1/plans/{assumes}/assumptions")["items"]
    assert (one["kind"], one["standing"], one["until"]) == ("breakdown", "open", "2025-07-21T10:30:00+08:00")
    body = {"what_if": asked["id"], "position": 0, "came_true": False}
    refuted = api.post(f"/v1/plans/{assumes}:answer-assumption", json=body)
    assert refuted.status_code == 200, refuted.text
    assert [one["standing"] for one in refuted.json()["items"]] == ["refuted"]
    wrong = api.post(f"/v1/plans/{assumes}:answer-assumption", json={**body, "position": 5})
    assert problem(wrong, 422) == "invalid-value"
    recorded = api.post(f"/v1/what-ifs/{asked['id']}:record-facts", json={"reason": "it broke"})
    assert recorded.status_code == 201, recorded.text
    assert len(recorded.json()["facts"]) == 1
    assert store.snapshots.needed_latest().id == recorded.json()["snapshot"]


# ---------------------------------------------------------------- plans by hand
def test_an_operation_is_pinned_by_who_has_seen_the_pins_and_set_free(api: TestClient, store: Store, plan: str) -> None:
    before = api.get(f"/v1/plans/{plan}/pins")
    assert before.json() == {"plan": plan, "items": []}
    body = {"job": LATE, "operation": 2, "reason": "the truck comes then"}
    assert problem(api.post(f"/v1/plans/{plan}:pin", json=body), 428) == "precondition-required"
    seen = {"If-Match": before.headers["etag"], "Idempotency-Key": fresh()}
    made = api.post(f"/v1/plans/{plan}:pin", json=body, headers=seen)
    assert made.status_code == 201, made.text
    assert api.post(f"/v1/plans/{plan}:pin", json=body, headers=seen).json() == made.json()
    again = api.post(f"/v1/plans/{plan}:pin", json=body, headers={"If-Match": before.headers["etag"]})
    assert problem(again, 412) == "precondition-failed"
    after = api.get(f"/v1/plans/{made.json()['plan']}/pins")
    [one] = after.json()["items"]
    assert (one["job"], one["operation"]) == (LATE, 2)
    assert "the truck comes then" in one["words"]
    free = {"If-Match": after.headers["etag"]}
    left = api.post(f"/v1/plans/{made.json()['plan']}:unpin", json={"job": LATE, "operation": 2}, headers=free)
    assert left.status_code == 200, left.text
    assert got(api, f"/v1/plans/{left.json()['plan']}/pins")["items"] == []


def test_moves_by_hand_are_tried_and_kept(api: TestClient, store: Store, plan: str) -> None:
    other = next(a for a in store.schedules.load(plan).assignments if a.key == (LATE, 1))
    goes = {"job": LATE, "operation": 1, "machine": 3 - other.machines[0], "start": "2025-07-21T08:00"}
    tried = api.post(f"/v1/plans/{plan}:try-moves", json={"moves": [goes]})
    assert tried.status_code == 200, tried.text
    assert tried.json()["moved"] > 0
    kept = api.post(f"/v1/plans/{plan}:keep-moves", json={"moves": [goes]})
    assert kept.status_code == 201, kept.text
    assert kept.json()["kpis"] == tried.json()["after"]
    assert kept.json()["engine"] == "manual"
    difference = got(api, f"/v1/plans/{kept.json()['id']}/difference", before=plan)
    assert difference["changed"] == tried.json()["moved"]


def test_an_illegal_move_is_refused_with_its_reason(api: TestClient, plan: str) -> None:
    body = {"moves": [{"job": LATE, "operation": 1, "machine": 3, "start": "2025-07-21T08:00"}]}
    for act in ("try-moves", "keep-moves"):
        answer = api.post(f"/v1/plans/{plan}:{act}", json=body)
        assert (answer.status_code, "cannot run on M3" in answer.json()["detail"]) == (409, True)
    soon = {"moves": [{**body["moves"][0], "start": "soon"}]}
    answer = api.post(f"/v1/plans/{plan}:try-moves", json=soon)
    assert answer.json()["errors"][0]["where"] == "moves[0].start"


def test_only_a_plan_of_a_what_if_is_put_up_for_approval(api: TestClient, plan: str) -> None:
    assert problem(api.post(f"/v1/plans/{plan}:promote"), 409) == "refused"


# ---------------------------------------------------------------- the floor
def test_the_dispatch_list_of_a_shift_as_json_and_csv(api: TestClient, plan: str) -> None:
    items = got(api, f"/v1/plans/{plan}/shifts")["items"]
    path = f"/v1/plans/{plan}/dispatch-list"
    found = got(api, path, shift=items[0]["start"])
    assert found["shift"] == items[0]
    assert {line["machine"] for line in found["lines"]} == {1, 2, 3}
    assert found["late_orders"][0]["job"] == LATE
    only = got(api, path, shift=items[0]["start"], machine="M2")
    assert {line["machine"] for line in only["lines"]} == {2}
    assert [line["position"] for line in only["lines"]] == list(range(1, len(only["lines"]) + 1))
    answer = api.get(path, params={"shift": items[0]["start"], "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = answer.text.splitlines()
    assert rows[0].startswith("work_centre,machine,machine_name,position,")
    assert len(rows) == 1 + len(found["lines"])
    wrong = {"machine": ("M9", "machine"), "work_centre": ("x", "work_centre"), "shift": ("1999-01-01", "shift")}
    for name, (value, where) in wrong.items():
        assert got(api, path, 422, **{name: value})["errors"][0]["where"] == where


def test_a_released_list_says_what_was_released_and_no_cell_is_a_formula(api: TestClient, store: Store) -> None:
    evil = plant(job("=1+1", operation(60, 1), due=100, product="@cmd"), job("B", operation(30, 1)))
    plan = seed_plan(store, seed_snapshot(store, evil))
    content = store.schedules.get(plan).content_sha256
    release = store.releases.approve(ApprovalRequest(fresh(), plan, content, "Ann"), None)
    path = f"/v1/releases/{release.id}/dispatch-list"
    found = got(api, path)
    assert (found["version"], found["plan"]) == (1, plan)
    assert {line["job"] for line in found["lines"]} == {"=1+1", "B"}
    text = api.get(path, params={"format": "csv", "machine": "M1"}).text
    assert ",'=1+1," in text
    assert ",'@cmd," in text
    assert got(api, path, machine="M9")["lines"] == []


def test_what_a_machine_should_begin_next(api: TestClient, plan: str) -> None:
    found = got(api, "/v1/next-operations", machine="m1", most=2)
    assert (found["machine"], found["plan"]) == ({"id": 1, "name": "M1"}, plan)
    assert len(found["ready"]) == 2
    first = found["ready"][0]
    later = got(api, "/v1/next-operations", machine="1", at="2025-07-21T10:00", finished=f"{first['job']}:1")
    assert first["job"] not in {one["job"] for one in later["ready"] if one["operation"] == 1}
    wrong = {"machine": ("M9", "machine"), "finished": ("J", "finished"), "at": ("2000-01-01", "at")}
    for name, (value, where) in wrong.items():
        query = {"machine": "M1", name: value}
        assert got(api, "/v1/next-operations", 422, **query)["errors"][0]["where"] == where


def test_actuals_and_figures_by_week(api: TestClient, store: Store) -> None:
    live(store)
    found = got(api, "/v1/actuals")
    assert found["pulls"] == 9
    assert found["operations"][0]["began"][1].endswith("+08:00")
    weeks = computed(api, kind="performance", plant=SHOP.name, reasons=True)["result"]["weeks"]
    assert [(week["monday"], week["orders"]["late"]) for week in weeks] == [("2025-07-21", 2)]
    assert weeks[0]["reasons"] is not None
    nothing = computed(api, kind="performance", plant="elsewhere")
    assert nothing["problem"]["type"].endswith(":not-found")


# ---------------------------------------------------------------- the frozen zone
def test_the_frozen_zone_is_set_by_who_has_seen_it(api: TestClient, store: Store, plan: str) -> None:
    before = api.get("/v1/frozen-zone")
    assert (before.json()["hours"], before.json()["set_by"]) == (0.0, None)
    body = {"hours": 8.0, "work_centres": [{"machine_type": 1, "hours": 2.0}]}
    assert api.put("/v1/frozen-zone", json=body).status_code == 428
    seen = {"If-Match": before.headers["etag"]}
    after = api.put("/v1/frozen-zone", json=body, headers=seen)
    assert after.status_code == 200, after.text
    assert after.json()["work_centres"] == [{"machine_type": 1, "name": "type 1", "hours": 2.0}]
    assert after.json()["set_by"] == PEOPLE[Role.PLANNER]
    assert api.put("/v1/frozen-zone", json=body, headers=seen).status_code == 412
    again = {"If-Match": after.headers["etag"]}
    for own in ([{"machine_type": 9, "hours": 1.0}], [{"machine_type": 1, "hours": 1.0}] * 2):
        answer = api.put("/v1/frozen-zone", json={"hours": 8.0, "work_centres": own}, headers=again)
        assert (answer.status_code, "machine_type" in answer.json()["errors"][0]["where"]) == (422, True)


def test_of_two_who_have_seen_the_same_frozen_zone_one_sets_it(
    api: TestClient, store: Store, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {"If-Match": api.get("/v1/frozen-zone").headers["etag"]}
    set_zone, name = store.frozen_zones.set_zone, store.snapshots.needed_latest().plant

    def other_first(*given: Any) -> bool:
        set_zone(name, 5.0, {}, "the other")
        return set_zone(*given)

    monkeypatch.setattr(store.frozen_zones, "set_zone", other_first)
    answer = api.put("/v1/frozen-zone", json={"hours": 8.0, "work_centres": []}, headers=seen)
    assert problem(answer, 412) == "precondition-failed"
    assert api.get("/v1/frozen-zone").json()["set_by"] == "the other"


def test_a_viewer_computes_as_on_the_board_and_keeps_nothing(app: FastAPI, plan: str) -> None:
    viewer = client(app, PEOPLE[Role.VIEWER])
    found = computed(viewer, kind="odds", plan=plan)
    assert problem(viewer.post(f"/v1/computations/{found['id']}/points/1:keep"), 403) == "forbidden"
