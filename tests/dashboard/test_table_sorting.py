"""A click on a column's head sorts by value, not by the letters of its words."""

from __future__ import annotations

from playwright.sync_api import Page

from scheduler_core.data.store import Store
from tests.support.browsing import settled


def test_late_by_descending_begins_with_the_latest(page: Page, planned: tuple[str, Store]) -> None:
    address, _ = planned
    page.goto(f"{address}/jobs")
    settled(page)
    table = page.locator('[data-testid="stDataFrame"]').last
    table.locator("canvas").first.wait_for()
    heads = table.locator("[role=columnheader]").all_text_contents()
    place = heads.index("Late by")

    def values() -> list[float]:
        rows = table.locator("[role=row]").all()[1:]
        cells = [row.locator("[role=gridcell]").nth(place).text_content() for row in rows]
        return [float(cell) for cell in cells if cell]

    for _ in range(2):
        x, y = head_at(page, place)
        page.mouse.click(x, y)
        page.wait_for_timeout(600)
    found = values()
    assert len(found) > 5
    assert found == sorted(found, reverse=True)
    assert found[0] > 10, "days: the latest job of the demo is far over ten days late"


def head_at(page: Page, place: int) -> tuple[float, float]:
    """Where the head of a column is: the grid's columns share its width as its accessible cells say."""
    canvas = page.locator('[data-testid="stDataFrame"] canvas').last.bounding_box()
    assert canvas is not None
    return canvas["x"] + canvas["width"] * (place + 0.5) / 12, canvas["y"] + 17
