"""Intervals hold under daily looking, and ties, zeros, missing values and many pulls a day do not fool them."""

from __future__ import annotations

from datetime import date, timedelta
from math import nan

import numpy as np
import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.capital import log_capital, log_growth, lower_bound, shows_above, shows_below, upper_bound
from scheduler_core.rollout.evidence import (
    Better,
    Pair,
    daily_differences,
    interval,
    rate_interval,
    relative_difference,
    scaled,
    smallest_effect,
    violation_bound,
)

FIRST = date(2026, 3, 2)


def pairs(*values: tuple[float | None, float | None], pulls: int = 1) -> list[Pair]:
    """Pairs with ``pulls`` of them on each day."""
    return [Pair(FIRST + timedelta(days=i // pulls), *v) for i, v in enumerate(values)]


def test_the_difference_is_antisymmetric_bounded_and_0_where_nothing_is_late() -> None:
    assert relative_difference(0, 0) == 0
    assert relative_difference(0, 3) == 1
    assert relative_difference(3, 0) == -1
    assert relative_difference(100, 110) == -relative_difference(110, 100) == pytest.approx(1 / 11)
    assert relative_difference(0.9, 0.8, Better.HIGHER) == pytest.approx(1 / 9)
    for value in (-1.0, nan, float("inf")):
        with pytest.raises(InvalidValue, match="challenger"):
            relative_difference(1, value)


def test_a_day_is_one_value_however_many_pulls_it_has() -> None:
    once = daily_differences(pairs(*[(100, 90), (100, 120)] * 10), Better.LOWER, 0.25)
    often = daily_differences(pairs(*[(100, 90)] * 9, *[(100, 120)] * 9, pulls=9), Better.LOWER, 0.25)
    assert len(often.days) == 2
    assert often.pairs == 18
    np.testing.assert_allclose(often.known, once.known[:2])
    assert interval(often, 0.05).high - interval(often, 0.05).low > interval(once, 0.05).high - interval(once, 0.05).low


def test_only_ties_show_no_difference_and_shrink_around_0() -> None:
    widths = []
    for days in (20, 200):
        found = interval(daily_differences(pairs(*[(0, 0)] * days), Better.LOWER, 0.25), 0.05)
        assert found.low < found.mean == 0 < found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 5


def test_missing_values_widen_the_interval_and_never_help() -> None:
    complete = [(100.0, 80.0)] * 60
    whole = interval(daily_differences(pairs(*complete), Better.LOWER, 0.25), 0.05)
    assert whole.high < 0
    holes = [(100.0, None), (None, 80.0), (nan, nan)] * 4
    found = daily_differences(pairs(*complete[:48], *holes), Better.LOWER, 0.25)
    assert (found.missing, found.pairs, len(found.known)) == (12, 60, 48)
    with_holes = interval(found, 0.05)
    assert with_holes.low < whole.low
    assert with_holes.high > whole.high
    nothing = interval(daily_differences(pairs(*[(None, None)] * 90), Better.LOWER, 0.25), 0.05)
    assert (nothing.mean, nothing.low, nothing.high) == (None, -0.25, 0.25)
    assert interval(daily_differences([], Better.LOWER, 0.25), 0.05).low == -0.25


def test_a_refused_value_is_named_with_its_pair() -> None:
    with pytest.raises(InvalidValue, match=r"pairs\[1\]\.challenger"):
        daily_differences(pairs((1, 1), (1, -2)), Better.LOWER, 0.25)


def test_the_sums_are_uncapped() -> None:
    found = daily_differences(pairs(*[(100, 90)] * 19, (100, 900)), Better.LOWER, 0.25)
    assert found.at_cap == 1
    assert found.known.mean() < 0 < found.total


def test_exchanging_the_sides_turns_the_interval_round() -> None:
    values = np.random.default_rng(4).lognormal(0, 0.1, (40, 2))
    one = interval(daily_differences(pairs(*values.tolist()), Better.LOWER, 0.25), 0.05)
    other = interval(daily_differences(pairs(*values[:, ::-1].tolist()), Better.LOWER, 0.25), 0.05)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@pytest.mark.parametrize("kind", ["two values", "rare and large", "depends on the day before"])
def test_under_daily_looks_the_true_mean_is_missed_in_at_most_the_stated_share(kind: str) -> None:
    rng = np.random.default_rng(7)
    shape = (1000, 100)
    if kind == "two values":
        values, mean = rng.integers(0, 2, shape).astype(float), 0.5
    elif kind == "rare and large":
        values, mean = (rng.random(shape) < 0.03).astype(float), 0.03
    else:
        # The size depends on the days before, the sign does not.
        sizes = np.minimum.accumulate(rng.random(shape), axis=1)
        values, mean = 0.5 + 0.5 * sizes * rng.choice([-1.0, 1.0], shape), 0.5
    for side, tested in ((values, mean), (1.0 - values, 1.0 - mean)):
        ever = (log_capital(np.cumsum(log_growth(side, tested), axis=1)) >= -np.log(0.025)).any(1)
        # 0.025 and three standard errors of 1,000 rollouts.
        assert ever.mean() < 0.04


def test_bounds_are_where_the_tests_turn() -> None:
    values = np.random.default_rng(1).beta(2, 5, 80)
    low, high = lower_bound(values, 0.025), upper_bound(values, 0.025)
    assert low < values.mean() < high
    assert shows_above(values, low - 1e-6, 0.025)
    assert not shows_above(values, low + 1e-6, 0.025)
    assert shows_below(values, high + 1e-6, 0.025)
    assert not shows_below(values, high - 1e-6, 0.025)


def test_no_violations_bound_the_rate_and_more_plans_bound_it_closer() -> None:
    assert violation_bound(0) == 1
    assert violation_bound(1) == pytest.approx(0.95)
    assert violation_bound(100) == pytest.approx(1 - 0.05 ** (1 / 100)) == pytest.approx(0.0295, abs=1e-4)
    assert all(violation_bound(n) < 3 / n for n in (10, 100, 10_000))
    with pytest.raises(InvalidValue):
        violation_bound(-1)


def test_fallbacks() -> None:
    assert rate_interval([], 0.05).rate is None
    assert rate_interval([1.0, 1.0], 0.05).low > 0.05
    seldom = rate_interval([0.0] * 200, 0.05)
    assert (seldom.low, seldom.rate) == (0, 0)
    assert seldom.high < 0.04
    with pytest.raises(InvalidValue):
        rate_interval([1.5], 0.05)
    with pytest.raises(InvalidValue):
        rate_interval([nan], 0.05)


def test_the_smallest_effect_is_shown_about_as_often_as_promised() -> None:
    days, spread, error = 60, 0.06, 0.05
    effect = smallest_effect(days, spread, 0.25, error)
    assert effect is not None
    rng = np.random.default_rng(3)
    drawn = scaled(np.clip(rng.normal(effect, spread, (400, days)), -0.25, 0.25), 0.25)
    shown = np.mean([shows_above(values, 0.5, error / 2) for values in drawn])
    assert 0.7 < shown < 0.9
    assert smallest_effect(4, spread, 0.25, error) is None
    assert smallest_effect(0, spread, 0.25, error) is None
    more, wider = smallest_effect(240, spread, 0.25, error), smallest_effect(days, 0.12, 0.25, error)
    assert more is not None
    assert wider is not None
    assert more < effect < wider
