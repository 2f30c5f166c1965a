"""The What-if page as a script: a breakdown in three inputs, repairs side by side, kept, compared, promoted."""

from __future__ import annotations

import re

import pytest

from dashboard import navigation
from dashboard.views.what_if.form import KINDS
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RunState
from scheduler_core.judge.validator import violations
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes_file import changes_from_json
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.services import what_if
from tests.support.opening import open_page, texts
from tests.support.page_runs import answered, ask_breakdown, asked, execute, no_workers

__all__ = ["no_workers"]

Seeded = tuple[Store, str, str]


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    assert open_page("what_if").title[0].value == "Welcome to Shopwright"


def test_three_repairs_stand_beside_the_current_plan(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = answered(store, greedy)
    assert not page.exception
    table = page.dataframe[0].value
    assert list(table.columns) == ["Figure", "Current plan", "Keep", "Calm", "Best"]
    assert {
        "Late jobs",
        "Operations moved, next 24 h",
        "Moves beyond Keep, next 24 h",
        "Moves beyond Keep, next 72 h",
        "Became late",
        "Mean shift of starts",
    } <= set(table["Figure"])
    assert any("Recommended:" in m.value for m in page.markdown)
    assert "is down from Mon 21 Jul 08:00, 8 h" in texts(page)
    snapshot = store.runs.newest(limit=1)[0].snapshot_id
    for stored in store.schedules.newest(snapshot_id=snapshot):
        assert violations(store.snapshots.plant(snapshot), store.schedules.load(stored.id)) == ()


def test_while_it_waits_it_can_be_cancelled(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = ask_breakdown(open_page("what_if", plan=greedy))
    assert [b.label for b in page.button].count("Cancel") == 3
    assert "Still calculating: Keep, Calm, Best." in texts(page)
    latest = store.snapshots.latest()
    assert latest is not None
    assert latest.id == store.schedules.get(greedy).snapshot_id


@pytest.mark.slow
def test_a_scenario_is_kept_compared_and_promoted_and_the_release_stays(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    content = store.schedules.get(greedy).content_sha256
    release = store.releases.approve(ApprovalRequest("release-1", greedy, content, "Ana"), None)
    page = answered(store, greedy)
    page.button("keep_scenario").click().run()
    page.button("confirm").click().run()
    assert "is empty" in page.error[0].value
    page.button("back").click().run()
    scenario = store.scenarios.get(asked(page))
    page.text_input(f"name_{scenario.id}").set_value("Press 2 down").run()
    page.button("keep_scenario").click().run()
    assert store.scenarios.named(scenario.base_snapshot_id) == (), "asked, but not answered yet"
    page.button("confirm").click().run()
    assert not page.exception
    assert [s.name for s in store.scenarios.named(scenario.base_snapshot_id)] == ["Press 2 down"]
    assert page.selectbox("pair_left").options[0] == "Press 2 down: Keep"
    beside = open_page(
        "compare", left=greedy, right=store.schedules.newest(snapshot_id=scenario.snapshot_id)[0].id, show="gantts"
    )
    assert not beside.exception
    assert "the changes of a what-if" in beside.warning[0].value
    assert not beside.toggle("ghosts").disabled
    (recommended,) = re.findall(r"\*\*Recommended: (\w+)\.\*\*", "\n".join(str(m.value) for m in page.markdown))
    page.button("promote").click().run()
    asked_for = [str(said.value) for said in page.text if "is then listed on Approve" in str(said.value)]
    assert [words.split(",")[0] for words in asked_for] == [recommended], "the question names the plan"
    page.button("back").click().run()
    assert store.scenarios.promoted_schedules(scenario.base_snapshot_id) == (), "asked, but not answered with yes"
    page.button("promote").click().run()
    page.button("confirm").click().run()
    assert not page.exception
    promoted = store.scenarios.promoted_schedules(scenario.base_snapshot_id)
    engine = {"Keep": "right_shift", "Calm": "repair", "Best": "best"}[recommended]
    assert [p.engine for p in promoted] == [engine], "the recommended answer is the one that is chosen at first"
    current = store.releases.current(store.snapshots.get(scenario.base_snapshot_id).plant)
    assert current is not None
    assert current.id == release.id
    approve = open_page("approve", plan=promoted[0].id)
    assert not approve.exception
    said = texts(approve).replace("\\", "")
    assert re.search(r"Assumes: M\d down .*\. The plan is valid only if this comes true\.", said)


def test_what_does_not_fit_is_refused_in_words(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = open_page("what_if", plan=greedy)
    page.selectbox("what_happens").set_value("Overtime is off, every week").run()
    page.selectbox("overtime_off_calendar").set_value("always")
    page.button("ask_what_if").click().run()
    assert "has no overtime in calendar always" in page.error[0].value.replace("\\", "")
    assert store.runs.newest(states=[RunState.QUEUED]) == ()


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_change_has_its_fields(seeded: Seeded, kind: str) -> None:
    page = open_page("what_if", plan=seeded[1])
    page.selectbox("what_happens").set_value(kind).run()
    assert not page.exception
    assert page.button("ask_what_if").label == "Compare repairs"


def test_a_rush_order_gets_its_promise(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = open_page("what_if", plan=greedy)
    page.selectbox("what_happens").set_value("A rush order comes in").run()
    page.button("ask_what_if").click().run()
    execute(store)
    page = open_page("what_if", plan=greedy, scenario=asked(page))
    assert not page.exception
    promises = page.dataframe[1].value
    assert list(promises["Repair"]) == ["Keep", "Calm", "Best"]
    assert promises["Others end later"][0] == 0


def test_scenarios_stack_on_the_page(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    first = what_if.keep(store, what_if.Question("q", greedy, (Breakdown(1, 0, 60),)))
    store.scenarios.give_name(first.id, "First")
    page = open_page("what_if", plan=greedy)
    page.selectbox("parent").set_value(first.id).run()
    page = ask_breakdown(page)
    assert store.scenarios.get(asked(page)).parent_id == first.id


def test_a_tried_fix_becomes_a_scenario_with_one_click(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store, greedy, _ = seeded
    told: list[dict[str, str]] = []
    monkeypatch.setattr(navigation, "go", lambda place, **parameters: told.append({"place": place.path, **parameters}))
    page = open_page("today", plan=greedy)
    page.button("try_fixes").click().run()
    page.button("fix_what_if_1").click().run()
    assert not page.exception
    (opened,) = told
    assert (opened["place"], opened["plan"]) == ("what-if", greedy)
    scenario = store.scenarios.get(opened["scenario"])
    assert scenario.base_schedule_id == greedy
    execute(store)
    for plan in store.schedules.newest(snapshot_id=scenario.snapshot_id):
        assert violations(store.snapshots.plant(scenario.snapshot_id), store.schedules.load(plan.id)) == ()
    assert "stays on" in texts(answer := open_page("what_if", plan=greedy, scenario=scenario.id)) or "also work" in texts(
        answer
    )


def test_a_reload_shows_the_question_beside_its_answer(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    machines = store.snapshots.plant(store.schedules.get(greedy).snapshot_id).machines
    last = machines[-1].id
    asked_for = what_if.keep(store, what_if.Question("q", greedy, (Breakdown(last, 60, 480, "move"),), frozen_hours=2))
    page = open_page("what_if", plan=greedy, scenario=asked_for.id)
    assert not page.exception
    assert page.selectbox("machine_Machine").value == last
    assert (page.selectbox("breakdown_minutes").value, page.selectbox("breakdown_running").value) == ("8 hours", "move")
    assert page.selectbox("frozen_hours").value == 2
    # What the planner changes then is theirs.
    page.selectbox("breakdown_minutes").set_value("1 hour").run()
    assert page.selectbox("breakdown_minutes").value == "1 hour"
    assert page.selectbox("machine_Machine").value == last


def test_several_changes_are_asked_together(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = open_page("what_if", plan=greedy)
    page.button("add_change").click().run()
    page.selectbox("what_happens").set_value("An order is held").run()
    page.button("add_change").click().run()
    page.button("add_change").click().run()
    page.button("remove_change_2").click().run()
    page.button("ask_what_if").click().run()
    scenario = store.scenarios.get(asked(page))
    plant = store.snapshots.plant(store.schedules.get(greedy).snapshot_id)
    changes = changes_from_json(scenario.changes, plant, "scenario")
    assert [type(change) for change in changes] == [Breakdown, OrderHeld]
    again = open_page("what_if", plan=greedy, scenario=scenario.id)
    assert not again.exception
    assert again.button("remove_change_1").label == "Remove"


def test_the_machine_list_is_searched_by_work_centre(seeded: Seeded) -> None:
    page = open_page("what_if", plan=seeded[1])
    plant = seeded[0].snapshots.plant(seeded[0].schedules.get(seeded[1]).snapshot_id)
    centres = {row.name for row in plant.machine_types}
    assert all(any(centre in option for centre in centres) for option in page.selectbox("machine_Machine").options)
