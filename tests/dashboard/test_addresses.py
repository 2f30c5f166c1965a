"""Addresses that a planner types, keeps as a bookmark or sends on: each leads to what it names."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from scheduler_core.data.store import Store
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

NOT_FOUND = "Page not found"


@pytest.mark.parametrize("path", ["", "today"])
def test_today_answers_under_its_name_as_well(page: Page, shown: tuple[str, Store], path: str) -> None:
    page.goto(f"{shown[0]}/{path}")
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    settled(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(NOT_FOUND)).to_have_count(0)


def test_a_link_to_today_keeps_what_it_names(page: Page, shown: tuple[str, Store]) -> None:
    address, store = shown
    for plan in store.schedules.newest():
        page.goto(f"{address}/today?plan={plan.id}")
        expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        settled(page)
        assert f"plan={plan.id}" in page.url


def test_an_address_that_no_page_has_is_told_as_such(page: Page, shown: tuple[str, Store]) -> None:
    page.goto(f"{shown[0]}/yesterday")
    expect(page.get_by_text(NOT_FOUND).first).to_be_visible()
