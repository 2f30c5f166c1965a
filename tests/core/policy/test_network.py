"""The network in torch and its twin in compiled code; what padding may not change; and where learning starts from."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from scheduler_core.engines.rules import RULES, rule_value
from scheduler_core.policy.features import N_GLOBAL, N_JOB, N_MACHINE, reset_potential, update_potential
from scheduler_core.policy.inference import decide, new_room, score
from scheduler_core.policy.network import Pointer
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import CANDIDATES, NOW, pack
from tests.support.plants import job, machine, operation, plant
from tests.support.small_networks import desk, factory, random_network, small_plants, untrained_network

FEATURES = {"job": N_JOB, "machine": N_MACHINE + N_JOB}


def inputs(seed: int, n: int, features: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of candidates, a third of the features zero as in practice, and a plant's global features."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, features)) * (rng.random((n, features)) < 0.67)
    return x.astype(np.float32), rng.normal(size=N_GLOBAL).astype(np.float32)


def by_torch(head: Pointer, x: np.ndarray, g: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    present = np.ones(len(x), np.float32) if mask is None else mask
    with torch.no_grad():
        scores: torch.Tensor = head(torch.tensor(x)[None], torch.tensor(g)[None], torch.tensor(present)[None])
    return scores[0].numpy()


@pytest.mark.parametrize("hidden", [1, 16, 64])
@pytest.mark.parametrize("which", ["job", "machine"])
def test_compiled_scores_equal_the_network_s(which: str, hidden: int) -> None:
    arrays = pack(plant(job("J1", operation(60)), machines=[machine(m) for m in range(1, 41)]))
    for seed in range(6):
        network = random_network(seed, hidden)
        head: Pointer = getattr(network, which)
        weights = network.weights()
        room = new_room(arrays, weights)
        for n in (1, 2, 7, 24, 40):
            x, g = inputs(100 * seed + n, n, FEATURES[which])
            score(getattr(weights, which), x, n, FEATURES[which], g, head.rule, room)
            expected = by_torch(head, x, g)
            assert room.score[:n] == pytest.approx(expected, rel=1e-4, abs=1e-4 * float(np.abs(expected).max()))


@pytest.mark.parametrize("which", ["job", "machine"])
def test_padding_changes_no_score(which: str) -> None:
    """Rows behind the mask hold anything, and there may be any number of them."""
    head: Pointer = getattr(random_network(1), which)
    x, g = inputs(1, 5, FEATURES[which])
    alone = by_torch(head, x, g)
    for rows in (1, 19):
        rubbish = np.full((rows, FEATURES[which]), 1e6, np.float32)
        mask = np.array([1.0] * 5 + [0.0] * rows, np.float32)
        padded = by_torch(head, np.concatenate([x, rubbish]), g, mask)
        assert padded[:5] == pytest.approx(alone, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("which", ["job", "machine"])
def test_scores_do_not_depend_on_the_order_of_candidates(which: str) -> None:
    head: Pointer = getattr(random_network(2), which)
    x, g = inputs(2, 9, FEATURES[which])
    order = np.random.default_rng(2).permutation(9)
    assert by_torch(head, x[order], g) == pytest.approx(by_torch(head, x, g)[order], rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("which", ["job", "machine"])
def test_a_score_depends_on_the_other_candidates_and_on_the_plant(which: str) -> None:
    head: Pointer = getattr(random_network(3), which)
    x, g = inputs(3, 4, FEATURES[which])
    other, elsewhere = x.copy(), g.copy()
    other[3] += 1.0
    elsewhere[0] += 1.0
    assert abs(by_torch(head, other, g)[0] - by_torch(head, x, g)[0]) > 1e-4
    assert abs(by_torch(head, x, elsewhere)[0] - by_torch(head, x, g)[0]) > 1e-4


@pytest.mark.parametrize("given", [*small_plants(25, first=500), *(factory(s) for s in range(3))], ids=lambda p: p.name)
def test_an_untrained_network_follows_the_rule(given: object) -> None:
    """Along a whole schedule it takes the job that WATC with k = 2 values most, on a machine where that ends first."""
    at = desk(given)  # type: ignore[arg-type]
    arrays, state = at.arrays, at.state
    rule, (k1, k2) = RULES["WATC"], RULES["WATC"].default
    assert (k1, k2) == (2.0, 0.0)
    kernel.reset(arrays, state)
    reset_potential(arrays, state, at.view)
    j = -1
    while kernel.advance(arrays, state) > 0:
        update_potential(arrays, state, at.view, j)
        worked_now = kernel.worked_before(arrays, arrays.plant_table, state.clock[NOW])
        j, pair = decide(arrays, state, at.view, at.room, at.weights, 0.0)
        values = {}
        for c in map(int, state.candidates[: state.clock[CANDIDATES]]):
            kernel.earliest_end(arrays, state, c)
            move = int(state.move_pair[c]), int(state.move_start[c]), int(state.move_setup[c])
            values[c] = rule_value(arrays, state, rule.code, k1, k2, c, worked_now, *move)
        assert values[int(j)] == pytest.approx(max(values.values()), rel=1e-5, abs=1e-5)
        if not arrays.op_all[state.next_op[j]]:
            end = kernel.placement(arrays, state, state.next_op[j], pair, state.clock[NOW])[1]
            # The rule's value of a machine stops falling 8 working hours after the earliest end; none is that bad first.
            assert end == state.move_end[j]
        kernel.dispatch(arrays, state, j, pair)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("name", ["job.beta", "job.first.weight", "machine.last.weight", "machine.second.bias"])
def test_weights_that_are_not_finite_are_refused(name: str, bad: float) -> None:
    network = untrained_network()
    with torch.no_grad():
        network.get_parameter(name).view(-1)[0] = bad
    with pytest.raises(ValueError, match="not finite"):
        network.weights()


@pytest.mark.slow
def test_learning_moves_every_weight_of_the_heads() -> None:
    """The zeros that make the network the rule at first must not cut anything off from learning for good."""
    network = untrained_network()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    before = {k: v.clone() for k, v in network.named_parameters()}
    for step in range(3):
        loss = torch.zeros(())
        for which in ("job", "machine"):
            x, g = inputs(step, 6, FEATURES[which])
            scores = getattr(network, which)(torch.tensor(x)[None], torch.tensor(g)[None], torch.ones(1, 6))
            loss = loss - torch.log_softmax(scores, 1)[0, 0]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    still = [k for k, v in network.named_parameters() if not k.startswith("critic") and torch.equal(v, before[k])]
    assert still == []
