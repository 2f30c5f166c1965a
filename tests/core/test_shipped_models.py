"""Every checkpoint that is shipped loads and plans."""

from __future__ import annotations

import os

import pytest

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.learned import schedule
from scheduler_core.environments.random_plants import SIZES, random_plant
from scheduler_core.judge.validator import violations
from scheduler_core.policy import catalogue, checkpoint
from tests.support.paths import MODELS

NAMES = checkpoint.names(MODELS)


def test_a_model_is_shipped() -> None:
    if not NAMES and os.environ.get("CI") != "true":
        pytest.skip("models/ holds no checkpoint")
    assert NAMES, "models/ holds no checkpoint"
    assert checkpoint.active_name(MODELS) in NAMES


@pytest.mark.slow
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
    for key in (
        "description", "method", "objective", "trained_on", "steps", "hours", "validation", "configuration",
    ):  # fmt: skip
        assert found.card.get(key), f"the card of {name} lacks {key}"
    assert found.card["name"] == name
    assert catalogue.NOT_STATED not in dict(catalogue.card_in_words(name, MODELS)).values()


@pytest.mark.parametrize("name", NAMES)
def test_its_learning_curve_leads_to_the_step_that_was_kept(name: str) -> None:
    rows = catalogue.curve(name, MODELS)
    card = checkpoint.load(name, MODELS).card
    kept = [row for row in rows if row["steps"] == card["steps"]]
    assert kept, f"{name}: no validation of its curve is at step {card['steps']}"
    assert kept[0]["score"] == pytest.approx(card["validation"]["score"])


@pytest.mark.parametrize("name", NAMES)
def test_it_was_evaluated_beside_the_rules(name: str) -> None:
    """``shopwright evaluate NAME --samples 1,8,64 --record`` fills this in after a training."""
    rows = catalogue.evaluation(name, MODELS)
    assert {"40x100", "152x500"} <= {e.size for e in rows}
    sampled = [e for e in rows if e.way == "policy, best of 64"]
    assert all(e.plants >= 30 for e in rows)
    assert sampled
    assert all(e.high is not None and e.high < 1.0 for e in sampled), "its best of 64 is no better than the best rule"


def test_every_folder_of_models_is_listed() -> None:
    folders = {p.name for p in MODELS.iterdir() if p.is_dir()} if MODELS.is_dir() else set()
    assert folders == set(NAMES)
