"""The panel Expedite as a script: from a link to the curve, a plan kept and submitted with what it decides named."""

from __future__ import annotations

import pytest

from dashboard.presentation import expedite_view
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import MANUAL
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.judge.validator import violations
from scheduler_core.roles import LOCAL, Actor, Forbidden
from scheduler_core.scenarios.changes_file import changes_from_json
from scheduler_core.scenarios.expedite import Payer, Point, expedite
from scheduler_core.scenarios.single_changes import Expedited
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.services import authorized, expediting
from tests.support.opening import open_page, texts
from tests.support.page_runs import no_workers
from tests.support.plants import job, machine, operation, plant

__all__ = ["no_workers"]

Seeded = tuple[Store, str, str]


def latest(store: Store, schedule_id: str) -> str:
    """The order that is latest in the plan."""
    shop = store.snapshots.plant(store.schedules.get(schedule_id).snapshot_id)
    late = job_lateness(shop, store.schedules.load(schedule_id))
    return max(late, key=lambda j: late[j] or -1)


def test_a_link_finds_the_curve_and_a_point_is_kept_and_submitted(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    wanted = latest(store, greedy)
    page = open_page("what_if", plan=greedy, what="expedite", job=wanted)
    assert not page.exception
    assert page.selectbox("expedite_job").value == wanted
    assert [m.label for m in page.metric[-4:]] == ["Wanted by", "In the current plan", "Not possible before", "Harms nobody"]
    choices = page.radio("expedite_point").options
    assert len(choices) >= 2
    assert "weighted days" in choices[0]
    assert choices[-1].endswith("harms nobody")
    page.radio("expedite_point").set_value(0).run()
    assert "newly late:" in texts(page)
    paying = page.dataframe[-1].value
    assert list(paying.columns) == list(expedite_view.payer_columns())
    assert paying["Pays, weighted days"].is_monotonic_decreasing
    before = store.schedules.newest(limit=1)
    page.button("expedite_submit").click().run()
    assert store.schedules.newest(limit=1) == before, "asked, but not answered yet"
    page.button("confirm").click().run()
    assert not page.exception
    snapshot = store.schedules.get(greedy).snapshot_id
    (promoted,) = store.scenarios.promoted_schedules(snapshot)
    assert promoted.engine == MANUAL
    assert "Submitted for approval." in texts(page)
    assert any(button.key == "to_approve" for button in page.button)
    other = open_page("approve", plan=greedy)
    submitted = "You submitted a different plan from the one shown here"
    assert submitted not in texts(other), "another session has submitted it"
    other.session_state["_submitted_plan"] = promoted.id
    assert submitted in texts(other.run())
    other.button("show_submitted").click().run()
    assert submitted not in texts(other)
    assert violations(store.snapshots.plant(promoted.snapshot_id), store.schedules.load(promoted.id)) == ()
    approve = open_page("approve", plan=promoted.id)
    assert not approve.exception
    chosen = next(box for box in approve.selectbox if promoted.id in box.options or "expedited" in str(box.options))
    assert "expedited" in str(chosen.options), "the plan's name says what was decided"


def test_the_kept_plan_names_its_order_and_the_same_point_is_kept_once(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    asked = expediting.ExpediteQuestion(greedy, latest(store, greedy))
    curve = expediting.find(store, asked)
    first, again = (authorized.keep_expedited(store, LOCAL, asked, curve.points[0]) for _ in range(2))
    assert first == again
    scenario = store.scenarios.get(first.scenario_id)
    shop = store.snapshots.plant(scenario.base_snapshot_id)
    assert changes_from_json(scenario.changes, shop, "kept") == (Expedited(asked.job, curve.points[0].end),)
    assert store.schedules.load(first.schedule_id).by_operation == curve.points[0].schedule.by_operation
    page = open_page("what_if", plan=greedy, scenario=first.scenario_id)
    assert not page.exception
    assert f"{asked.job} is expedited: delivered" in texts(page)
    assert "Not there (yet)" not in texts(page)
    assert "Expedited" in page.dataframe[0].value.columns


def test_who_may_not_ask_what_if_may_not_keep(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    asked = expediting.ExpediteQuestion(greedy, latest(store, greedy))
    point = expediting.find(store, asked).least_harm
    with pytest.raises(Forbidden):
        authorized.keep_expedited(store, Actor("nobody@example.org"), asked, point)
    assert store.scenarios.promoted_schedules(store.schedules.get(greedy).snapshot_id) == ()


def test_a_rush_order_gets_its_curve_from_the_form(seeded: Seeded) -> None:
    _, greedy, _ = seeded
    page = open_page("what_if", plan=greedy, what="expedite")
    page.segmented_control("expedite_rush").set_value([True]).run()
    page.button("expedite_find").click().run()
    assert not page.exception
    assert [m.label for m in page.metric[-4:]] == ["Wanted by", "In the first gaps", "Not possible before", "Harms nobody"]


def test_a_link_to_an_order_that_is_not_there_says_so(seeded: Seeded) -> None:
    _, greedy, _ = seeded
    page = open_page("what_if", plan=greedy, what="expedite", job="NO-SUCH")
    assert not page.exception
    assert "NO\\-SUCH" in page.warning[0].value


def test_the_chart_shows_every_point_the_bound_and_the_due_date() -> None:
    shop = plant(
        job("A", operation(60, 1), due=60), job("B", operation(60, 1), due=60), machines=(machine(1),)
    )  # fmt: skip
    plan = Schedule((Assignment("A", 1, (1,), 0, 60), Assignment("B", 1, (1,), 60, 120)))
    curve = expedite(shop, plan, "B")
    figure = expedite_view.curve_chart(shop, curve, selected=1)
    (line,) = figure.data
    assert list(line.x) == [shop.time_of(60), shop.time_of(120)]
    assert [round(y * 1440) for y in line.y] == [60, 0]
    assert [d[0] for d in line.customdata] == [0, 1]
    assert line.text == ("1", "")
    assert [s.x0 for s in figure.layout.shapes] == [shop.time_of(60), shop.time_of(60)]
    assert [a.text for a in figure.layout.annotations] == ["not possible before", "wanted"]


def test_who_pays_is_a_table_of_values() -> None:
    order = job("A", operation(60, 1), due=60, important=True)
    shop = plant(order, machines=(machine(1),))
    frame = expedite_view.payers_frame(shop, Point(Schedule(()), 60, (Payer(order, 60, 780, 720),), 1, 1))
    assert frame.iloc[0].tolist() == ["A", "becomes late", shop.time_of(60), shop.time_of(780), 0.5, 1.5]
