"""Short messages at the bottom right: the page can be scrolled until nothing of it lies below them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from scheduler_core.data.store import Store
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

COVERED = """() => {
    const toast = document.querySelector('[data-testid="stToast"]').getBoundingClientRect();
    const last = [...document.querySelectorAll('.stMainBlockContainer summary, .stMainBlockContainer button')].pop();
    const at = last.getBoundingClientRect();
    return { over: at.bottom > toast.top && at.top < toast.bottom, seen: at.bottom <= window.innerHeight };
}"""


@pytest.mark.parametrize("width", [1280, 800])
def test_the_last_control_of_a_page_can_be_reached_beside_a_message(
    page: Page, planned: tuple[str, Store], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(f"{planned[0]}/jobs")
    settled(page)
    page.get_by_role("button", name="Pull again").click()
    expect(page.get_by_test_id("stToast").first).to_be_visible()
    page.get_by_test_id("stMain").evaluate("element => element.scrollTo(0, element.scrollHeight)")
    assert page.evaluate(COVERED) == {"over": False, "seen": True}
