"""A click on a column's head sorts by value, not by the letters of its words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from dashboard.components.table_height import ROW
from scheduler_core.data.store import Store
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_late_by_descending_begins_with_the_latest(page: Page, planned: tuple[str, Store]) -> None:
    address, _ = planned
    page.goto(f"{address}/jobs")
    settled(page)
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    heads = table.locator("[role=columnheader]").all_text_contents()
    place = heads.index("Late by")

    def values() -> list[float]:
        rows = table.locator("[role=row]").all()[1:]
        cells = [row.locator("[role=gridcell]").nth(place).text_content() for row in rows]
        return [float(cell) for cell in cells if cell]

    # Where a head lies in the picture follows the contents: two clicks each from the left until the column is sorted.
    width = table.bounding_box()
    assert width is not None
    found = values()
    for across in range(45, int(width["width"]) - 20, 45):
        for _ in range(2):
            table.click(position={"x": across, "y": ROW / 2})
            page.wait_for_timeout(400)
        found = values()
        if len(found) > 5 and found == sorted(found, reverse=True):
            break
    assert len(found) > 5
    assert found == sorted(found, reverse=True)
    assert found[0] > 10, "days: the latest job of the demo is far over ten days late"
