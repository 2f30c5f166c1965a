"""The first-run tour: one step on its page, gone once it was closed or something was released; and the list of keys."""

from __future__ import annotations

import pytest

from dashboard.components import shortcuts, tour
from scheduler_core.data.store import Store
from tests.support.opening import open_page, release, texts

Seeded = tuple[Store, str, str]


@pytest.mark.parametrize(("name", "number"), [("today", 1), ("compare", 2), ("approve", 3)])
def test_each_step_stands_on_its_page(seeded: Seeded, name: str, number: int) -> None:
    page = open_page(name)
    assert not page.exception
    assert f"Step {number} of 3" in texts(page)
    assert ("tour_next" in [b.key for b in page.button]) == (number < 3)


def test_a_closed_tour_stays_closed_and_the_address_remembers_it(seeded: Seeded) -> None:
    page = open_page("today")
    page.button("tour_close").click().run()
    assert "Step 1 of 3" not in texts(page)
    assert page.query_params["tour"] == tour.CLOSED
    assert "Step 1 of 3" not in texts(open_page("today", tour=tour.CLOSED))


def test_whoever_released_a_plan_needs_no_tour(seeded: Seeded) -> None:
    release(seeded[0], seeded[1])
    page = open_page("today")
    assert "of 3:" not in texts(page)
    assert "tour" not in page.query_params


def test_the_breakdown_shortcut_opens_its_form_once(seeded: Seeded) -> None:
    page = open_page("what_if", what="breakdown")
    assert page.selectbox("what_happens").value == "A machine breaks down"
    assert "what" not in page.query_params
    page.selectbox("what_happens").set_value("A job is dropped").run()
    assert page.selectbox("what_happens").value == "A job is dropped"


def test_the_list_tells_every_shortcut(seeded: Seeded) -> None:
    told = {key.lower() for key, _ in shortcuts.TOLD}
    assert {shortcuts.RUN, shortcuts.GANTT, shortcuts.BREAKDOWN, shortcuts.DIFFERENCES, shortcuts.PRINT} <= told
    assert "| `Ctrl+Enter` |" in texts(open_page("today"))
