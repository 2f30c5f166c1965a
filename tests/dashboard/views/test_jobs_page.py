"""The page Jobs: before there is a plan, its filter, and what was put aside."""

from __future__ import annotations

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from tests.support.opening import Seeded, open_page, texts
from tests.support.seeding import seed_run, seed_snapshot


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
    assert page.info[0].value == "No job matches: empty the filter above to see all jobs again."
