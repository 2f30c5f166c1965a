"""Every page in a real browser, judged by axe-core: nothing serious or critical in what we draw. And the shortcuts there."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from scheduler_core.data.store import Store
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PATHS = (
    "", "jobs", "jobs?section=Quarantine", "compare", "compare?show=gantts", "compare?show=differences", "gantt", "what-if",
    "approve", "dispatch", "kpis", "monitor", "models",
)  # fmt: skip
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SEVERE = ("serious", "critical")
STREAMLITS_OWN: tuple[tuple[str, str, str], ...] = ()
"""(rule, part of the finding's HTML, why it is not ours to mend): Streamlit's own markup, which no option reaches."""


def findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical, one line each: rule, place, message, HTML."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']} {node['html'][:300]}"
        for one in found
        if one["impact"] in SEVERE
        for node in one["nodes"]
        if not any(one["id"] == rule and part in node["html"] for rule, part, _ in STREAMLITS_OWN)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_serious_finding(page: Page, planned: tuple[str, Store], path: str) -> None:
    page.goto(f"{planned[0]}/{path}")
    expect(page.get_by_role("button", name="Keys", exact=True)).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        settled(page)
        assert findings(page) == [], scheme


def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.set_content('<html lang="en"><body><main><input type="text"><img src="data:,"></main></body></html>')
    assert {line.split()[0] for line in findings(page)} >= {"label", "image-alt"}


def test_b_opens_the_breakdown_form_and_letters_in_a_field_stay_letters(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(planned[0])
    expect(page.get_by_text("Step 1 of 3")).to_be_visible()
    settled(page)
    page.keyboard.press("b")
    page.wait_for_url("**/what-if**")
    expect(page.get_by_text("What runs on it")).to_be_visible()
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


def test_the_tour_leads_from_page_to_page_and_stays_closed_after_a_reload(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(planned[0])
    page.get_by_role("button", name="Next: Compare").click()
    expect(page.get_by_text("Step 2 of 3")).to_be_visible()
    page.get_by_role("button", name="Next: Approve").click()
    expect(page.get_by_text("Step 3 of 3")).to_be_visible()
    page.get_by_role("button", name="Close the tour").click()
    expect(page.get_by_text("Step 3 of 3")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("The first release")).to_be_visible()
    expect(page.get_by_text("Step 3 of 3")).to_have_count(0)
