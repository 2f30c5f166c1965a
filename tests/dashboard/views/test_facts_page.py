"""What planners know is recorded on the page Facts, said where it acts, and undone."""

from __future__ import annotations

from datetime import date, time, timedelta

from streamlit.testing.v1 import AppTest

from dashboard.components.fact_forms import FactKind, Scope
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullNote, Source
from scheduler_core.plant import Plant
from scheduler_core.scenarios.days import on
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.floor_reports import OperationStarted
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed
from scheduler_core.scenarios.single_changes import Expedited
from scheduler_core.services import facts, what_if
from scheduler_core.services.facts import Standing, Stated
from scheduler_core.services.planner_facts.questions import WAITS
from tests.support.hostile_text import NASTY
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.plants import PLAN_START
from tests.support.seeding import seed_plan

SATURDAY = date(2025, 7, 26)
"""Of the plan's first week."""


def recorded(store: Store) -> tuple[facts.Fact, ...]:
    plant = store.snapshots.plant(store.snapshots.newest()[0].id)
    return facts.known(store, plant, PLAN_START)


def note(store: Store, machine: int = 2, text: str = NASTY) -> str:
    stated = Stated(Noted(text, machine), PLAN_START, "")
    return facts.record(store, stated, now=PLAN_START, actor="Ana", request_id=f"note-{machine}").fact_id


def closed(store: Store) -> str:
    change = HoursClosed(on(SATURDAY - timedelta(days=1)), 780, 1440, Group(), "Fair")
    stated = Stated(change, PLAN_START, "Fair")
    return facts.record(store, stated, now=PLAN_START, actor="Ana", request_id="fair").fact_id


def said(page: AppTest) -> str:
    return texts(page).replace("\\", "")


def buttons(page: AppTest) -> set[str]:
    return {str(b.key) for b in page.button}


def test_an_empty_page_teaches_and_leads_into_the_question(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    page = open_page("facts")
    assert not page.exception
    assert str(page.info[0].value).startswith("Nothing is recorded yet. A fact is what you know and the ERP does not say")
    page.button(key="add_note").click().run()
    assert page.selectbox(key="fact_kind").value is FactKind.NOTE
    page.selectbox(key="fact_machine").set_value(2)
    page.text_area(key="fact_note").set_value("check the *first* piece").run()
    page.button(key="fact_record").click().run()
    assert "Fill in the fields, the reason and your name first." in said(page)
    page.text_input(key="fact_who").set_value("A\u200bna")
    page.button(key="fact_record").click().run()
    assert "Not recorded: Your name: 'Au200bna' holds U+200B ZERO WIDTH SPACE" in said(page)
    assert recorded(store) == ()
    page.text_input(key="fact_who").set_value("Ana")
    page.button(key="fact_record").click().run()
    assert not page.exception
    (fact,) = recorded(store)
    assert (fact.change, fact.recorded_by) == (Noted("check the *first* piece", 2), "Ana")
    assert list(page.dataframe[0].value["On the plan"]) == ["shown there"]


def test_hours_are_added_on_a_day_of_the_week_with_what_they_do(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    page = open_page("facts", section="Hours of the week", centre="1")
    assert not page.exception
    bars = "".join(str(one.proto.body) for one in page.get("html"))
    assert "Wednesday off" in bars
    assert "08:00–12:00" in bars
    page.button(key=f"hours_{SATURDAY}").click().run()
    assert page.session_state["fact_scope"] is Scope.CENTRE
    assert page.selectbox(key="fact_centre").value == 1
    assert page.date_input(key="fact_first").value == SATURDAY
    shown = "\n".join(str(m.value) for m in page.markdown).replace("\\", "")
    assert "late" in shown
    page.text_input(key="fact_why").set_value("customer asks")
    page.text_input(key="fact_who").set_value("Ana")
    page.button(key="fact_record").click().run()
    assert not page.exception
    (fact,) = recorded(store)
    assert isinstance(fact.change, HoursAdded)
    assert (fact.change.days, fact.change.group) == (on(SATURDAY), Group(machine_types=(1,)))
    assert f"undo_{fact.id}" in buttons(page)


def test_a_fact_is_undone_and_stays_in_the_list(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    fact_id = closed(store)
    page = open_page("facts", section="Hours of the week", centre="1")
    page.button(key=f"undo_{fact_id}").click().run()
    shown = said(page)
    assert "late" in shown.split("Undo this fact?")[-1]
    assert any("Every machine keeps the sequence of its operations" in str(c.value) for c in page.caption)
    page.text_input(key="fact_undo_why").set_value("the fair is off")
    page.text_input(key="fact_who").set_value("Bob")
    page.button(key="fact_undo").click().run()
    assert not page.exception
    (fact,) = recorded(store)
    assert fact.standing(PLAN_START) is Standing.UNDONE
    assert (fact.undone_by, fact.undone_reason) == ("Bob", "the fair is off")
    shown = open_page("facts", section="Over and undone")
    assert not shown.exception, shown.exception
    past = shown.dataframe[0].value
    assert list(past["Undone by"]) == ["Bob"]
    assert list(past["State"]) == ["undone"]


def test_facts_are_said_where_they_act(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    note(store)
    closed(store)
    today = said(open_page("today"))
    assert "1 note: M2: " in today
    assert "1 fact is not in this plan yet: the whole plant is closed Fri 25 Jul, 13:00–24:00 (Fair)" in today
    assert "1 new fact is in no plan yet; the pages show the released plan." in today
    newest = seed_plan(store, store.snapshots.newest()[0].id, request_id="with-facts")
    approve = open_page("approve", plan=greedy)
    assert "1 fact was recorded after this plan was made and is not in it: the whole plant is closed" in said(approve)
    approve = open_page("approve", plan=newest)
    assert [e.label for e in approve.expander if "assumes" in e.label] == ["This plan assumes 1 fact"]
    assert "• the whole plant is closed Fri 25 Jul, 13:00–24:00 (Fair), says Ana" in said(approve)
    lines = open_page("dispatch").dataframe[-1].value
    with_note = lines[lines["Note"].str.contains("onerror", regex=False)]
    assert len(with_note)
    assert set(with_note["Machine"]) == {"M2"}


def test_today_asks_when_a_machine_is_back_and_the_answer_is_a_fact(store: Store, small_plant: Plant) -> None:
    asked = PullNote(WAITS, "machine 9", "DD01 is out of service: when is it back?", "J9")
    snapshot = store.snapshots.save(small_plant, request_id="pulled", source=Source.FILE, notes=(asked,))
    release(store, seed_plan(store, snapshot))
    page = open_page("today")
    assert (
        "When is DD01 back? It is out of service in the ERP. 1 order waits for it, and no other machine can take it."
        in said(page)
    )
    page.button(key="back_9").click().run()
    assert page.selectbox(key="fact_back").value == 9
    page.datetime_input(key="fact_back_at").set_value(PLAN_START + timedelta(days=2))
    page.text_input(key="fact_why").set_value("spare part comes on Wednesday")
    page.text_input(key="fact_who").set_value("Ana")
    page.button(key="fact_record").click().run()
    assert not page.exception
    (fact,) = recorded(store)
    assert fact.change == MachineReturns(9, 2 * 1440)
    assert "When is DD01 back?" not in said(page)
    today = said(open_page("today"))
    assert "DD01 is out of service in the ERP, expected back Wed 23 Jul" in today
    assert "1 fact is not in this plan yet: DD01 is back Wed 23 Jul" in today, "its name, which the plant does not have yet"
    assert page.button(key="pull_back_9").label == "Pull again"


def test_hours_beyond_midnight_are_refused_where_a_date_has_no_other_day(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    page = open_page("facts")
    page.button(key="add_closed").click().run()
    page.toggle(key="fact_whole").set_value(False)
    page.segmented_control(key="fact_scope").set_value(Scope.PLANT)
    page.run()
    page.time_input(key="fact_to").set_value(time(4))
    page.text_input(key="fact_why").set_value("fair")
    page.text_input(key="fact_who").set_value("Ana")
    page.button(key="fact_record").click().run()
    assert not page.exception
    assert "These hours end at midnight at the latest" in said(page)
    assert recorded(store) == ()


def test_an_order_says_what_planners_know_of_it_and_the_gantt_what_holds_for_the_plant(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    order = store.snapshots.plant(store.snapshots.newest()[0].id).jobs[0].id
    stated = Stated(Noted("call *them*", job=order), PLAN_START, "")
    facts.record(store, stated, now=PLAN_START, actor="Ana", request_id="call")
    closed(store)
    page = open_page("jobs", job=order)
    assert not page.exception
    assert f"{order}: call *them*, says Ana" in said(page)
    gantt = open_page("gantt")
    assert not gantt.exception
    assert any(
        "For the whole plant: the whole plant is closed Fri 25 Jul" in str(c.value).replace("\\", "") for c in gantt.caption
    )


def test_a_what_if_that_came_true_becomes_facts(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    changes = (HoursAdded(on(SATURDAY), 480, 960), Expedited("J1", 600))
    scenario = what_if.keep(store, what_if.Question("question", greedy, changes))
    page = open_page("what_if", scenario=scenario.id)
    page.button(key="came_true").click().run()
    assert "• the whole plant also works Sat 26 Jul, 08:00–16:00" in said(page)
    captions = [str(c.value).replace("\\", "") for c in page.caption]
    assert any(c.startswith("Not recorded: J1 is expedited") for c in captions)
    page.text_input(key="fact_why").set_value("agreed with the shop floor")
    page.text_input(key="fact_who").set_value("Ana")
    page.button(key="fact_from_what_if").click().run()
    assert not page.exception
    (fact,) = recorded(store)
    assert (fact.change, fact.scenario_id, fact.reason) == (changes[0], scenario.id, "agreed with the shop floor")


def test_what_started_on_the_floor_is_reported_and_asked_about_when_it_should_be_finished(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    plant = store.snapshots.plant(store.snapshots.newest()[0].id)
    order = next(job for job in plant.jobs if job.operations[0].fixed is None)
    op = order.operations[0]
    page = open_page("facts")
    page.button(key="add_fact").click().run()
    page.selectbox(key="fact_kind").set_value(FactKind.STARTED).run()
    page.selectbox(key="fact_order").set_value(order.id).run()
    page.selectbox(key="fact_operation").set_value(op.sequence).run()
    page.selectbox(key=f"fact_started_on_{order.id}_{op.sequence}").set_value(plant.eligible_machines(op)[0]).run()
    assert not page.exception
    page.text_input(key="fact_who").set_value("Ana")
    page.button(key="fact_record").click().run()
    assert not page.exception
    (fact,) = recorded(store)
    assert fact.change == OperationStarted(order.id, op.sequence, plant.eligible_machines(op)[0], 0)
    assert (fact.recorded_by, fact.reason) == ("Ana", "")
    long_ago = OperationStarted(order.id, op.sequence, plant.eligible_machines(op)[0], -7 * 1440)
    facts.undo(store, fact.id, now=PLAN_START, actor="Ana", request_id="mistaken", reason="mistaken")
    doubted = facts.record(store, Stated(long_ago, PLAN_START, ""), now=PLAN_START, actor="MES", request_id="scan").fact_id
    today = open_page("today")
    assert not today.exception
    assert any("Is it finished?" in str(w.value) and "says MES" in str(w.value) for w in today.warning)
    assert f"undo_doubt_{doubted}" in buttons(today)
    today.button(key=f"finished_{doubted}").click().run()
    assert not today.exception
    assert today.selectbox(key="fact_operation").value == op.sequence
