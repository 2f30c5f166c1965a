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
LATE_BY = 605
"""Where the head "Late by" lies on Jobs at 1280 pixels, from the table's left edge."""


def test_late_by_descending_begins_with_the_latest(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    latest = set()
    for stored in store.schedules.newest():
        lateness = job_lateness(store.snapshots.plant(stored.snapshot_id), store.schedules.load(stored.id))
        most = max(late for late in lateness.values() if late is not None)
        latest |= {job for job, late in lateness.items() if late == most}
    page.goto(f"{address}/jobs")
    settled(page)
    table = page.get_by_test_id("stDataFrame").first
    for _ in range(2):
        table.click(position={"x": LATE_BY, "y": ROW / 2})
        settled(page)
    table.click(position={"x": 170, "y": 1.5 * ROW})
    settled(page)
    page.wait_for_url("**/jobs?*job=*")
    assert set(parse_qs(urlsplit(page.url).query)["job"]) <= latest
