"""The study of interference: mixed floors, switchbacks, what they claim; and a short study, stopped and resumed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.floor.events import random_stream
from scheduler_core.floor.executions import EXECUTIONS, Guide
from scheduler_core.floor.floor_kernel import Begun
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.ways import NoisyFloor
from scheduler_core.simulator.arrays import NEVER

NOISE, SEED = DurationNoise(0.2), 3


@cache
def _floor() -> NoisyFloor:
    shape = PlantShape(10, 4, tightness=0.9, simultaneous_share=0.0)
    return NoisyFloor(random_stream(8_700, shape, 10, 0.0, outages_a_day=0.3), NOISE)


def _alone(way: str) -> Begun:
    floor = _floor()
    begun = floor.arrays.nothing_begun()
    EXECUTIONS[way](floor.arrays, floor.truth(SEED), Guide(), begun, 0, NEVER)
    return begun


@pytest.mark.parametrize("way", ["rule WATC", "rule ATC", "prices"])
def test_a_shared_floor_with_all_orders_in_one_group_is_the_compiled_floor(way: str) -> None:
    from interference import preference
    from interference_floor import Order, shared_floor

    arrays = _floor().arrays
    own, other = preference(way, arrays), preference("rule ATC" if way == "prices" else "prices", arrays)
    expected = sorted(arrays.schedule(_alone(way)).assignments, key=lambda a: a.key)
    assert len(expected) > 20
    everybody = frozenset(job.id for job in arrays.plant.jobs)
    treated = shared_floor(arrays, NOISE, SEED, everybody, own, other, Order.FAIR)
    untreated = shared_floor(arrays, NOISE, SEED, frozenset(), other, own, Order.FIRST)
    assert sorted(treated.assignments, key=lambda a: a.key) == expected
    assert sorted(untreated.assignments, key=lambda a: a.key) == expected


def test_identical_ways_differ_by_the_order_in_which_the_groups_are_served() -> None:
    from interference import preference
    from interference_floor import Order, shared_floor, treated_orders

    arrays = _floor().arrays
    treated, way = treated_orders(arrays, 1), preference("rule WATC", arrays)
    assert len(treated) == len(arrays.plant.jobs) // 2
    assert treated == treated_orders(arrays, 1) != treated_orders(arrays, 2)
    ends = {}
    for order in Order:
        executed = shared_floor(arrays, NOISE, SEED, treated, way, way, order)
        ends[order] = {
            key: np.mean([a.end for a in executed.assignments if (a.job in treated) is key]) for key in (True, False)
        }
    assert ends[Order.FIRST][True] < ends[Order.FAIR][True] < ends[Order.LAST][True]
    assert ends[Order.FIRST][False] > ends[Order.FAIR][False] > ends[Order.LAST][False]


def test_a_switchback_between_identical_ways_is_the_floor_of_one_way() -> None:
    from interference_blocks import BURN_IN, Length, blocks, drawn_pairs, play_pairs

    floor = _floor()
    found = blocks(floor.arrays, Length.DAY, 10)
    assert len(found) in (6, 8)
    assert all(
        block.start < block.counted < block.end and block.counted == block.start + BURN_IN[Length.DAY] for block in found
    )
    pairs = drawn_pairs(found, 5)
    assert [{a.start, b.start} for a, b in pairs] == [
        {a.start, b.start} for a, b in zip(found[::2], found[1::2], strict=True)
    ]
    assert pairs == drawn_pairs(found, 5)
    assert len({drawn_pairs(found, seed) for seed in range(20)}) > 4

    truth, watc, prices = floor.truth(SEED), EXECUTIONS["rule WATC"], EXECUTIONS["prices"]
    alone = _alone("rule WATC")
    same = play_pairs(floor.arrays, truth, pairs, watc, watc)
    assert np.array_equal(same.end, alone.end)
    mixed = play_pairs(floor.arrays, truth, pairs, prices, watc)
    first = min(challenger.start for challenger, _ in pairs)
    assert not np.array_equal(mixed.end, alone.end)
    assert np.array_equal(mixed.end[alone.start < first], alone.end[alone.start < first])


def test_lateness_is_counted_where_it_accrues_and_where_orders_end() -> None:
    from interference_blocks import Block, Lateness, Measure, outcomes

    day = 1440
    late = Lateness(
        np.array([0, day, 5 * day, NEVER]), np.array([3 * day, 2 * day, 4 * day, day]), np.array([2.0, 1.0, 1.0, 9.0])
    )
    assert late.days.tolist() == [6.0, 1.0, 0.0, 0.0]
    whole = [Block(i * day, i * day, (i + 1) * day) for i in range(4)]
    assert [late.accrued(block) for block in whole] == [2.0, 3.0, 2.0, 0.0]
    assert late.accrued(Block(0, day // 2, 2 * day)) == pytest.approx((3.0 + 1.0) / 1.5)
    assert [late.finished(block) for block in whole] == [None, 0.0, 1.0, 6.0]
    pairs = [(whole[1], whole[0]), (whole[2], whole[3])]
    assert [values.tolist() for values in outcomes(late, pairs, Measure.ACCRUED)] == [[3.0, 2.0], [2.0, 0.0]]
    assert [values.tolist() for values in outcomes(late, pairs, Measure.FINISHED)] == [[1.0], [6.0]]


def test_claims_have_intervals_that_hold_the_truth_in_95_of_100_independent_experiments() -> None:
    from interference_claims import of_groups, of_pairs

    rng = np.random.default_rng(0)
    held = {"groups": 0, "pairs": 0}
    for _ in range(400):
        level = rng.normal(20.0, 4.0, 40)
        over, under = 0.8 * level + rng.normal(0.0, 1.0, 40), level + rng.normal(0.0, 1.0, 40)
        pairs, groups = of_pairs(over, under), of_groups(over, rng.permutation(under))
        assert pairs is not None
        assert groups is not None
        assert pairs.high - pairs.low < groups.high - groups.low
        held["pairs"] += pairs.low < -0.2 < pairs.high
    assert 370 <= held["pairs"] <= 390
    for _ in range(400):
        groups = of_groups(rng.exponential(0.8, 80), rng.exponential(1.0, 80))
        assert groups is not None
        held["groups"] += groups.low < -0.2 < groups.high
    assert 365 <= held["groups"] <= 393


def test_what_is_too_little_claims_nothing() -> None:
    from interference_claims import Claim, of_groups, of_pairs, smallest_effect, t_95

    some = np.array([1.0, 2.0, 3.0])
    assert of_pairs(some[:2], some[:2]) is None
    assert of_pairs(some, 0.0 * some) is None
    assert of_groups(some[:1], some) is None
    assert of_pairs(some, some) == Claim(0.0, 0.0, 0.0)
    assert not Claim(0.0, 0.0, 0.0).is_difference
    assert Claim(-0.2, -0.3, -0.1).is_difference
    assert [t_95(n) for n in (3, 5, 10, 1000)] == pytest.approx([3.182, 2.571, 2.228, 1.962], rel=0.01)
    with pytest.raises(ValueError, match="same pairs"):
        of_pairs(some, some[:2])
    with pytest.raises(ValueError, match="at least 2"):
        t_95(1)
    with pytest.raises(ValueError, match="no effects"):
        smallest_effect([])


def test_the_smallest_effect_is_found_in_80_of_100_experiments() -> None:
    from interference_claims import smallest_effect

    rng = np.random.default_rng(1)
    null = rng.normal(0.0, 0.1, 20_000)
    effect = smallest_effect(null.tolist())
    assert effect == pytest.approx(0.28, rel=0.03)
    assert np.mean(np.abs(rng.normal(effect, 0.1, 20_000)) > 1.96 * 0.1) == pytest.approx(0.8, abs=0.02)


def test_claims_over_plants_stand_beside_the_truth() -> None:
    from interference_claims import compared, share_seen

    truth = np.array([-0.2, -0.3, -0.25, -0.25])
    found = compared(1.0 + truth / 2, np.ones(4), truth)
    assert found.claim.value == pytest.approx(-0.125)
    assert found.bias.value == pytest.approx(0.125)
    luck = np.array([2.0, -1.0, 0.5, 0.0])
    seen = share_seen(luck + np.log1p(truth / 2), luck, truth)
    assert seen is not None
    assert seen.low - 1e-9 <= seen.value <= seen.high + 1e-9
    assert seen.value == pytest.approx(0.5, abs=0.01)
    assert seen.high - seen.low < 0.02
    assert share_seen(luck, luck, np.zeros(4)) is None
    with pytest.raises(ValueError, match="same one or more plants"):
        compared(np.ones(2), np.ones(3), np.ones(2))


def test_a_stopped_study_of_interference_goes_on_where_it_stopped(tmp_path: Path) -> None:
    import interference as study

    settings = {"size": "machine", "days": 7, "arrivals": 0.9, "variation": 0.2, "outages": 0.007}
    study.play_all(1, settings, tmp_path)
    study.play_all(2, settings, tmp_path)
    results = tmp_path / "results.jsonl"
    lines = results.read_text("utf-8").splitlines()
    study.play_all(2, settings, tmp_path)
    assert results.read_text("utf-8").splitlines() == lines
    assert len(lines) == 2
    assert study.kept_rows(results, {**settings, "days": 8}) == {}
    rows = list(study.kept_rows(results, settings).values())
    assert json.loads(lines[0]) == rows[0]
    designs = study.designs_of(rows)
    assert designs[:2] == ["shadow pairs", "A/B by order, treated first"]
    weighted = study.OUTCOMES[0]
    assert study.claimed(rows, "same", weighted, "shadow pairs") == (0.0, 0.0)
    first, last = (study.comparison(rows, "same", weighted, f"A/B by order, treated {o}").claim for o in ("first", "last"))
    assert first.value < -0.5 < 0.5 < last.value
    assert study.seen_of_truth(rows, "same", weighted, "A/B by order, treated first") is None
    text = study.report(rows)
    assert text.count("| A/B by order, fair turns |") == 6
    assert "| switchback, 2 weeks, accrued |" in text
