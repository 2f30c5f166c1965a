"""A short version of the study of many planners: two of them, each of whom does everything that the long one does."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from dataclasses import replace

import pytest
from planner_hands import Pace, Seen
from planners import Found, figures, study
from processes import Peaks


def found(told: dict[int, list[str]], numbers: tuple[int, ...], approvers: tuple[str, ...]) -> Found:
    """What a study found that saw nothing but releases."""
    seen = Seen(releases=told, pages={"Jobs": [0.5, 1.5]})
    nothing: Counter[str] = Counter()
    return Found(seen, nothing, nothing, nothing, 0, numbers, approvers, True, Peaks(), (1, 2, 3), 4, (5, 6), (0.2, 0.4))


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_planners_at_once_meet_no_error() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("Debian's chromium is not installed (apt-get install chromium)")
        pytest.skip("Debian's chromium is not installed (apt-get install chromium)")
    one = study(planners=2, minutes=2 / 3, pace=Pace(think=0.4, browse=1), chromium=chromium)
    assert not one.errors
    assert one.one_winner_each
    assert one.numbers
    assert one.seen.done["pairs of runs"] + one.seen.done["questions what if"] >= 1
    assert one.runs["ok"] >= 4
    assert one.peaks.server > 50 < one.peaks.one_worker <= one.peaks.workers
    assert min(one.cpu) > 0
    assert len(one.without_browser) >= 5


def test_what_is_wrong_with_releases_is_seen() -> None:
    good = found({1: ["Ann"], 2: ["Ben"]}, (2, 1), ("Ben", "Ann"))
    assert good.one_winner_each
    assert not replace(good, whole=False).one_winner_each
    assert not found({1: ["Ann"], 3: ["Ben"]}, (3, 1), ("Ben", "Ann")).one_winner_each, "a gap"
    assert not found({1: ["Ann", "Ben"]}, (1,), ("Ann",)).one_winner_each, "two were told"
    assert not found({1: ["Ben"]}, (1,), ("Ann",)).one_winner_each, "the other one was told"


def test_every_error_counts() -> None:
    one = found({}, (), ())
    one.seen.on_pages["Jobs: broken"] += 1
    both = replace(one, failed_runs=Counter(["run, learned failed: x"]), in_log=Counter(["log: y", "log: y"]))
    assert both.errors.total() == 4
    assert ["**errors in all (target: 0)**", "**4**"] in figures(both)


def test_the_time_that_browsers_take_is_told() -> None:
    told = dict(figures(found({}, (), ())))
    assert told["their shares of it"] == "17%, 33%, 50%"
    assert told["CPU of the browser per page, likewise"] == "1.50 s"
    assert told["CPU of the server per page, with all that refreshes itself"] == "0.25 s"
    assert "0.30 s, 0.39 s" in told.values()
