"""The keyboard and the tour in a real browser. That axe-core finds nothing on any page: test_every_page.py."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from scheduler_core.data.store import Store
from tests.support.browsing import settled
from tests.support.page_checks import findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.set_content('<html lang="en"><body><main><input type="text"><img src="data:,"></main></body></html>')
    assert {line.split()[0] for line in findings(page)} >= {"label", "image-alt"}


def test_b_opens_the_breakdown_form_and_letters_in_a_field_stay_letters(page: Page, shown: tuple[str, Store]) -> None:
    page.goto(shown[0])
    expect(page.get_by_text("Step 1 of 3")).to_be_visible()
    settled(page)
    page.keyboard.press("b")
    page.wait_for_url("**/what-if**")
    expect(page.get_by_text("Operation running on it")).to_be_visible()
    page.get_by_role("link", name="Approve").click()
    field = page.get_by_label("Approver")
    expect(field).to_be_visible()
    settled(page)
    field.click()
    page.keyboard.type("bdgp")
    expect(field).to_have_value("bdgp")
    # Had a letter been taken for a shortcut, another page would have come by the time that this one is at rest.
    settled(page)
    assert "/approve" in page.url
    expect(field).to_have_value("bdgp")


def test_the_tour_leads_from_page_to_page_and_stays_closed_after_a_reload(page: Page, shown: tuple[str, Store]) -> None:
    page.goto(shown[0])
    page.get_by_role("button", name="Next: Compare").click()
    expect(page.get_by_text("Step 2 of 3")).to_be_visible()
    page.get_by_role("button", name="Next: Approve").click()
    expect(page.get_by_text("Step 3 of 3")).to_be_visible()
    page.get_by_role("button", name="Close the tour").click()
    expect(page.get_by_text("Step 3 of 3")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("The first release")).to_be_visible()
    expect(page.get_by_text("Step 3 of 3")).to_have_count(0)
