"""Odds as values: orders at risk, late orders among some of the orders, and two plans compared run by run."""

from __future__ import annotations

import pytest

from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.order_odds import STATED, AssumedNoise, Odds, OrderOdds, Spread, rounded, safer

ANY = Spread(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _order(job: str, late_runs: int, planned_end: int = 50, due: int | None = 100, runs: int = 10) -> OrderOdds:
    on_time = None if due is None else 1 - late_runs.bit_count() / runs
    return OrderOdds(job, due, planned_end, on_time, ANY, late_runs)


def _odds(*orders: OrderOdds, runs: int = 10) -> Odds:
    return Odds(runs, orders, ANY, ANY, ANY)


def test_at_risk_is_what_the_plan_has_on_time_with_a_low_chance_the_least_likely_first() -> None:
    found = _odds(
        _order("safe", 0b11), _order("risky", 0b111), _order("worse", 0b111111), _order("late by plan", 0b1111111, 101),
        _order("no due date", 0, due=None),
    )  # fmt: skip
    assert [one.job for one in found.at_risk()] == ["worse", "risky"]


def test_late_orders_are_counted_run_by_run_among_the_orders_asked_for() -> None:
    found = _odds(_order("A", 0b0000000001), _order("B", 0b1000000001), _order("C", 0b1111111111))
    assert found.late_counts({"A", "B"}).tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert found.late_counts(set()).tolist() == [0] * 10
    spread = found.late_among({"A", "B", "C"})
    assert (spread.mean, spread.p10, spread.p50, spread.p90) == (1.3, 1.0, 1.0, 3.0)


def test_two_plans_are_compared_over_the_orders_with_a_due_date_that_both_have() -> None:
    before = _odds(_order("A", 0b0000000011), _order("gone", 0b1111111111), _order("dateless", 0, due=None))
    after = _odds(_order("A", 0b0000000110), _order("new", 0b1111111111), _order("dateless", 0, due=None))
    found = safer(before, after)
    assert found is not None
    assert (found.orders, found.before.mean, found.after.mean) == (1, 0.2, 0.2)
    assert (found.before_fewer, found.after_fewer) == (0.1, 0.1)


def test_plans_without_a_common_order_or_with_other_runs_are_not_compared() -> None:
    assert safer(_odds(_order("A", 1)), _odds(_order("B", 1))) is None
    assert safer(_odds(_order("A", 1)), _odds(_order("A", 1, runs=20), runs=20)) is None


def test_a_fitted_noise_counts_to_whole_percents_and_its_shares_stay_shares() -> None:
    found = rounded(AssumedNoise(DurationNoise(0.2049, {"mill": 0.3151}, 0.995, 0.005), 80))
    assert (found.noise.variation, found.noise.by_process) == (0.2, {"mill": 0.32})
    assert found.noise.machine_share + found.noise.day_share <= 1
    assert (found.operations, found.stated, STATED.stated) == (80, False, True)
    assert STATED.noise.variation == pytest.approx(0.2)
