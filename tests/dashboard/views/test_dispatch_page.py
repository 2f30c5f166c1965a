"""The dispatch page: it opens with the next shift of the plan in force, and its address carries the choices."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scheduler_core.data.store import Store
from tests.support.hostile_text import NASTY
from tests.support.opening import open_page, release, texts

Seeded = tuple[Store, str, str]


def shown(page: AppTest) -> list[str]:
    return [str(job) for job in page.dataframe[-1].value["Job"]]


def test_it_opens_with_the_next_shift_and_the_proposed_plan(seeded: Seeded) -> None:
    page = open_page("dispatch")
    assert not page.exception
    assert page.selectbox(key="shift").value == "2025-07-22T00:00", "most machines work around the clock"
    assert page.selectbox(key="centre").value == "all"
    assert "NOT RELEASED" in texts(page)


def test_the_plan_in_force_comes_before_a_proposal(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    page = open_page("dispatch", shift="2025-07-21T00:00")
    assert "Version 1, released" in texts(page)
    assert page.selectbox[0].value == greedy
    assert set(shown(page)) >= {"J1", "J2", "J3"}


def test_start_and_machine_come_first_so_that_a_small_screen_shows_them(seeded: Seeded) -> None:
    page = open_page("dispatch", shift="2025-07-21T00:00")
    table = page.dataframe[-1]
    assert list(table.proto.column_order)[:2] == ["Start", "Machine"]
    assert set(table.proto.column_order) == set(table.value.columns)


def test_the_address_leads_back_to_shift_work_centre_and_plan(seeded: Seeded) -> None:
    _, greedy, learned = seeded
    page = open_page("dispatch", shift="2025-07-21T00:00", centre="2", plan=learned, span="week")
    assert not page.exception
    assert page.selectbox(key="shift").value == "2025-07-21T00:00"
    assert page.selectbox[0].value == learned != greedy
    assert set(page.dataframe[-1].value["Work centre"]) == {"Lathe"}
    page.selectbox(key="centre").select("1").run()
    assert page.query_params["centre"] == "1"
    assert set(page.dataframe[-1].value["Work centre"]) == {"Press"}


@pytest.mark.parametrize("query", [{"shift": "<script>"}, {"centre": "99"}, {"plan": "nothing"}, {"span": "century"}])
def test_an_address_that_leads_nowhere_shows_the_usual(seeded: Seeded, query: dict[str, str]) -> None:
    page = open_page("dispatch", **query)
    assert not page.exception
    assert page.selectbox(key="centre").value == "all"


def test_hostile_names_stand_in_cells_and_plain_text_only(seeded: Seeded) -> None:
    release(seeded[0], seeded[1], approver=NASTY)
    page = open_page("dispatch", shift="2025-07-21T00:00")
    assert not page.exception
    assert NASTY in list(page.dataframe[-1].value["Part"])
    for group in (page.markdown, page.caption, page.info, page.success, page.warning, page.error, page.title):
        assert not [e for e in group if "<img" in str(e.value).replace("\\<img", "")]


def test_what_a_machine_should_begin_next_is_told_with_reasons_and_stands_in_the_address(seeded: Seeded) -> None:
    page = open_page("dispatch", machine="M1")
    assert not page.exception
    assert page.selectbox(key="next_machine").value == 1
    assert page.query_params["machine"] == "1"
    listed = page.dataframe[0].value
    assert list(listed.columns[:4]) == ["Next", "Part", "Job", "Op"]
    assert any("planned" in why for why in listed["Why"])
    assert "M1 " in texts(page)
    page.query_params["machine"] = "M9"
    page.run()
    assert not page.exception
    assert "this plant has no machine M9" in texts(page)
    page.selectbox(key="next_machine").set_value(None).run()
    assert "machine" not in page.query_params
    assert "Next" not in page.dataframe[0].value.columns
