"""Imitation: what is recorded of a rollout, the loss, and runs on plants so small that they take seconds."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from scheduler_core.engines.annealing.population import improve_by_moves
from scheduler_core.environments.classic_plants import ClassicShape, classic_plant
from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.policy import checkpoint
from scheduler_core.policy.features import N_GLOBAL, N_JOB, PRICES
from scheduler_core.policy.inference import rollout
from scheduler_core.policy.network import Pointer
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import new_state
from scheduler_core.training.guided_rollouts import guided, new_records, teacher_of
from scheduler_core.training.imitate import imitate
from scheduler_core.training.imitation_config import read_imitation
from scheduler_core.training.imitation_dataset import ANCHOR_WEIGHT, ImitationDataset, lesson, loss_of, starts_of
from tests.support.paths import ROOT
from tests.support.small_networks import desk, factory, random_network

SMALL: dict[str, Any] = {
    "name": "small", "description": "for tests", "start": "begin", "rounds": 2, "plants": 4, "samples": 4,
    "moves_per_operation": 5, "epochs": 2, "batch_size": 16, "validation_classics": 1,
    "factories": [{"chance": 1, "machines": [3, 5], "jobs_per_machine": [2, 3]}],
    "classics": [{"chance": 1, "jobs": [4, 5], "machines": [3, 4]}],
    "validation": [{"size": "tiny", "plants": 2, "samples": 2}],
}  # fmt: skip


SHIPPED = sorted((ROOT / "configs" / "imitate").glob("*.yaml"))


def configured(folder: Path, **more: Any) -> Path:
    checkpoint.save("begin", random_network(2, hidden=8), {"method": "none"}, folder / "models")
    folder.mkdir(exist_ok=True)
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump({**SMALL, **more}))
    return path


def run(folder: Path, **more: Any) -> Path:
    path = configured(folder)
    return imitate(path, report=lambda _: None, models=folder / "models", runs=folder / "runs", **more)


# ---------------------------------------------------------------- following
@pytest.mark.slow
def test_without_a_pull_it_is_the_policy_s_own_rollout() -> None:
    at = desk(factory(3), random_network(5))
    prices = costs.WEIGHTED_TARDINESS
    rollout(at.arrays, at.state, at.view, at.room, at.weights, 0.0, prices, math.inf)
    own = at.state.start.copy()
    found = improve_by_moves(at.arrays, at.state, prices, 500, 0)
    records = new_records(at.arrays)
    teacher = teacher_of(at.arrays, found.state)
    assert guided(at.arrays, at.state, at.view, teacher, records, at.room, at.weights, 0.0, 0.0) > 0
    assert (at.state.start == own).all()
    decisions, rows = records.size
    assert records.counts[:decisions].sum() == rows
    at_row = 0
    for n in records.counts[:decisions]:
        assert 0 < records.right[at_row : at_row + n].sum() < n
        at_row += n


@pytest.mark.parametrize("seed", range(4))
def test_a_strong_pull_follows_a_schedule_that_never_waits(seed: int) -> None:
    """A rollout of another policy is such a schedule, so it can be followed to the letter."""
    other = desk(factory(seed, jobs=12), random_network(seed))
    prices = costs.WEIGHTED_TARDINESS
    rollout(other.arrays, other.state, other.view, other.room, other.weights, 0.0, prices, math.inf)
    teacher, records = teacher_of(other.arrays, other.state), new_records(other.arrays)
    mine = desk(factory(seed, jobs=12), random_network(seed + 50))
    state = new_state(other.arrays)
    guided(other.arrays, state, mine.view, teacher, records, mine.room, mine.weights, 0.0, 1e6)
    assert costs.cost(other.arrays, state, prices) == pytest.approx(costs.cost(other.arrays, other.state, prices), rel=0.05)


def test_a_lesson_is_better_than_the_policy_s_own_schedule() -> None:
    plant = classic_plant(1, ClassicShape(8, 5))
    at = desk(plant, random_network(1))
    prices = costs.prices_of(Objective.MAKESPAN, at.arrays)
    found = lesson(plant, prices, at.weights, 8, (4.0, 0.0), (0.5, 0.1), 20, 1)
    assert found is not None
    assert found.ratio < 1
    assert found.job.rows.shape == (found.job.counts.sum(), N_JOB)
    assert found.job.plant.shape == (len(found.job.counts), N_GLOBAL)
    again = lesson(plant, prices, at.weights, 8, (4.0, 0.0), (0.5, 0.1), 20, 1)
    assert again is not None
    assert again.ratio == found.ratio
    assert (again.job.right == found.job.right).all()


def test_moves_are_the_same_at_every_call() -> None:
    at = desk(factory(2))
    prices = costs.WEIGHTED_TARDINESS
    rollout(at.arrays, at.state, at.view, at.room, at.weights, 0.0, prices, math.inf)
    first, second = (improve_by_moves(at.arrays, at.state, prices, 2000, 7) for _ in range(2))
    assert first.cost == second.cost < costs.cost(at.arrays, at.state, prices)
    assert first.moves == second.moves


# ---------------------------------------------------------------- the loss
def test_the_loss_is_the_chance_of_any_right_answer() -> None:
    head = random_network(3).job
    rng = np.random.default_rng(0)
    count = np.array([3, 1, 4])
    examples = ImitationDataset(
        rng.normal(size=(8, N_JOB)).astype(np.float32),
        np.array([1, 0, 1, 1, 0, 1, 0, 0], np.bool_),
        count,
        rng.normal(size=(3, N_GLOBAL)).astype(np.float32),
    )
    first = starts_of(examples)
    assert first.tolist() == [0, 3, 4]
    expected = []
    for d, n in enumerate(count):
        rows = slice(first[d], first[d] + n)
        x, g = torch.from_numpy(examples.rows[rows]), torch.from_numpy(examples.plant[d])
        chance = torch.softmax(head(x[None], g[None], torch.ones(1, int(n)))[0], 0)
        expected.append(-math.log(float(chance[torch.from_numpy(examples.right[rows])].sum().detach())))
    found = float(loss_of(head, examples, first, np.arange(3)).detach())
    assert found == pytest.approx(np.mean(expected), rel=1e-4)


def test_an_anchored_decision_on_tardiness_costs_only_what_strays_from_the_start() -> None:
    head, start = random_network(3).job, random_network(4).job
    rows = np.random.default_rng(1).normal(size=(4, N_JOB)).astype(np.float32)
    seen = np.zeros((1, N_GLOBAL), np.float32)
    examples = ImitationDataset(rows, np.array([1, 0, 0, 0], np.bool_), np.array([4]), seen)
    first, chosen = starts_of(examples), np.arange(1)

    def loss(anchor: float, origin: Pointer = start) -> float:
        return float(loss_of(head, examples, first, chosen, origin, anchor).detach())

    assert loss(1.0) == pytest.approx(loss(0.0))  # no price on tardiness: nothing to stay with
    seen[0, PRICES + costs.TARDINESS] = 1.0
    assert loss(1.0, head) == pytest.approx(0.0, abs=1e-6)
    x, g, one = torch.from_numpy(rows)[None], torch.from_numpy(seen), torch.ones(1, 4)
    known, new = (torch.log_softmax(h(x, g, one)[0], 0).detach() for h in (start, head))
    assert loss(1.0) == pytest.approx(ANCHOR_WEIGHT * float((known.exp() * (known - new)).sum()), rel=1e-4)


# ---------------------------------------------------------------- whole runs
@pytest.mark.usefixtures("small_runs")
def test_a_run_leaves_a_checkpoint_with_a_card_and_a_curve(tmp_path: Path) -> None:
    place = run(tmp_path)
    found = checkpoint.load(place.name, tmp_path / "models")
    rows = list(csv.DictReader((place / "curve.csv").open(newline="")))
    assert [int(r["round"]) for r in rows] == [0, 1, 2]
    kept = [r for r in rows if int(r["steps"]) == found.card["steps"]]
    assert float(kept[0]["score"]) == found.card["validation"]["score"] == min(float(r["score"]) for r in rows)
    assert found.card["started_from"] == "begin"


@pytest.mark.usefixtures("small_runs")
def test_a_resumed_run_ends_as_one_that_was_never_stopped(tmp_path: Path) -> None:
    whole = checkpoint.load(run(tmp_path / "a").name, tmp_path / "a" / "models")

    def stop(share: float, message: str) -> None:
        if "round 2" in message:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(tmp_path / "b", progress=stop)
    resumed = checkpoint.load(run(tmp_path / "b", resume=True).name, tmp_path / "b" / "models")
    assert resumed.sha256 == whole.sha256
    assert resumed.card["validation"] == whole.card["validation"]


@pytest.mark.usefixtures("small_runs")
def test_there_must_be_something_to_resume_and_to_start_from(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="no run of that name"):
        run(tmp_path, resume=True)
    with pytest.raises(InvalidValue, match="nobody"):
        imitate(configured(tmp_path, start="nobody"), models=tmp_path / "models", runs=tmp_path / "runs")


def test_unknown_keys_and_wrong_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="speed"):
        read_imitation(configured(tmp_path, speed=1))
    with pytest.raises(InvalidValue, match="samples"):
        read_imitation(configured(tmp_path, samples=1))


def test_shipped_configurations_are_read() -> None:
    assert SHIPPED
    for path in SHIPPED:
        assert read_imitation(path).name == path.stem
