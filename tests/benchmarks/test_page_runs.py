"""A short version of the study of page runs: every page is drawn to its end by a real server, and the slope is one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from page_runs import PAGES, Sample, slope, study


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_every_page_is_drawn_twice_and_the_server_is_measured() -> None:
    found = study(runs=2 * len(PAGES), per_session=len(PAGES), samples=2)
    assert [one.runs for one in found] == [0, 10, 20]
    assert found[2].cpu > found[1].cpu > 0
    assert found[2].megabytes - found[1].megabytes < 50
    assert found[2].files - found[1].files <= 10


def test_the_slope_leaves_warming_up_out() -> None:
    samples = [Sample(n * 100, 500.0 if n < 2 else 200 + 0.3 * n, 9, 7, 1.0) for n in range(10)]
    assert slope(samples) == pytest.approx(3.0)
