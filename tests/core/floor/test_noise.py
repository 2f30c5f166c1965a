"""Noise in durations: right on average, as wide as stated, correlated as stated, and drawn by names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Stream
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Truth
from scheduler_core.floor.named_draws import combined, keys_of, normals
from scheduler_core.floor.noise import DurationNoise, NoisyDurations, factor
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from tests.support.plants import job, machine, operation, plant

MACHINES = [machine(m) for m in range(1, 61)]
MANY = plant(*(job(f"J{i}", operation(100, *range(1, 61))) for i in range(400)), machines=MACHINES)


def _truth(p: Plant, noise: DurationNoise, seed: int = 0) -> tuple[FloorArrays, Truth]:
    floor = FloorArrays(Stream(p))
    return floor, NoisyDurations(floor.plant, floor.known, noise).truth(seed, floor.job_ready, floor.job_gone)


def test_factors_have_mean_one_and_the_stated_variation() -> None:
    found, spread = [], DurationNoise(0.3, machine_share=0.3, day_share=0.2)
    for seed in range(40):
        floor, truth = _truth(MANY, spread, seed)
        day = truth.day_log[floor.known.pair_machine, 5]
        found.append(np.exp(truth.pair_log + truth.op_spread[floor.known.pair_op] * day))
    assert np.mean(found) == pytest.approx(1.0, abs=0.02)
    assert np.std(found) == pytest.approx(0.3, abs=0.02)


def test_shares_of_the_variance_are_the_machine_s_and_the_day_s() -> None:
    _, truth = _truth(MANY, DurationNoise(0.3, machine_share=0.4, day_share=0.25))
    variance = np.log1p(0.3**2)
    logs = truth.pair_log.reshape(len(MANY.jobs), len(MACHINES))
    assert np.var(logs.mean(0)) / variance == pytest.approx(0.4, abs=0.15)
    assert np.var(logs.mean(1)) / variance == pytest.approx(0.35, abs=0.05)
    assert np.ptp(logs - logs.mean(0) - logs.mean(1)[:, None]) == pytest.approx(0.0, abs=1e-9)
    assert np.var(truth.day_log) == pytest.approx(0.25, abs=0.01)
    assert abs(np.corrcoef(truth.day_log[:, 3], truth.day_log[:, 4])[0, 1]) < 0.4


def test_a_process_may_have_a_variation_of_its_own() -> None:
    noise = DurationNoise(0.1, {"casting": 0.6})
    p = plant(
        *(job(f"J{i}", operation(100, *range(1, 61), process="casting" if i % 2 else "milling")) for i in range(200)),
        machines=MACHINES,
    )
    _, truth = _truth(p, noise)
    logs = truth.pair_log.reshape(len(p.jobs), len(MACHINES))
    assert np.std(np.exp(logs[1::2])) > 4 * np.std(np.exp(logs[::2]))
    assert noise.times(1.5) == DurationNoise(0.1 * 1.5, {"casting": 0.6 * 1.5})


def test_without_variation_everything_takes_as_long_as_planned() -> None:
    _, truth = _truth(MANY, DurationNoise(0.0))
    assert not truth.pair_log.any()
    assert not truth.op_spread.any()


def test_the_arrays_hold_what_the_single_factor_is() -> None:
    p = random_plant(3, PlantShape(25, 8, simultaneous_share=0.3))
    noise = DurationNoise(0.4, {p.jobs[0].operations[0].process: 0.9}, machine_share=0.2, day_share=0.3)
    floor, truth = _truth(p, noise, 11)
    arrays, several = floor.known, 0
    o = 0
    for j in p.jobs:
        for op in j.operations:
            ids = p.eligible_machines(op)
            machines, pair = (
                (ids, int(arrays.op_first[o])) if op.requires_all else (ids[-1:], int(arrays.op_first[o + 1]) - 1)
            )
            several += op.requires_all
            held = [m for m, one in enumerate(p.machines) if one.id in machines]
            day = truth.day_log[held, 2].sum() / np.sqrt(len(held))
            expected = np.exp(truth.pair_log[pair] + truth.op_spread[o] * day)
            start = 2 * MINUTES_PER_DAY + 700
            assert factor(noise, 11, j.id, op, machines, start) == pytest.approx(expected, rel=1e-12)
            o += 1
    assert several > 3


def test_an_operation_s_factor_does_not_depend_on_other_orders() -> None:
    fewer = replace(MANY, jobs=MANY.jobs[100:])
    _, all_of_them = _truth(MANY, DurationNoise(0.2), 5)
    _, some = _truth(fewer, DurationNoise(0.2), 5)
    assert np.array_equal(all_of_them.pair_log[100 * len(MACHINES) :], some.pair_log)


def test_draws_are_standard_normal_and_differ_by_seed_and_name() -> None:
    keys = keys_of(range(50_000))
    drawn = normals(1, keys)
    assert drawn.mean() == pytest.approx(0.0, abs=0.02)
    assert drawn.std() == pytest.approx(1.0, abs=0.02)
    assert (np.abs(drawn) > 1.959964).mean() == pytest.approx(0.05, abs=0.005)
    assert abs(np.corrcoef(drawn, normals(2, keys))[0, 1]) < 0.02
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.02
    assert not np.array_equal(combined(keys, keys[::-1]), combined(keys[::-1], keys))


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"variation": -0.1}, "variation"),
        ({"variation": float("nan")}, "variation"),
        ({"by_process": {"milling": float("inf")}}, "by_process.milling"),
        ({"machine_share": 1.2}, "machine_share"),
        ({"machine_share": 0.7, "day_share": 0.4}, "day_share"),
    ],
)
def test_impossible_noise_is_refused_by_its_field(settings: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidValue, match=field):
        DurationNoise(**settings)  # type: ignore[arg-type]
