"""A short version of the study of page runs: every page is drawn to its end by a real server, and the slope is one."""

from __future__ import annotations

import sys

import pytest
from page_runs import PAGES, Sample, growth, is_flat, study


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_every_page_is_drawn_twice_and_the_server_is_measured() -> None:
    found = study(runs=2 * len(PAGES), per_session=len(PAGES), samples=2, kept=1)
    assert [one.runs for one in found] == [0, 10, 20]
    assert found[2].cpu > found[1].cpu > 0
    assert found[2].megabytes - found[1].megabytes < 50
    assert found[2].files - found[1].files <= 10


def series(megabytes: float = 0.0, files: float = 0.0) -> list[Sample]:
    """5,000 page runs with so much growth per 1,000, in a server whose memory and files go up and down anyway."""
    ups = (0, 2, 1, 3, 0, 1, 2)
    return [
        Sample(250 * n, 280.0 + ups[n % 7] + megabytes * n / 4, 14 + ups[-n % 7] + int(files * n / 4), 7, 40.0 * n)
        for n in range(21)
    ]


def test_a_server_that_stays_as_it_is_is_flat_and_one_that_leaks_is_not() -> None:
    assert is_flat(series())
    assert not is_flat(series(megabytes=1.5))
    one_file_in_ten_sessions = 2.0
    assert not is_flat(series(files=one_file_in_ten_sessions))


def test_the_slopes_leave_warming_up_out() -> None:
    samples = [Sample(n * 100, 500.0 if n < 2 else 200 + 0.3 * n, 90 if n < 2 else 9 + 2 * n, 7, 1.0) for n in range(10)]
    assert list(growth(samples)) == pytest.approx([3.0, 20.0])
