"""The dispatcher's weights: kept in a file that cannot be changed unnoticed, and trained in steps that can be resumed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.errors import InvalidValue
from scheduler_core.floor import dispatcher
from scheduler_core.floor.dispatcher import COUNT, HIDDEN, Weights, learned_for
from scheduler_core.floor.dispatcher_training import (
    Evolution,
    GenerationSize,
    TrainingFloors,
    next_generation,
    training_plants,
    utilities,
)
from scheduler_core.floor.events import random_stream
from scheduler_core.floor.executions import ByLearned, by_prices, priced_plant
from scheduler_core.floor.learned_kernel import FEATURES
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.orders_to_come import with_orders_like_its_own
from scheduler_core.floor.price_training import prices_on_floors
from scheduler_core.floor.ways import NoisyFloor, way_named
from scheduler_core.plant import Fixed
from scheduler_core.simulator.arrays import pack
from tests.support.plants import DAY, job, machine, operation, plant


def _some(seed: int = 0) -> Weights:
    return Weights.of(np.random.default_rng(seed).normal(size=COUNT))


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_bytes(dispatcher.write(_some(), {"generations": 3}))
    assert dispatcher.read(path).sha256 == _some().sha256
    assert np.allclose(dispatcher.read(path).numbers, _some().numbers, atol=1e-5)
    assert _some(1).sha256 != _some().sha256


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("dispatcher/1", "dispatcher/9", "must be a file of the format dispatcher/1"),
        ("    slack:", "    slag:", "must have the features of this version"),
        ("  bias:", "  prejudice:", "must have direct, hidden, bias and out"),
        ("  bias:\n  - ", "  bias:\n  - 1", "the file was changed"),
        ("  bias:\n  - ", "  bias:\n  - x", "must be numbers"),
        ("  bias:\n  - ", "  bias:\n  - 1.5\n  - ", "must be those of"),
    ],
)
def test_a_changed_file_is_refused(old: str, new: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    text = dispatcher.write(Weights.of(np.ones(COUNT)), {}).decode()
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InvalidValue, match=reason):
        dispatcher.read(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="cannot be read"):
        dispatcher.read(tmp_path / "none.yaml")


def test_the_shipped_weights_are_whole_and_decide_under_their_name() -> None:
    assert len(dispatcher.shipped().numbers) == COUNT
    assert not way_named("learned").needs_plan


def test_the_spread_of_the_rest_of_a_job_adds_up_variances() -> None:
    p = plant(job("A", operation(30), operation(40)), job("B", operation(100)), machines=[machine(1)])
    arrays = pack(p)
    learned = learned_for(arrays, priced_plant(p, arrays, ()), _some(), np.array([0.2, 0.5, 0.1]))
    assert learned.tail_spread.tolist() == pytest.approx([np.hypot(6.0, 20.0), 20.0, 10.0])


def test_orders_to_come_are_copies_of_the_plant_s_own_that_arrive_later() -> None:
    p = plant(
        job("A", operation(30), due=100, release=10), job("B", operation(40, 1, fixed=Fixed((1,), 0, 40)), operation(5))
    )
    stream = with_orders_like_its_own(p, days=6, orders_a_day=3.0, seed=4)
    assert stream == with_orders_like_its_own(p, days=6, orders_a_day=3.0, seed=4)
    assert 8 < len(stream.arrivals) < 30
    assert [a.minute for a in stream.arrivals] == sorted(a.minute for a in stream.arrivals)
    for arrival in stream.arrivals:
        day, own = arrival.minute // DAY, p.job_by_id[arrival.job.id.partition("~")[0]]
        assert all(op.fixed is None for op in arrival.job.operations)
        assert arrival.job.release == own.release + day * DAY
        assert arrival.job.due == (None if own.due is None else own.due + day * DAY)
    assert {a.minute // DAY for a in stream.arrivals} <= set(range(6))


def test_prices_can_be_searched_with_the_learned_part_deciding() -> None:
    stream = random_stream(3, PlantShape(16, 6, tightness=0.9), 1, 0.0)
    floor = NoisyFloor(stream, DurationNoise(0.2))
    alone = prices_on_floors(floor, range(2), generations=2)
    together = prices_on_floors(floor, range(2), generations=2, execution=ByLearned(_some()))
    assert [name for name, _ in alone] == [name for name, _ in together]
    assert alone != together


def test_ranks_count_and_nothing_else() -> None:
    found = utilities(np.array([5.0, -1.0, 1e9, 3.0]))
    assert found.sum() == pytest.approx(0.0)
    assert np.argsort(-found).tolist()[:2] == [1, 3]
    assert found.tolist() == utilities(np.array([2.0, 0.0, 3.0, 1.0])).tolist()


def test_training_plants_differ_in_everything_that_is_drawn() -> None:
    drawn = training_plants([(3, 8, 20, 2), (1, 12, 30, 2)])
    assert [p.machines for p in drawn] == [8, 8, 8, 12]
    assert len({p.seed for p in drawn}) == len({p.tightness for p in drawn}) == 4
    assert {p.price_variation for p in drawn} == {0.0, 0.2}


def test_training_that_was_stopped_goes_on_as_if_it_had_not() -> None:
    plants = [TrainingFloors(random_stream(3, PlantShape(16, 6, tightness=0.9), 1, 0.0), (), (0.2, 0.4))]
    assert plants[0].cost(0.2, 5, by_prices) == plants[0].cost(0.2, 5, by_prices) > 0
    size, first = GenerationSize(4, 2), Evolution.first(1)
    once, _ = next_generation(first, plants, 7, size)
    twice, _ = next_generation(once, plants, 7, size)
    resumed, _ = next_generation(Evolution.from_json(json.loads(json.dumps(once.to_json()))), plants, 7, size)
    assert resumed.to_json() == twice.to_json()
    hidden = slice(len(FEATURES), COUNT)
    assert twice.generation == 2
    assert not np.array_equal(twice.mean, first.mean)
    assert np.array_equal(twice.mean[hidden], first.mean[hidden])
    opened, _ = next_generation(twice.with_hidden_units(), plants, 7, size)
    assert not np.any(opened.mean[hidden] == twice.mean[hidden])
    assert len(opened.weights.out) == HIDDEN


def test_a_generation_needs_pairs_of_candidates_and_a_floor() -> None:
    with pytest.raises(InvalidValue, match="even number"):
        GenerationSize(5, 1)
    with pytest.raises(InvalidValue, match="at least 1"):
        GenerationSize(4, 0)
    with pytest.raises(InvalidValue, match="numbers"):
        Evolution.from_json({"mean": [0.0], "spread": [0.0], "average": [0.0], "generation": 1})
