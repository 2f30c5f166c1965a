"""Summary, and what KPIs and Monitor tell of the floor: with a history, and without."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.plant import Plant
from scheduler_core.services import downtimes
from scheduler_core.services.downtimes import Stated
from tests.support.floor_history import SHOP, live, moment
from tests.support.opening import open_page, texts
from tests.support.seeding import seed_snapshot


def plain(page: AppTest) -> str:
    """What the page says, without the marks that keep its texts from being Markdown."""
    return texts(page).replace("\\", "")


def test_the_week_stands_on_one_page(store: Store) -> None:
    live(store)
    page = open_page("summary")
    assert not page.exception
    assert [(one.label, one.value) for one in page.metric][:2] == [("On time in full", "33 %"), ("Days late", "0.0 d")]
    said = plain(page)
    assert "3 orders were due: 1 on time and in full, 2 late." in said
    assert "1 order was planned late: more work than time." in said
    assert "Plan in force: v1" in said
    assert "by Ana" in said
    assert "do not come from a real shop floor" in page.caption[0].value
    assert list(page.dataframe[0].value["Orders due"]) == [3]


def test_no_figure_stands_where_a_second_pull_is_missing(store: Store) -> None:
    live(store, pulls=(0,), source=Source.ERP)
    page = open_page("summary")
    assert not page.exception
    assert "a second pull at a later time is missing" in page.info[0].value
    assert not page.metric
    assert not page.dataframe
    assert "Plan in force: v1" in plain(page)


def test_a_demo_whose_clock_stands_still_says_how_to_get_a_history(store: Store) -> None:
    live(store, pulls=(0,))
    assert "`shopwright demo --days 14`" in open_page("summary").info[0].value


def test_a_file_tells_nothing_of_a_floor(store: Store, small_plant: Plant) -> None:
    seed_snapshot(store, small_plant)
    page = open_page("summary")
    assert "These jobs come from a file" in page.info[0].value
    assert "No plan is in force." in plain(page)


@pytest.mark.parametrize("name", ["kpis", "monitor"])
def test_kpis_and_monitor_tell_what_the_floor_did(store: Store, name: str) -> None:
    live(store, source=Source.ERP)
    page = open_page(name)
    assert not page.exception
    said = plain(page)
    assert "second pull" not in said
    if name == "kpis":
        assert "3 orders were due: 1 on time and in full, 2 late." in said
    else:
        assert "Does the floor follow the plan?" in said
        assert "of 4 operations that have ended" in said


def test_a_machine_down_without_a_known_end_is_told_without_one(store: Store) -> None:
    live(store)
    down = Stated(2, moment(360), None, "spindle")
    downtimes.record(store, down, now=moment(360), actor="Ana", request_id="down")
    said = plain(open_page("summary"))
    assert "Machine M2 is down. Nobody knows yet until when: plans assume Wed 23 Jul 00:00." in said
    assert "M2 is down until" not in said
    (recorded,) = downtimes.in_force(store, SHOP.name, moment(360))
    end = moment(360 + 480)
    downtimes.change_end(store, recorded.id, end, now=moment(360), actor="Ana", request_id="known")
    assert "Machine M2 is down until Mon 21 Jul 22:00." in plain(open_page("summary"))
