"""Plans, their operations, their violations, and what changes between two."""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.data.store import Store
from scheduler_core.objectives import Objective
from tests.support.api import planner, problem
from tests.support.sample_plans import good_schedule, overlapping_schedule, planned, small_plant
from tests.support.seeding import seed_plan, seed_snapshot


def test_a_plan_is_told_with_its_key_figures(store: Store) -> None:
    made = planned(store)
    stored = store.schedules.get(made.schedule)
    said = planner(store).get(f"/v1/plans/{made.schedule}").json()
    assert stored.kpis is not None
    assert said["kpis"] == stored.kpis.as_dict()
    assert (said["id"], said["run"], said["snapshot"]) == (made.schedule, made.run, made.snapshot)
    assert (said["rejected"], said["violations"], said["report"]) == (False, 0, {"rule": "EDD"})
    assert said["content_sha256"] == made.content


def test_the_best_bound_that_is_known_is_told(store: Store) -> None:
    made, asks = planned(store), planner(store)
    assert asks.get(f"/v1/plans/{made.schedule}").json()["lower_bound"] is None
    store.bounds.save(made.snapshot, Objective.MAKESPAN, 9.0)
    assert asks.get(f"/v1/plans/{made.schedule}").json()["lower_bound"] is None, "of another objective"
    store.bounds.save(made.snapshot, Objective.TARDINESS, 1.25)
    assert asks.get(f"/v1/plans/{made.schedule}").json()["lower_bound"] == 1.25
    assert asks.get("/v1/plans").json()["items"][0]["lower_bound"] == 1.25


def test_its_operations_stand_on_the_plants_clock(store: Store) -> None:
    made, asks = planned(store), planner(store)
    answer = asks.get(f"/v1/plans/{made.schedule}/schedule")
    said = answer.json()
    assert (said["timezone"], said["plan_start"]) == ("Asia/Kuala_Lumpur", "2025-07-21T08:00:00+08:00")
    assert said["operations"][1] == {
        "job": "JOB-1", "operation": 2, "machines": [1, 2], "machine_names": ["M1", "M2"],
        "start": "2025-07-21T09:00:00+08:00", "end": "2025-07-21T09:30:00+08:00", "setup_minutes": 0,
    }  # fmt: skip
    known = asks.get(f"/v1/plans/{made.schedule}/schedule", headers={"If-None-Match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert asks.get(f"/v1/plans/{made.schedule}/schedule", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_rejected_schedule_has_violations_and_no_operations(store: Store) -> None:
    good, bad, asks = planned(store), planned(store, overlapping_schedule()), planner(store)
    said = asks.get(f"/v1/plans/{bad.schedule}/violations").json()
    assert said["plan"] == bad.schedule
    assert [one["rule"] for one in said["items"]] == [v.rule for v in store.schedules.violations(bad.schedule)]
    assert said["items"][0]["message"]
    assert asks.get(f"/v1/plans/{good.schedule}/violations").json()["items"] == []
    assert problem(asks.get(f"/v1/plans/{bad.schedule}/schedule"), 409) == "refused"
    assert [one["id"] for one in asks.get("/v1/plans").json()["items"]] == [good.schedule]
    rejected = asks.get("/v1/plans?rejected=true").json()["items"]
    assert [(one["id"], one["kpis"], one["rejected"]) for one in rejected] == [(bad.schedule, None, True)]


def test_a_difference_tells_which_operations_and_orders_change(store: Store) -> None:
    old = planned(store)
    new = planned(store, good_schedule(60), old.snapshot)
    said = planner(store).get(f"/v1/plans/{new.schedule}/difference", params={"before": old.schedule}).json()
    assert (said["before"], said["after"]) == (old.schedule, new.schedule)
    assert (said["compared"], said["changed"], said["moved"], said["unchanged"]) == (3, 1, 1, 2)
    [change] = said["operations"]
    assert (change["job"], change["shift_minutes"], change["moved"]) == ("job-1", 60, True)
    assert change["before"]["start"] == "2025-07-21T09:30:00+08:00"
    assert change["after"]["start"] == "2025-07-21T10:30:00+08:00"
    [order] = said["jobs"]
    assert (order["job"], order["kind"]) == ("job-1", "later")


def test_plans_of_different_plants_are_not_compared(store: Store) -> None:
    one = planned(store)
    other = seed_plan(store, seed_snapshot(store, replace(small_plant(), name="another")))
    answer = planner(store).get(f"/v1/plans/{one.schedule}/difference", params={"before": other})
    assert problem(answer, 409) == "refused"
    assert "another" in answer.json()["detail"]


def test_the_list_is_walked_page_by_page(store: Store) -> None:
    made = [planned(store).schedule for _ in range(3)]
    asks, seen, address = planner(store), [], "/v1/plans?limit=1"
    while address:
        page = asks.get(address)
        seen += [one["id"] for one in page.json()["items"]]
        address = page.links.get("next", {}).get("url", "")
    assert seen == made[::-1]
