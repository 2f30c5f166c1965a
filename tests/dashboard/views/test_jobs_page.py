"""The page Jobs: before there is a plan, its filter, and what was put aside."""

from __future__ import annotations

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from scheduler_core.plant import Plant
from tests.support.opening import Seeded, open_page, texts
from tests.support.seeding import seed_run, seed_snapshot
from tests.support.table_words import drawn


def test_jobs_without_a_plan_offer_to_make_two(store: Store, small_plant: object) -> None:
    snapshot_id = seed_snapshot(store, small_plant)  # type: ignore[arg-type]
    run = seed_run(store, snapshot_id, "greedy")
    store.runs.claim(run.id, "test")
    store.runs.finish(run.id, "test", RunState.FAILED, "the engine broke on <b>this</b>")
    page = open_page("today")
    assert page.subheader[0].value == "No plan for these jobs yet"
    assert "the engine broke on" in page.error[0].value
    assert "<b>" not in page.error[0].value
    assert "Make two plans" in [b.label for b in page.button]


def test_jobs_filter_and_quarantine(seeded: Seeded) -> None:
    page = open_page("jobs")
    assert [m.label for m in page.metric] == ["Open jobs read", "Accepted", "In quarantine", "Operations to plan"]
    assert len(page.dataframe[0].value) == 5
    page.text_input(key="find").set_value("bb-").run()
    assert list(page.dataframe[0].value["Job"]) == ["J2"]
    assert "1 of 5 jobs match." in texts(page)
    page.text_input(key="find").set_value("[").run()
    assert list(page.dataframe[0].value["Job"]) == ["J4"]
    page.text_input(key="find").set_value("nothing like it").run()
    assert page.info[0].value == "No job matches: clear the filter above to see all jobs again."


def test_an_order_opens_with_its_operations_and_why_it_ends_then(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    page = open_page("jobs", job="J2")
    assert not page.exception
    assert page.query_params["job"] in ("J2", ["J2"])
    assert page.subheader[0].value.replace("\\", "") == "★ BB-2 · J2"
    shown = texts(page)
    assert "Quantity: 12" in shown
    assert "Family: B" in shown
    assert "Material: available" in shown
    shown_plan = next(p for p in plans if formatting.plan_kind(p.stored) in shown)
    operations = page.dataframe[1].value
    a = shown_plan.schedule.by_operation["J2", 1]
    assert list(operations["Machine"]) == [formatting.machine_names(shown_plan.plant, a.machines)]
    assert list(operations["May run on"]) == ["M1, M2"]
    assert page.dataframe[2].value.iloc[0]["Job"] == "jobs?job=J2"


def test_a_selected_row_opens_its_order_and_closing_leaves_the_list(seeded: Seeded) -> None:
    page = open_page("jobs")
    jobs = list(page.dataframe[0].value["Job"])
    assert not page.subheader
    page = open_page("jobs", job=jobs[2])
    page.button(key="close_order").click().run()
    assert not page.exception
    assert "job" not in page.query_params
    assert not page.subheader


def test_an_order_without_a_plan_shows_its_routing(store: Store, small_plant: Plant) -> None:
    seed_snapshot(store, small_plant)
    page = open_page("jobs", job="J5")
    assert not page.exception
    routing = drawn(page.dataframe[1])
    assert list(routing["May run on"]) == ["M1 + M3 together"]
    assert list(routing["Run"]) == ["8:20"]


def test_an_unknown_job_of_the_address_is_told(seeded: Seeded) -> None:
    assert "not in the pull: J99" in texts(open_page("jobs", job="J99")).replace("\\", "")


def test_words_work_centre_and_status_narrow_the_list_together(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    page = open_page("jobs", find="lathe")
    on_lathe = set(page.dataframe[0].value["Job"])
    assert {"J1", "J3"} <= on_lathe
    assert "J2" not in on_lathe
    page = open_page("jobs", centre="1", status="late")
    listed = page.dataframe[0].value
    assert set(listed["Status"]) == {"late"}
    assert "J3" not in set(listed["Job"])
    assert page.selectbox(key="jobs_centre").value == "1"
