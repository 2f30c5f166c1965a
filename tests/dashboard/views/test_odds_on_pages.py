"""Odds on the pages: the variation that they assume stands beside them, and without them pages go on."""

from __future__ import annotations

from scheduler_core.floor.order_odds import STATED
from scheduler_core.services import odds
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.table_words import drawn


def test_pages_show_odds_that_are_known_and_go_on_without_those_that_are_not(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    release(store, greedy)
    page = open_page("approve", plan=learned)
    assert any("are being computed" in caption.value for caption in page.caption)
    for plan in (greedy, learned):
        odds.compute_odds(store, plan, STATED)
    page = open_page("approve", plan=learned)
    shown = texts(page)
    assert "With the same durations in both, this plan has fewer late orders in" in shown
    assert any("Late orders, expected" in list(table.value.iloc[:, 0]) for table in page.dataframe)
    page = open_page("jobs", job="J1", plan=learned)
    assert "On time in " in texts(page)
    assert drawn(page.dataframe[0])["On time"].str.endswith("of 100").any()
    for name in ("today", "approve", "jobs", "monitor"):
        page = open_page(name, plan=learned)
        assert not page.exception
        assert any("The chances assume that durations vary by" in caption.value for caption in page.caption), name
