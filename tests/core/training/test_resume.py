"""A run that was stopped and resumed ends with the same weights, bit for bit, as one that was not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scheduler_core.environments.random_plants import PlantSeed, PlantShape
from scheduler_core.environments.rewards import Reward
from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.training import sampled_plants, training_state
from scheduler_core.training import train as training
from scheduler_core.training.episode_state import episodes_as_tensors, restore_episodes
from scheduler_core.training.vec_env import PlantVecEnv
from tests.support.small_training import UPDATE, configured, curve, kept, silent, steps_of

pytestmark = pytest.mark.usefixtures("small_runs")
SIX = {"total_steps": 6 * UPDATE, "keep_every": UPDATE}
EXPLORING = {"explore_job": 0.3, "explore_machine": 0.3, "reward": "original"}


def stop_at(steps: int, error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run is interrupted in the middle of the update that begins at ``steps``."""
    usual = PlantVecEnv.step_wait
    taken = [0]

    def step_wait(self: PlantVecEnv) -> Any:
        taken[0] += self.num_envs
        if taken[0] > steps + UPDATE // 2:
            raise error
        return usual(self)

    monkeypatch.setattr(PlantVecEnv, "step_wait", step_wait)


def assert_equal(first: Any, second: Any, path: str = "") -> None:
    """Two kept states, but for the time that they took."""
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            if key not in ("hours", "steps_per_second"):
                assert_equal(first[key], second[key], f"{path}.{key}")
    elif isinstance(first, torch.Tensor):
        assert torch.equal(first, second), path
    else:
        assert first == second, path


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [1, 2, 4], ids=lambda n: f"after-{n}-updates")
@pytest.mark.parametrize("more", [{}, EXPLORING], ids=["shipped", "exploring"])
def test_interrupted_and_resumed_is_never_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: int, more: dict[str, Any]
) -> None:
    straight = configured(tmp_path, name="straight", **SIX, **more)
    broken = configured(tmp_path, name="broken", **SIX, **more)
    training.train(straight, report=silent, models=tmp_path / "models")
    said: list[str] = []
    with monkeypatch.context() as patch:
        stop_at(stopped * UPDATE, KeyboardInterrupt, patch)
        with pytest.raises(KeyboardInterrupt):
            training.train(broken, report=said.append, models=tmp_path / "models")
    assert said[-1] == f"stopped; {stopped * UPDATE:,} steps are kept, --resume goes on from there"
    torch.manual_seed(99)
    np.random.seed(99)
    training.train(broken, resume=True, report=said.append, models=tmp_path / "models")
    first, second = (tmp_path / "runs" / name for name in ("straight", "broken"))
    for file in ("last.pt", "best.pt", "stage-1.pt", "stage-2.pt"):
        assert_equal(kept(first / file), kept(second / file))
    assert steps_of(second) == steps_of(first)
    for a, b in zip(curve(first), curve(second), strict=True):
        assert {k: v for k, v in a.items() if k not in ("hours", "steps_per_second")} == {
            k: v for k, v in b.items() if k not in ("hours", "steps_per_second")
        }


@pytest.mark.slow
def test_a_killed_run_goes_on_from_the_last_state_that_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its curve has rows that the resumed run writes again."""
    more = {**SIX, "keep_every": 3 * UPDATE, "validate_every": 1}
    training.train(configured(tmp_path, name="straight", **more), report=silent, models=tmp_path / "models")
    broken = configured(tmp_path, name="broken", **more)
    with monkeypatch.context() as patch:
        stop_at(5 * UPDATE, MemoryError, patch)
        with pytest.raises(MemoryError):
            training.train(broken, report=silent, models=tmp_path / "models")
    run = tmp_path / "runs" / "broken"
    assert kept(run / "last.pt")["steps"] == 3 * UPDATE
    assert steps_of(run) == [n * UPDATE for n in range(1, 6)]
    training.train(broken, resume=True, report=silent, models=tmp_path / "models")
    assert steps_of(run) == [n * UPDATE for n in range(1, 7)]
    assert_equal(kept(tmp_path / "runs" / "straight" / "last.pt"), kept(run / "last.pt"))


def test_a_cancelled_run_is_kept_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(2 * UPDATE, Cancelled, monkeypatch)
    with pytest.raises(Cancelled):
        training.train(configured(tmp_path, total_steps=6 * UPDATE), report=silent, models=tmp_path / "models")
    assert kept(tmp_path / "runs" / "small" / "last.pt")["steps"] == 2 * UPDATE


def test_a_stage_s_checkpoint_is_where_the_next_one_starts(tmp_path: Path) -> None:
    config = configured(tmp_path, **SIX)
    training.train(config, report=silent, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    whole = kept(run / "last.pt")
    assert [kept(run / f"stage-{n}.pt")["steps"] for n in (1, 2)] == [3 * UPDATE, 6 * UPDATE]
    shutil.copy(run / "stage-1.pt", run / "last.pt")
    training.train(config, resume=True, report=silent, models=tmp_path / "models")
    assert_equal(whole, kept(run / "last.pt"))


def test_a_new_run_forgets_the_states_of_an_older_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured(tmp_path)
    training.train(config, report=silent, models=tmp_path / "models")
    stop_at(0, KeyboardInterrupt, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        training.train(config, report=silent, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    assert [path.name for path in run.glob("*.pt")] == ["last.pt"]
    assert kept(run / "last.pt")["steps"] == 0


def test_resuming_nothing_or_another_network_is_refused(tmp_path: Path) -> None:
    config = configured(tmp_path)
    with pytest.raises(InvalidValue, match="there is no run to resume"):
        training.train(config, resume=True, report=silent, models=tmp_path / "models")
    training.train(config, report=silent, models=tmp_path / "models")
    for changed, reason in (
        ({"hidden": 9}, "has shape .* in the kept run"),
        ({"environments": 5}, "is not the 4 of the run"),
    ):
        with pytest.raises(InvalidValue, match=reason):
            training.train(configured(tmp_path, **changed), resume=True, report=silent, models=tmp_path / "models")


def test_a_state_of_an_older_version_is_refused(tmp_path: Path) -> None:
    torch.save({"policy": {}, "steps": 64}, tmp_path / "last.pt")
    with pytest.raises(InvalidValue, match="older version"):
        training_state.read(tmp_path / "last.pt")


# ---------------------------------------------------------------- episodes
def environments(seed: int, reward: Reward = Reward.POTENTIAL) -> PlantVecEnv:
    shapes = [PlantShape(jobs, machines, tightness=0.8, load=4.0) for jobs, machines in ((6, 4), (9, 3))]
    return PlantVecEnv(3, lambda rng: PlantSeed(int(rng.integers(1000)), shapes[int(rng.integers(2))]), seed, reward)


@pytest.mark.parametrize("kind", Reward)
def test_kept_episodes_play_on_as_if_nothing_had_happened(kind: Reward) -> None:
    first, rng = environments(1, kind), np.random.default_rng(1)
    first.reset()
    for _ in range(37):
        first.step(rng.integers(first.masks.sum(1)))
    text = episodes_as_tensors(first)
    second = environments(2, kind)
    restore_episodes(second, text)
    for _ in range(120):
        assert np.array_equal(first.masks, second.masks)
        actions = rng.integers(first.masks.sum(1))
        for a, b in zip(first.step(actions), second.step(actions), strict=True):
            assert np.array_equal(a, b) if isinstance(a, np.ndarray) else len(a) == len(b)
    assert first.episodes == second.episodes > 6


def test_what_is_kept_is_a_copy() -> None:
    env = environments(1)
    env.reset()
    before = episodes_as_tensors(env)
    copied = {name: tensor.clone() for name, tensor in before["arrays"].items()}
    for _ in range(30):
        env.step(np.zeros(3, np.int64))
    assert all(torch.equal(copied[name], tensor) for name, tensor in before["arrays"].items())


def test_plants_that_come_out_differently_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    env = environments(1)
    env.reset()
    before = episodes_as_tensors(env)
    usual = sampled_plants._digest
    monkeypatch.setattr(sampled_plants, "_digest", lambda arrays: usual(arrays)[::-1])
    with pytest.raises(InvalidValue, match="the program has changed since"):
        restore_episodes(environments(1), before)
