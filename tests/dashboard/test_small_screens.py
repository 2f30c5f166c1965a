"""Tablets and phones: the frame takes one line, and no word of a control or a figure is cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from scheduler_core.data.store import Store
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

TABLET, PHONE = (1024, 768), (390, 844)
PATHS = (
    "?tour=closed", "jobs", "compare", "compare?show=gantts", "compare?show=differences", "gantt", "what-if", "approve",
    "dispatch", "kpis", "monitor", "models", "gantt?lang=ms", "dispatch?lang=ms",
)  # fmt: skip
CUT = """() => {
    const inside = document.querySelector('[data-testid="stMainBlockContainer"]');
    const figures = ['[data-testid="stMetricLabel"]', '[data-testid="stMetricValue"]'];
    const kinds = ['button', 'h1', 'h2', 'h3', '.toolbar label', ...figures];
    const words = [...inside.querySelectorAll(kinds.join(', '))];
    return words.filter(e => e.offsetParent && !e.closest('.st-key-frame'))
        .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 4)
        .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 60));
}"""
WIDER = """() => [document.querySelector('[data-testid="stMain"]')]
    .map(main => main.scrollWidth - main.clientWidth)[0]"""
TABLE = """() => [document.querySelector('.stDataFrame .dvn-scroller')].map(e => e.scrollWidth - e.clientWidth)[0]"""


def opened(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.goto(address)
    expect(page.locator(".st-key-frame")).to_be_visible()
    settled(page)
    return page


@pytest.mark.parametrize("size", [pytest.param(TABLET, id="tablet"), pytest.param(PHONE, id="phone")])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_cut(browser: Browser, planned: tuple[str, Store], path: str, size: tuple[int, int]) -> None:
    page = opened(browser, f"{planned[0]}/{path}", size)
    frame = page.locator(".st-key-frame").bounding_box()
    assert frame is not None
    assert frame["height"] < 40, "one line"
    assert frame["x"] + frame["width"] <= size[0]
    assert page.evaluate(WIDER) <= 0
    assert page.evaluate(CUT) == []
    page.context.close()


@pytest.mark.parametrize("path", ["compare", "approve"])
def test_the_table_of_figures_is_seen_whole_on_a_tablet(browser: Browser, planned: tuple[str, Store], path: str) -> None:
    page = opened(browser, f"{planned[0]}/{path}", TABLET)
    assert page.evaluate(TABLE) <= 1
    page.context.close()
