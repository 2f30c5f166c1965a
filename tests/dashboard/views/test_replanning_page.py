"""Compare replans from the plan in force: keep, calm and best, what they move, and which is recommended."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.presentation import formatting, replan_words
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, Run, RunState
from scheduler_core.objectives import Objective
from scheduler_core.runs.execute import PLAN_STAYS, execute
from tests.support.opening import open_page, texts
from tests.support.page_runs import no_workers
from tests.support.seeding import seed_snapshot

__all__ = ["no_workers"]

Seeded = tuple[Store, str, str]


@pytest.fixture
def released(seeded: Seeded) -> Seeded:
    """The first seeded plan is in force."""
    store, greedy, _ = seeded
    store.releases.approve(ApprovalRequest("release-1", greedy, store.schedules.get(greedy).content_sha256, "Ana"), None)
    return seeded


def run_all(store: Store) -> dict[str, Run]:
    waiting = store.runs.newest(states=[RunState.QUEUED])
    for run in waiting:
        execute(store, run.id)
    return {run.engine: store.runs.get(run.id) for run in waiting}


def test_run_replans_from_the_plan_in_force(released: Seeded) -> None:
    store, greedy, _ = released
    page = open_page("compare")
    assert page.radio("start_from").value == "in_force"
    page.number_input("seconds").set_value(1).run()
    page.number_input("most_moves").set_value(2).run()
    page.number_input("frozen_all").set_value(3).run()
    page.button("run_both").click().run()
    assert not page.exception
    waiting = {r.engine: r.config for r in store.runs.newest(states=[RunState.QUEUED])}
    assert sorted(waiting) == ["best", "repair", "right_shift"]
    calm = waiting["repair"]
    assert calm.warm_start is not None
    assert calm.warm_start.by_operation == store.schedules.load(greedy).by_operation
    assert (calm.most_moves, calm.frozen_hours, calm.time_limit) == (2, 3.0, 1.0)


def test_the_answers_stand_side_by_side_with_a_recommendation(released: Seeded) -> None:
    store, _, _ = released
    page = open_page("compare")
    page.number_input("seconds").set_value(1).run()
    page.button("run_both").click().run()
    ended = run_all(store)
    assert all((run.state is RunState.OK) is (run.message != PLAN_STAYS) for run in ended.values())
    assert ended["right_shift"].message == PLAN_STAYS
    assert ended["right_shift"].schedule_id is None
    page = open_page("compare", show="replans")
    assert not page.exception
    if any(run.schedule_id for run in ended.values()):
        assert any("Recommended:" in m.value for m in page.markdown)
        table = page.dataframe[0].value
        assert {
            "Operations moved, next 72 h",
            "Moves beyond Keep, next 24 h",
            "Moves beyond Keep, next 72 h",
            "Mean shift of starts",
            "Neighbours swapped, next 72 h",
        } <= set(table["Figure"])
        assert replan_words.how_often() in captions(page)
        assert formatting.percent(0.07) in replan_words.how_often()
    else:
        assert "No replan of the latest jobs yet" in texts(page)


def test_from_nothing_stays_a_choice(released: Seeded) -> None:
    store, _, _ = released
    page = open_page("compare")
    page.radio("start_from").set_value("nothing").run()
    page.button("run_both").click().run()
    assert sorted(r.engine for r in store.runs.newest(states=[RunState.QUEUED])) == ["greedy", "learned"]


def test_without_a_release_nothing_asks_where_to_start(seeded: Seeded) -> None:
    page = open_page("compare")
    assert "start_from" not in {radio.key for radio in page.radio}
    assert "Nothing is released yet" in texts(open_page("compare", show="replans"))


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)


def centre_of(store: Store, plan: str) -> int:
    """The machine type of the first operation of a plan."""
    plant = store.snapshots.plant(store.schedules.get(plan).snapshot_id)
    return plant.machine_by_id[store.schedules.load(plan).assignments[0].machines[0]].type


def test_the_frozen_zone_is_set_once_and_every_later_run_keeps_it(released: Seeded) -> None:
    store, greedy, _ = released
    kind = centre_of(store, greedy)
    page = open_page("compare")
    assert "Never set for this plant" in captions(page)
    assert page.button("set_frozen").disabled, "nothing to be set"
    page.number_input("frozen_all").set_value(8.0).run()
    page.multiselect("frozen_own").select(kind).run()
    page.number_input(f"frozen_{kind}").set_value(24.0).run()
    page.button("set_frozen").click().run()
    assert not page.exception
    name = store.snapshots.get(store.schedules.get(greedy).snapshot_id).plant
    zone = store.frozen_zones.of(name)
    assert zone is not None
    assert (zone.hours, zone.by_type) == (8.0, ((kind, 24.0),))
    assert store.audit.newest(1)[0].action == "set-frozen-zone"
    later = open_page("compare")
    assert f"Set by {zone.actor}, " in captions(later)
    assert (later.number_input("frozen_all").value, later.number_input(f"frozen_{kind}").value) == (8.0, 24.0)
    assert later.button("set_frozen").disabled
    later.button("run_both").click().run()
    waiting = {r.engine: r.config for r in store.runs.newest(states=[RunState.QUEUED])}
    assert {(c.frozen_hours, c.frozen_by_type) for c in waiting.values()} == {(8.0, ((kind, 24.0),))}
    assert sorted(waiting) == ["best", "repair", "right_shift"]


def test_engines_from_nothing_keep_the_zone_of_the_plan_in_force(released: Seeded) -> None:
    store, greedy, _ = released
    snapshot = store.snapshots.get(store.schedules.get(greedy).snapshot_id)
    store.frozen_zones.set_zone(snapshot.plant, 240, {}, "Ann")
    store.bounds.save(snapshot.id, Objective.TARDINESS, 0.0)
    page = open_page("compare")
    page.radio("start_from").set_value("nothing").run()
    page.number_input("seconds").set_value(1).run()
    page.multiselect("engines").set_value(["greedy"]).run()
    assert page.number_input("frozen_all").value == 240
    page.button("run_both").click().run()
    assert not page.exception
    run = run_all(store)["greedy"]
    assert run.schedule_id is not None
    old, new = store.schedules.load(greedy).by_operation, store.schedules.load(run.schedule_id).by_operation
    assert {k: (a.machines, a.start) for k, a in new.items()} == {k: (a.machines, a.start) for k, a in old.items()}
    assert store.schedules.get(run.schedule_id).lower_bound is not None, "a plan from nothing has its bound"
    plant = store.snapshots.plant(snapshot.id)
    free = sum(op.fixed is None for job in plant.jobs for op in job.operations)
    words = f"Frozen zone: next 240 h. {free} operations kept in place."
    assert words in texts(open_page("gantt", plan=run.schedule_id))
    assert words in texts(open_page("approve", plan=run.schedule_id))
    shown = open_page("compare", left=greedy, right=run.schedule_id)
    assert f"Right: {words}" in texts(shown)
    assert f"Left: {words}" not in texts(shown)


def test_without_a_zone_engines_from_nothing_know_nothing_of_the_plan_in_force(released: Seeded) -> None:
    store, _, _ = released
    page = open_page("compare")
    page.radio("start_from").set_value("nothing").run()
    page.button("run_both").click().run()
    waiting = {r.engine: r.config for r in store.runs.newest(states=[RunState.QUEUED])}
    assert sorted(waiting) == ["greedy", "learned"]
    assert all(c.warm_start is None and c.frozen_hours == 0 and c.frozen_by_type == () for c in waiting.values())


def test_a_zone_that_somebody_else_sets_meanwhile_is_shown(released: Seeded) -> None:
    store, greedy, _ = released
    page = open_page("compare")
    page.number_input("frozen_all").set_value(3.0).run()
    store.frozen_zones.set_zone(store.snapshots.get(store.schedules.get(greedy).snapshot_id).plant, 12, {}, "Bob")
    page.run()
    assert page.number_input("frozen_all").value == 12
    assert "Set by Bob, " in captions(page)


def test_after_a_pull_the_way_on_starts_from_the_plan_in_force(released: Seeded) -> None:
    store, greedy, _ = released
    latest = seed_snapshot(store, store.snapshots.plant(store.schedules.get(greedy).snapshot_id), "snapshot-2")
    page = open_page("today")
    assert "The newly pulled jobs have no plan yet; the pages show the released plan." in texts(page)
    assert "Make two plans" not in {b.label for b in page.button}
    page.button(key="replan_pulled").click().run()
    assert not page.exception
    assert {r.engine for r in store.runs.newest(snapshot_id=latest)} == {"right_shift", "repair", "best"}
