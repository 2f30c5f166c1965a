"""Training runs on plants so small that they take seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.training import evaluate, vec_env
from scheduler_core.training import train as training


@pytest.fixture
def small_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs lie under ``tmp_path``, are judged on the plants called "tiny", and draw from a pool of 3."""
    monkeypatch.setattr(training, "RUNS", tmp_path / "runs")
    monkeypatch.setitem(evaluate.SIZES, "tiny", PlantShape(8, 3, tightness=0.9, load=4.0))
    monkeypatch.setattr(vec_env, "POOL", 3)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
