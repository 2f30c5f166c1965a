"""In a real browser: a click on the text of a row selects it, also after sorting, and what it opens is in sight."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.components.table_height import ROW
from scheduler_core.data.store import Store
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(window: Page) -> Page:
    """The same window for every test, with nothing that an earlier one left in the browser."""
    window.evaluate("() => location.protocol === 'about:' || (localStorage.clear(), sessionStorage.clear())")
    window.set_viewport_size({"width": 1280, "height": 720})
    return window


def click_row(page: Page, row: int, across: int = 120) -> None:
    """Click the text of a row (0: the first below the heading) of the page's first table."""
    page.get_by_test_id("stDataFrame").first.click(position={"x": across, "y": (row + 1.5) * ROW})
    settled(page)


def shows(page: Page, job: str) -> None:
    """The address names the job."""
    expect(page).to_have_url(re.compile(rf"[?&]job={re.escape(job)}(&|$)"))


def test_an_order_opens_beside_the_list_and_another_after_sorting(page: Page, shown: tuple[str, Store]) -> None:
    address, store = shown
    plant = store.snapshots.plant(store.snapshots.latest().id)  # type: ignore[union-attr]
    by_due = sorted(plant.jobs, key=lambda j: (float("inf") if j.due is None else j.due, j.id))
    page.goto(f"{address}/jobs")
    settled(page)
    click_row(page, 2)
    shows(page, by_due[2].id)
    expect(page.get_by_role("heading", level=3, name=by_due[2].id)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Expedite")).to_be_in_viewport()
    page.get_by_test_id("stDataFrame").first.click(position={"x": 170, "y": ROW / 2})  # the heading "Job" sorts
    settled(page)
    click_row(page, 0, 170)
    shows(page, min(j.id for j in plant.jobs))
    page.locator(".st-key-close_order button").filter(visible=True).click()
    expect(page).not_to_have_url(re.compile("job="))


@pytest.mark.parametrize("path", ["jobs", "dispatch"])
def test_sorting_and_the_tab_key_open_no_row(page: Page, shown: tuple[str, Store], path: str) -> None:
    """The browser marks the upper left cell when a table without a selection gets the focus: nobody chose that row."""
    page.goto(f"{shown[0]}/{path}")
    settled(page)
    table = page.get_by_test_id("stDataFrame").last
    closed = page.get_by_role("button", name="Open order").or_(page.locator(".st-key-order"))
    for _ in range(2):
        table.click(position={"x": 170, "y": ROW / 2})
        settled(page)
        expect(closed).to_have_count(0)
    page.reload()
    settled(page)
    table.locator("canvas").first.focus()
    page.keyboard.press("ArrowDown")
    settled(page)
    expect(closed).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(closed).to_have_count(1)
    assert ("job=" in page.url) is (path == "jobs")


def test_an_operation_of_the_order_leads_to_the_gantt(page: Page, shown: tuple[str, Store]) -> None:
    address, store = shown
    plant = store.snapshots.plant(store.snapshots.latest().id)  # type: ignore[union-attr]
    job = next(j for j in plant.jobs if len(j.operations) > 2)
    page.goto(f"{address}/jobs?job={job.id}")
    settled(page)
    page.locator(".st-key-order").get_by_test_id("stDataFrame").first.click(position={"x": 120, "y": 2.5 * ROW})
    page.wait_for_url("**/gantt**")
    shows(page, job.id)
    assert f"op={job.operations[1].sequence}" in page.url


@pytest.mark.parametrize("path", ["", "jobs", "dispatch", "compare?show=differences"])
def test_expedite_takes_the_order_of_the_clicked_row_along(page: Page, shown: tuple[str, Store], path: str) -> None:
    page.goto(f"{shown[0]}/{path}")
    settled(page)
    table = page.get_by_test_id("stDataFrame")
    (table.last if path == "dispatch" else table.first).click(position={"x": 120, "y": 2.5 * ROW})
    settled(page)
    order = (
        page.locator(".st-key-order h3") if path == "jobs" else page.get_by_text(re.compile(r"^\S+ · JOST\d+(,|$)")).first
    )
    said = order.inner_text().split(",")[0].removeprefix("★ ")
    expedite = page.get_by_role("button", name="Expedite").first
    expect(expedite).to_be_in_viewport()
    expedite.click()
    page.wait_for_url("**/what-if?*what=expedite*")
    expect(page.get_by_role("combobox", name="Order")).to_have_value(re.compile(f"^{re.escape(said)}"))


def test_several_words_find_late_orders_of_a_work_centre(page: Page, shown: tuple[str, Store]) -> None:
    page.goto(f"{shown[0]}/jobs")
    settled(page)
    page.get_by_label("Search orders").fill("late laser")
    page.keyboard.press("Enter")
    expect(page.get_by_text("jobs match.")).to_be_visible()


def test_a_late_order_of_today_is_told_beside_the_table(page: Page, shown: tuple[str, Store]) -> None:
    page.goto(shown[0])
    settled(page)
    click_row(page, 1)
    expect(page.get_by_role("button", name="Open order")).to_be_in_viewport()


def test_dispatch_at_1024_pixels_opens_the_order_of_a_line(page: Page, shown: tuple[str, Store]) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{shown[0]}/dispatch")
    settled(page)
    page.get_by_test_id("stDataFrame").last.click(position={"x": 120, "y": 1.5 * ROW})
    settled(page)
    expect(page.get_by_role("button", name="Open order")).to_be_in_viewport()
    page.get_by_role("button", name="Open order").click()
    page.wait_for_url("**/jobs**job=**")
