"""Which checkpoint is active, and what is added to a card later: all of it vouched for by the manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.policy.checkpoint import ACTIVE, CARD, CURVE, MANIFEST, WEIGHTS
from tests.support.small_networks import random_network

CURVE_TEXT = "steps,score\n100,0.9\n"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Two checkpoints, of which the first has a learning curve."""
    checkpoint.save("one", random_network(1), {"steps": 1}, tmp_path, CURVE_TEXT)
    checkpoint.save("two", random_network(2), {"steps": 2}, tmp_path)
    return tmp_path


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


# ---------------------------------------------------------------- the active one
def test_activating_changes_what_is_loaded_without_a_name(models: Path) -> None:
    assert checkpoint.load(folder=models).name == "one"
    assert checkpoint.activate("two", models).sha256 == checkpoint.load("two", models).sha256
    assert (models / ACTIVE).read_text() == "two\n"
    assert checkpoint.load(folder=models).name == "two"
    assert not list(models.glob("*.part"))


@pytest.mark.parametrize("file", [WEIGHTS, CARD])
def test_a_damaged_one_is_refused_and_the_active_one_stays(models: Path, file: str) -> None:
    checkpoint.activate("one", models)
    damage(models / "two" / file)
    with pytest.raises(InvalidValue, match="is not the SHA-256"):
        checkpoint.activate("two", models)
    with pytest.raises(InvalidValue, match="is not listed"):
        checkpoint.activate("three", models)
    assert checkpoint.active_name(models) == "one"


# ---------------------------------------------------------------- cards and curves without a network
def test_cards_are_read_when_both_files_are_whole(models: Path) -> None:
    card, sha256 = checkpoint.read_card("two", models)
    assert (card["name"], card["steps"]) == ("two", 2)
    assert sha256 == checkpoint.load("two", models).sha256
    damage(models / "two" / WEIGHTS)
    with pytest.raises(InvalidValue, match=WEIGHTS):
        checkpoint.read_card("two", models)
    with pytest.raises(InvalidValue, match="is not listed"):
        checkpoint.read_card("three", models)


def test_a_curve_comes_back_or_is_refused_if_changed(models: Path) -> None:
    assert checkpoint.read_curve("one", models) == CURVE_TEXT
    assert checkpoint.read_curve("two", models) == ""
    damage(models / "one" / CURVE)
    with pytest.raises(InvalidValue, match=CURVE):
        checkpoint.read_curve("one", models)


def test_a_checkpoint_saved_anew_without_a_curve_has_none(models: Path) -> None:
    checkpoint.save("one", random_network(3), {"steps": 3}, models)
    assert checkpoint.read_curve("one", models) == ""
    assert checkpoint.names(models) == ["one", "two"]


def test_amending_adds_to_the_card_and_to_nothing_else(models: Path) -> None:
    before = checkpoint.load("one", models)
    others = [line for line in (models / MANIFEST).read_text().splitlines() if f"one/{CARD}" not in line]
    checkpoint.amend("one", {"evaluation": [{"size": "40x100"}]}, models)
    after = checkpoint.load("one", models)
    assert after.card == {**before.card, "evaluation": [{"size": "40x100"}]}
    assert after.sha256 == before.sha256
    assert [line for line in (models / MANIFEST).read_text().splitlines() if f"one/{CARD}" not in line] == others
    damage(models / "one" / WEIGHTS)
    with pytest.raises(InvalidValue, match="is not the SHA-256"):
        checkpoint.amend("one", {"steps": 9}, models)
