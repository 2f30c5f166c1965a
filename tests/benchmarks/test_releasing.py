"""Short versions of benchmarks/exporting.py, benchmarks/clicks.py and benchmarks/approval_handlers.py."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from scheduler_core.data.store import Store
from scheduler_core.data.store.release_repository import ReleaseRepository
from scheduler_core.settings import environment
from tests.support.browsing import browser
from tests.support.sample_plans import FINGERPRINT, approval, planned, snapshot

__all__ = ["browser"]


@pytest.mark.slow
def test_each_release_takes_effect_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import exporting

    for outcome in (exporting.through_webhook(tmp_path, 8, 3), exporting.through_table(tmp_path, 8, 4)):
        assert (outcome.effects, outcome.wrong) == (8, 0)
        assert outcome.calls > 8


@pytest.mark.slow
def test_one_intention_is_at_most_one_approval_however_its_handler_is_disturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.DATABASE_URL, "")
    import approval_handlers as handlers

    twice = handlers.study("twice at once", [handlers.twice_at_once], 2)
    cut_off = handlers.study("cut off", [handlers.cut_off_before, handlers.cut_off_after], 2)
    assert (twice.approvals, twice.most, twice.halves) == (2, 1, 0)
    assert (cut_off.approvals, cut_off.most, cut_off.halves) == (2, 1, 0)


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_double_click_and_a_closed_tab_make_one_approval_each(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    import clicks

    with clicks.board() as board:
        tabs = browser.new_context()
        double = clicks.study("double click", clicks.double_click, tabs, board, 1)
        closed = clicks.study("closed tab", clicks.closed_tab, tabs, board, 1)
        tabs.close()
        assert board.releases() == 2
    for found in (double, closed):
        assert (found.approvals, found.most, found.least, found.halves) == (1, 1, 1, 0)


def test_an_approval_that_lacks_its_lines_is_counted_as_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import clicks

    with closing(Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")) as store:
        one = planned(store, snapshot_id=snapshot(store, FINGERPRINT))
        store.releases.approve(approval(one), FINGERPRINT)
        board = clicks.Board("", store, tmp_path)
        assert board.halves() == 0
        monkeypatch.setattr(ReleaseRepository, "dispatch_rows", lambda self, release: ())
        assert board.halves() == 1
