"""A machine that is down is recorded on a page; all pages say what does not know it yet, and offer the replan."""

from __future__ import annotations

from datetime import timedelta

from streamlit.testing.v1 import AppTest

from dashboard.presentation import downtime_words
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RecordedDowntime
from scheduler_core.plant import Plant
from scheduler_core.services import downtimes
from scheduler_core.services.downtimes import Stated
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.page_runs import no_workers
from tests.support.plants import PLAN_START
from tests.support.seeding import seed_plan, seed_snapshot

__all__ = ["no_workers"]
HOUR = timedelta(hours=1)


def record(store: Store, end_hours: int | None = 9, machine: int = 2, request: str = "down") -> RecordedDowntime:
    end = None if end_hours is None else PLAN_START + end_hours * HOUR
    stated = Stated(machine, PLAN_START - HOUR, end, "spindle *broken*")
    downtimes.record(store, stated, now=PLAN_START, actor="Ana", request_id=request)
    return store.downtimes.of_plant(store.snapshots.newest()[0].plant)[-1]


def said(page: AppTest) -> str:
    return texts(page).replace("\\", "")


def fill(page: AppTest, machine: int | None = 2, why: str = "spindle", who: str = "Ana") -> AppTest:
    if machine is not None:
        page.selectbox(key="down_machine").set_value(machine)
    page.text_input(key="down_why").set_value(why)
    page.text_input(key="down_who").set_value(who)
    return page.button(key="down_record").click().run()


def test_a_breakdown_is_recorded_on_today_and_the_way_on_is_a_replan(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    page = open_page("today")
    assert "0 machines down" in said(page)
    page.button(key="record_downtime").click().run()
    assert "Plans assume that the machine is down until the end of Tue 22 Jul." in "\n".join(
        str(c.value) for c in page.caption
    )
    fill(page, machine=None)
    assert "Enter the machine, the start, the reason and your name first." in said(page)
    fill(page)
    assert not page.exception
    (down,) = downtimes.in_force(store, store.snapshots.newest()[0].plant, PLAN_START)
    assert (down.machine, down.start, down.end, down.reason) == (2, PLAN_START, None, "spindle")
    assert down.recorded_by == "Ana"
    assert not [b for b in page.button if b.key == "down_record"], "the question is closed"
    assert str(page.error[0].value).replace("\\", "") == (
        "M2 is down since Mon 21 Jul 08:00 (spindle, recorded by Ana). Its end is not known: planned as down until "
        "Wed 23 Jul 00:00."
    )
    assert "1 machine down: M2." not in said(page), "told once"
    assert "M2 down, end not known: this plan has 3 operations on it while it is down." in said(page)
    assert "The newly pulled jobs have no plan yet" not in said(page), "one way on, not two"
    page.button(key="replan_down").click().run()
    assert not page.exception
    newest = store.snapshots.newest()[0].id
    assert {r.engine for r in store.runs.newest(snapshot_id=newest)} == {"right_shift", "repair", "best"}


def test_what_is_refused_stays_in_the_question_with_field_and_reason(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    record(store)
    page = open_page("today")
    page.button(key="record_downtime").click().run()
    fill(page)
    assert "Not recorded: machine: 'M2' is recorded as down already, from 2025-07-21 07:00 to 2025-07-21 17:00" in said(page)
    assert page.button(key="down_record")
    page.button(key="down_back").click().run()
    assert not [b for b in page.button if b.key == "down_record"]


def test_the_end_is_changed_and_the_machine_is_back(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    down = record(store)
    page = open_page("today")
    assert "M2 is down since Mon 21 Jul 07:00 (spindle *broken*, recorded by Ana), expected back Mon 21 Jul 17:00." in said(
        page
    )
    page.button(key=f"down_end_{down.id}").click().run()
    page.datetime_input(key="down_end").set_value(PLAN_START + 20 * HOUR)
    page.text_input(key="down_who").set_value("Bob")
    page.button(key="down_save").click().run()
    assert not page.exception
    assert store.downtimes.get(down.id).end == PLAN_START + 20 * HOUR
    assert "expected back Tue 22 Jul 04:00" in said(page)
    page.button(key=f"down_over_{down.id}").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    assert store.downtimes.get(down.id).in_service
    assert "0 machines down" in said(page)
    assert "while it is down" not in said(page)


def test_a_recorded_downtime_whose_end_has_passed_asks_once(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    down = record(store)
    over = PLAN_START + 10 * HOUR
    assert downtimes.just_over(store, down.plant, over) == (down,)
    assert downtime_words.over(down) == "M2 was expected back Mon 21 Jul 17:00; plans assume that it has worked since then."
    ahead = downtime_words.sentence(down, PLAN_START - 5 * HOUR)
    assert ahead.startswith("M2 will be down from Mon 21 Jul 07:00 until Mon 21 Jul 17:00")


def test_pages_that_show_the_plan_say_that_it_does_not_know(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    record(store)
    for name in ("gantt", "kpis", "what_if", "approve", "dispatch"):
        page = open_page(name, plan=greedy)
        assert not page.exception, name
        assert "M2 down until Mon 21 Jul 17:00: this plan has 2 operations on it while it is down." in said(page), name
    assert "NOT PLANNED FOR: M2 down until Mon 21 Jul 17:00" in said(open_page("dispatch", plan=greedy))


def test_a_plan_made_with_it_is_told_nothing(store: Store, small_plant: Plant) -> None:
    seed_snapshot(store, small_plant)
    record(store, None)
    plan = seed_plan(store, store.snapshots.newest()[0].id)
    release(store, plan)
    for name in ("today", "dispatch", "approve"):
        page = open_page(name, plan=plan)
        assert not page.exception, name
        assert "while it is down" not in said(page)
        assert "NOT PLANNED FOR" not in said(page)


def test_what_if_offers_to_record_the_machine_that_it_asks_about(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = open_page("what_if", plan=greedy, what="breakdown", machine="M3")
    page.button(key="record_downtime").click().run()
    assert page.selectbox(key="down_machine").value == 3
    fill(page, machine=None)
    assert not page.exception
    assert [d.machine for d in store.downtimes.of_plant(store.snapshots.newest()[0].plant)] == [3]
