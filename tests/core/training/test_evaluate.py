"""The comparison of a policy with the rules: paired, repeatable, and printed as a table."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scheduler_core.engines.rules import RULES
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.policy.inference import PolicyWeights
from scheduler_core.simulator.arrays import pack
from scheduler_core.training import evaluate
from scheduler_core.training.evaluate import Comparison, all_variants, compare, few_variants, policy_costs, rule_costs, table
from tests.support.small_networks import random_network, untrained_network

SHAPE = PlantShape(10, 4, tightness=0.9, load=5.0)
COUNT = 5


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(evaluate.SIZES, "tiny", SHAPE)


def weights() -> PolicyWeights:
    return untrained_network().weights()


def compared(samples: tuple[int, ...] = (1, 4)) -> Comparison:
    return compare(weights(), "tiny", COUNT, 11, samples, few_variants())


def test_numbers_are_paired_plant_by_plant() -> None:
    found = compared()
    plants = [pack(random_plant(11 + i, SHAPE)) for i in range(COUNT)]
    rules = rule_costs(plants, few_variants())
    assert found.best_rule == pytest.approx(rules.min(1))
    assert found.single == pytest.approx(rules[:, rules.mean(0).argmin()])
    assert found.edd == pytest.approx(rule_costs(plants, [(RULES["EDD"], 0.0, 0.0)])[:, 0])
    assert found.policy[4] == pytest.approx(policy_costs(plants, weights(), 4, seed=11)[:, 3])
    assert (found.best_rule <= found.single).all()
    assert found.single_rule.split()[0] in ("WATC", "WATCS")


@pytest.mark.slow
def test_more_samples_are_never_worse() -> None:
    found = compared((1, 2, 8))
    assert (found.policy[8] <= found.policy[2]).all()
    assert (found.policy[2] <= found.policy[1]).all()
    assert found.policy[8].sum() < found.policy[1].sum()


def test_one_rollout_of_the_untrained_policy_is_the_rule_s_schedule() -> None:
    """Up to ties, which the two settle differently; on these plants there are none."""
    plants = [pack(random_plant(11 + i, SHAPE)) for i in range(COUNT)]
    rule = RULES["WATC"]
    expected = rule_costs(plants, [(rule, *rule.default)])[:, 0]
    assert policy_costs(plants, weights(), 1, seed=0)[:, 0] == pytest.approx(expected)


def test_it_repeats_itself() -> None:
    first, second = compared(), compared()
    assert np.array_equal(first.policy[4], second.policy[4])
    assert first.interval(4, first.single) == second.interval(4, second.single)


def test_ratios_and_intervals() -> None:
    ones = np.ones(4)
    c = Comparison("tiny", "WATC", 2 * ones, ones, 3 * ones, {1: np.array([1.0, 3.0, 1.0, 3.0])})
    assert c.ratio(1, c.single) == 1.0
    low, high = c.interval(1, c.single)
    assert 0.5 <= low < 1.0 < high <= 1.5
    same = Comparison("tiny", "WATC", 2 * ones, ones, 3 * ones, {1: ones})
    assert same.interval(1, same.single) == (0.5, 0.5)


def test_the_table_has_a_line_for_every_way() -> None:
    found = compared((1, 4))
    lines = table([found, found]).splitlines()
    assert len(lines) == 2 + 2 * 5
    assert all(line.count("|") == lines[0].count("|") for line in lines)
    ways = [line.split("|")[2].strip() for line in lines[2:7]]
    assert ways[0] == "EDD"
    assert ways[1] == f"best single rule ({found.single_rule})"
    assert ways[2] == "best rule per plant"
    assert ways[3].startswith("policy, one rollout (")
    assert ways[4].startswith("policy, best of 4 (")
    assert f"{found.ratio(4, found.single):.3f} (" in lines[6]


def test_progress_is_told_and_rules_are_listed_once() -> None:
    said: list[str] = []
    compare(random_network(1).weights(), "tiny", 1, 0, (1,), few_variants(), said.append)
    assert said[0] == f"tiny: 1 plants, {len(few_variants())} rules"
    assert len(all_variants()) == len({(r.name, a, b) for r, a, b in all_variants()})
    assert {(r.name, a, b) for r, a, b in few_variants()} <= {(r.name, a, b) for r, a, b in all_variants()}
    assert math.isfinite(compared().policy_seconds)
