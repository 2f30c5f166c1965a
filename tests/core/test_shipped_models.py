"""Every checkpoint that is shipped loads and plans."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.learned import schedule
from scheduler_core.environments.plants import SIZES, random_plant
from scheduler_core.policy import checkpoint
from scheduler_core.validator import violations

MODELS = Path(__file__).parents[2] / "models"
NAMES = checkpoint.names(MODELS)


def test_a_model_is_shipped() -> None:
    if not NAMES and os.environ.get("CI") != "true":
        pytest.skip("models/ holds no checkpoint")
    assert NAMES, "models/ holds no checkpoint"
    assert checkpoint.active_name(MODELS) in NAMES


@pytest.mark.parametrize("size", ["Toy", "Medium", "Full"])
@pytest.mark.parametrize("name", NAMES)
def test_it_loads_and_its_schedule_is_valid(name: str, size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(MODELS))
    plant = random_plant(12, SIZES[size])
    found = schedule(plant, EngineConfig(model=name, samples=2))
    assert found.detail["model"] == name
    assert found.schedule is not None
    assert violations(plant, found.schedule) == ()


@pytest.mark.parametrize("name", NAMES)
def test_its_card_tells_where_it_comes_from(name: str) -> None:
    found = checkpoint.load(name, MODELS)
    for key in ("description", "steps", "hours", "validation", "configuration"):
        assert key in found.card, f"the card of {name} lacks {key}"
    assert found.card["name"] == name
    assert (MODELS / name / str(found.card["curve"])).is_file()


def test_every_folder_of_models_is_listed() -> None:
    folders = {p.name for p in MODELS.iterdir() if p.is_dir()} if MODELS.is_dir() else set()
    assert folders == set(NAMES)
