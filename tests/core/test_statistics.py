"""Ratios of means and their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.statistics import Ratio, ratio_of_means


def test_the_ratio_is_of_means_not_the_mean_of_ratios() -> None:
    assert ratio_of_means(np.array([1.0, 9.0]), np.array([1.0, 3.0])).value == 2.5


def test_paired_trials_that_differ_by_one_factor_leave_no_doubt() -> None:
    under = np.array([1.0, 50.0, 7.0])
    found = ratio_of_means(2 * under, under)
    assert (found.value, found.low, found.high) == (2.0, pytest.approx(2.0), pytest.approx(2.0))


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        under = rng.uniform(50, 150, 30)
        found = ratio_of_means(under * rng.normal(0.9, 0.1, 30), under)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.9 <= found.high
    assert 175 <= covered <= 198


def test_it_repeats_itself() -> None:
    over, under = np.arange(1.0, 20.0), np.arange(2.0, 21.0)
    assert ratio_of_means(over, under) == ratio_of_means(over, under)


def test_zeros_below_have_no_ratio_or_no_interval() -> None:
    assert ratio_of_means(np.array([1.0, 2.0]), np.zeros(2)) == Ratio(None, None, None)
    assert ratio_of_means(np.array([1.0, 1.0]), np.array([0.0, 1.0])) == Ratio(2.0, None, None)
    assert [str(Ratio(None, None, None)), str(Ratio(2.0, None, None))] == ["–", "2.000"]
    assert str(Ratio(0.9, 0.8, 1.0)) == "0.900 (0.800 to 1.000)"


@pytest.mark.parametrize(("over", "under"), [([], []), ([1.0], [1.0, 2.0]), ([[1.0]], [[1.0]])])
def test_what_is_not_paired_is_refused(over: list[float], under: list[float]) -> None:
    with pytest.raises(ValueError, match="are not values of the same"):
        ratio_of_means(np.array(over), np.array(under))
