from __future__ import annotations

import pytest

from scheduler_core.engines.search_curve import MOST_POINTS, thinned


@pytest.mark.parametrize("count", [0, 1, 2, MOST_POINTS - 1, MOST_POINTS, MOST_POINTS + 1, 399, 400, 5000])
def test_a_curve_is_thinned_in_order_between_its_ends(count: int) -> None:
    points = [(float(i), 1000.0 / (i + 1)) for i in range(count)]
    kept = thinned(points)
    assert len(kept) == min(count, MOST_POINTS)
    assert len(set(kept)) == len(kept)
    assert list(kept) == sorted(kept)
    assert set(kept) <= set(points)
    if count:
        assert (kept[0], kept[-1]) == (points[0], points[-1])


def test_a_short_curve_stays_whole() -> None:
    assert thinned([(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)], most=3) == ((0.0, 3.0), (1.0, 2.0), (2.0, 1.0))
    assert thinned([(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)], most=2) == ((0.0, 3.0), (2.0, 1.0))
