"""``shopwright models``: list, show, activate, compare; and ``evaluate --record``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.policy import checkpoint
from scheduler_core.training import evaluate
from tests.support.command_line import Shopwright
from tests.support.small_networks import random_network, untrained_network


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a rule in a policy's clothes, and a policy that knows nothing."""
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path / "models"))
    monkeypatch.setitem(evaluate.SIZES, "40x100", PlantShape(8, 3, tightness=0.9, load=4.0))
    card = {"description": "the rule", "objective": "weighted tardiness", "steps": 4000, "hours": 1.5}
    checkpoint.save("rule", untrained_network(), {**card, "validation": {"score": 0.95}}, curve="steps,score\n4000,0.95\n")
    checkpoint.save("noise", random_network(1), {})
    return tmp_path / "models"


def test_an_empty_folder_is_named(shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path))
    ran = shopwright("models")
    assert (ran.status, ran.out) == (0, "")
    assert f"{tmp_path} holds no checkpoint" in ran.err
    assert shopwright("models", "show", "standard").status == 2


def test_the_list(shopwright: Shopwright, models: Path) -> None:
    ran = shopwright("models")
    sha256 = checkpoint.load("rule").sha256
    rows = [line.split() for line in ran.out.splitlines()]
    assert rows[2] == ["rule", "*", "weighted", "tardiness", "4,000", "1.50", "0.9500", sha256[:12]]
    assert rows[3] == ["noise", checkpoint.load("noise").sha256[:12]]
    said = json.loads(shopwright("models", "--json").out)
    assert [(m["name"], m["active"], m["score"]) for m in said] == [("rule", True, 0.95), ("noise", False, None)]


def test_a_card_is_shown(shopwright: Shopwright, models: Path) -> None:
    out = shopwright("models", "show", "rule").out
    assert "Description: the rule\n" in out
    assert "Steps: 4,000\n" in out
    assert f"SHA-256 of the weights: {checkpoint.load('rule').sha256}\n" in out
    assert "1 validations, score from 0.9500 to 0.9500" in out
    for arguments in (("models", "--json", "show", "rule"), ("models", "show", "rule", "--json")):
        said = json.loads(shopwright(*arguments).out)
        assert (said["steps"], said["curve"]) == (4000, [{"steps": 4000.0, "score": 0.95}])


def test_activating_and_refusing_to(shopwright: Shopwright, models: Path) -> None:
    ran = shopwright("models", "activate", "noise")
    assert (ran.status, ran.out[:15]) == (0, "noise is active")
    assert checkpoint.active_name() == "noise"
    (models / "rule" / checkpoint.WEIGHTS).write_bytes(b"not these")
    refused = shopwright("models", "activate", "rule")
    assert refused.status == 2
    assert "is not the SHA-256 that the manifest states" in refused.err
    assert checkpoint.active_name() == "noise"
    listed = shopwright("models")
    assert (listed.status, "damaged" in listed.out) == (0, True)
    (models / checkpoint.ACTIVE).write_text("gone")
    assert "'gone', is not listed" in shopwright("models").err


@pytest.mark.slow
def test_two_are_compared_on_the_same_plants(shopwright: Shopwright, models: Path) -> None:
    ran = shopwright("models", "compare", "rule", "noise", "--plants", 4, "--samples", 2)
    assert ran.status == 0
    assert "noise over rule: " in ran.out
    said = json.loads(shopwright("models", "compare", "rule", "noise", "--plants", 4, "--samples", 2, "--json").out)
    first, second = said["weighted_tardiness_days"]
    assert len(first) == len(second) == 4
    assert said["ratio"]["value"] == pytest.approx(sum(second) / sum(first))
    assert said["ratio"]["low"] <= said["ratio"]["value"] <= said["ratio"]["high"]
    assert shopwright("models", "compare", "rule", "nobody").status == 2
    assert "'3x3' must be one of" in shopwright("models", "compare", "rule", "noise", "--size", "3x3").err


def test_an_evaluation_can_be_recorded_in_the_card(shopwright: Shopwright, models: Path) -> None:
    assert shopwright("evaluate", "rule", "--sizes", "40x100", "--plants", 2, "--samples", "1,2").status == 0
    assert "evaluation" not in checkpoint.load("rule").card
    ran = shopwright("evaluate", "rule", "--sizes", "40x100", "--plants", 2, "--samples", "1,2", "--record")
    assert "recorded in the card of rule" in ran.err
    (entry,) = checkpoint.load("rule").card["evaluation"]
    assert (entry["size"], entry["plants"], list(entry["policy"])) == ("40x100", 2, [1, 2])
    assert "40x100: policy, best of 2" in shopwright("models", "show", "rule").out


def test_a_folder_that_cannot_be_written_is_named(
    shopwright: Shopwright, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(checkpoint, "_write", refuse)
    ran = shopwright("models", "activate", "noise")
    assert (ran.status, f"cannot write {models / checkpoint.ACTIVE}: Permission denied" in ran.err) == (4, True)
    ran = shopwright("evaluate", "rule", "--sizes", "40x100", "--plants", 1, "--samples", 1, "--record")
    assert (ran.status, "cannot write the card of rule: Permission denied" in ran.err) == (4, True)
