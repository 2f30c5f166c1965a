"""Every page in a real browser, on a desk, a tablet and a phone, light and dark: whole, readable, accessible."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from scheduler_core.data.store import Store
from tests.support.browsing import settled
from tests.support.page_checks import CHART_WORDS, CUT, WIDER, findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DESK, SCREEN, TABLET, PHONE = (1280, 720), (1600, 900), (1024, 768), (390, 844)
PATHS = (
    "?tour=closed", "jobs", "jobs?section=Quarantine", "compare", "compare?show=gantts", "compare?show=differences", "gantt",
    "gantt?view=job", "what-if", "facts?section=Hours+of+the+week", "approve", "dispatch", "summary", "kpis", "monitor",
    "models",
)  # fmt: skip
WITH_CHARTS = ("?tour=closed", "kpis", "compare", "models")
IN_MALAY = ("gantt?lang=ms", "dispatch?lang=ms")
"""Pages whose words are longer in Malay than the room that English needs."""
WITH_FIGURES = ("compare", "approve")
TABLE = """() => [document.querySelector('.stDataFrame .dvn-scroller')].map(e => e.scrollWidth - e.clientWidth)[0]"""


def opened(window: Page, address: str, size: tuple[int, int]) -> None:
    """Load the page in a window of that size, until it is at rest and nothing of it has failed."""
    window.set_viewport_size({"width": size[0], "height": size[1]})
    window.goto(address)
    expect(window.locator(".st-key-frame")).to_be_visible()
    settled(window)
    expect(window.locator('[data-testid="stException"]')).to_have_count(0)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_on_a_desk_is_whole_readable_and_accessible(window: Page, shown: tuple[str, Store], path: str) -> None:
    window.emulate_media(color_scheme="light")
    opened(window, f"{shown[0]}/{path}", DESK)
    expect(window.get_by_role("button", name="Keys", exact=True)).to_be_visible()
    expect(window.get_by_text("Page not found")).to_have_count(0)
    assert window.evaluate(WIDER) <= 1
    assert findings(window) == []
    if path in WITH_CHARTS:
        expect(window.locator(".stPlotlyChart svg text").first).to_be_attached()
        charts_stand_out(window, path)
    window.emulate_media(color_scheme="dark")
    settled(window)
    assert findings(window) == []
    if path in WITH_CHARTS:
        charts_stand_out(window, path)
    window.set_viewport_size({"width": SCREEN[0], "height": SCREEN[1]})
    settled(window)
    assert window.evaluate(WIDER) <= 1


def charts_stand_out(window: Page, path: str) -> None:
    """Every word of a chart has enough contrast to the page, and cells of heat maps say percentages."""
    seen = window.evaluate(CHART_WORDS)
    assert seen["words"] > 5
    assert seen["faint"] == []
    assert all(re.fullmatch(r"\d+ %", cell) for cell in seen["cells"])
    assert bool(seen["cells"]) == (path == "kpis")


@pytest.mark.parametrize("size", [pytest.param(TABLET, id="tablet"), pytest.param(PHONE, id="phone")])
@pytest.mark.parametrize("path", [p for p in PATHS + IN_MALAY if p not in ("jobs?section=Quarantine", "gantt?view=job")])
def test_nothing_is_cut_on_a_small_screen(window: Page, shown: tuple[str, Store], path: str, size: tuple[int, int]) -> None:
    """The frame takes one line, and no word of a control or a figure is cut off."""
    opened(window, f"{shown[0]}/{path}", size)
    frame = window.locator(".st-key-frame").bounding_box()
    assert frame is not None
    assert frame["height"] < 40, "one line"
    assert frame["x"] + frame["width"] <= size[0]
    assert window.evaluate(WIDER) <= 0
    assert window.evaluate(CUT) == []
    if path in WITH_FIGURES and size == TABLET:
        assert window.evaluate(TABLE) <= 1, "the table of figures is seen whole"
