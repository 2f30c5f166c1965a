"""A click on a column's head sorts by value, not by the letters of its words."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from dashboard.components.table_height import ROW
from scheduler_core.data.store import Store
from scheduler_core.judge.kpis import job_lateness
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LATE_BY = 570
"""Where the head "Late by" lies on Jobs at 1280 pixels, from the table's left edge."""


def test_late_by_ascending_begins_with_the_earliest(page: Page, shown: tuple[str, Store]) -> None:
    """By their letters "+4 d" would stand before "-9 d". A click on the first row opens its order."""
    address, store = shown
    earliest = set()
    for stored in store.schedules.newest():
        lateness = job_lateness(store.snapshots.plant(stored.snapshot_id), store.schedules.load(stored.id))
        least = min(late for late in lateness.values() if late is not None)
        earliest |= {job for job, late in lateness.items() if late == least}
    page.goto(f"{address}/jobs")
    settled(page)
    page.get_by_test_id("stDataFrame").first.click(position={"x": LATE_BY, "y": ROW / 2})
    settled(page)
    page.get_by_test_id("stDataFrame").first.click(position={"x": 120, "y": 1.5 * ROW})
    page.wait_for_url("**/jobs?*job=*")
    assert set(parse_qs(urlsplit(page.url).query)["job"]) <= earliest
