"""Odds on the pages: the variation that they assume stands beside them, and without them pages go on."""

from __future__ import annotations

from scheduler_core.floor.order_odds import STATED
from scheduler_core.services import downtimes, odds
from scheduler_core.services.downtimes import Stated
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.plants import PLAN_START
from tests.support.seeding import seed_plan
from tests.support.table_words import drawn


def test_pages_show_odds_that_are_known_and_go_on_without_those_that_are_not(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    release(store, greedy)
    page = open_page("approve", plan=learned)
    assert any("are being computed" in caption.value for caption in page.caption)
    for plan in (greedy, learned):
        odds.compute_odds(store, plan, STATED)
    page = open_page("approve", plan=learned)
    shown = texts(page)
    assert "With the same durations in both, this plan has fewer late orders in" in shown
    assert any("Late orders, expected" in list(table.value.iloc[:, 0]) for table in page.dataframe)
    page = open_page("jobs", job="J1", plan=learned)
    assert "On time in " in texts(page)
    assert drawn(page.dataframe[0])["On time"].str.endswith("of 100").any()
    for name in ("today", "approve", "jobs", "monitor"):
        page = open_page(name, plan=learned)
        assert not page.exception
        assert any("The chances assume that durations vary by" in caption.value for caption in page.caption), name


def test_a_machine_that_went_down_since_is_not_in_the_chances_and_they_say_so(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    odds.compute_odds(store, greedy, STATED)
    said = "The chances do not count with what was recorded since: M2 is down from Mon 21 Jul 08:00, no end known"
    pages = ("today", "approve", "jobs")
    for name in pages:
        assert not any(said in caption.value.replace("\\", "") for caption in open_page(name, plan=greedy).caption), name
    downtimes.record(store, Stated(2, PLAN_START, None, "spindle"), now=PLAN_START, actor="Ana", request_id="down")
    for name in pages:
        page = open_page(name, plan=greedy)
        assert not page.exception
        assert any(said in caption.value.replace("\\", "") for caption in page.caption), name


def test_the_version_in_force_is_not_called_safer_without_saying_that_it_does_not_know_the_machine(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    newer = downtimes.record(store, Stated(2, PLAN_START, None, "spindle"), now=PLAN_START, actor="Ana", request_id="down")
    plan = seed_plan(store, newer, request_id="around-it")
    for one in (greedy, plan):
        odds.compute_odds(store, one, STATED)
    page = open_page("approve", plan=plan)
    assert not page.exception
    warned = [one.value.replace("\\", "") for one in page.warning]
    assert any(
        one.startswith("Version 1 is played without what was recorded since, so it looks safer than it is: M2 is down")
        for one in warned
    )
    assert not any("The chances do not count" in caption.value for caption in page.caption), "this plan knows the machine"
