"""The list of checkpoints and cards in words, also where a card says little or a file is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import catalogue, checkpoint
from scheduler_core.policy.catalogue import Evaluated, card_in_words, curve, evaluation, listing
from tests.support.small_networks import random_network

CARD = {
    "description": "for tests", "objective": "weighted tardiness", "method": "none", "trained_on": "nothing",
    "steps": 12345, "hours": 0.5, "validation": {"greedy_40x100": 0.95, "score": 0.9},
    "configuration": {"seed": 4, "total_steps": 20000},
    "evaluation": [{"size": "40x100", "plants": 30, "edd": 1.5, "best_single_rule": 1.1,
                    "policy": {1: [1.0, 0.98, 1.02], 8: [0.9, 0.8, 0.95]}}],
}  # fmt: skip


@pytest.fixture
def models(tmp_path: Path) -> Path:
    checkpoint.save("full", random_network(1), CARD, tmp_path, "steps,score,entropy\n100,0.95,nan\n200,,0.5\n")
    checkpoint.save("bare", random_network(2), {}, tmp_path)
    return tmp_path


def test_an_empty_folder_lists_nothing(tmp_path: Path) -> None:
    assert listing(tmp_path) == ()


def test_the_list_has_what_the_cards_state(models: Path) -> None:
    checkpoint.activate("bare", models)
    full, bare = listing(models)
    assert (full.name, full.active, full.objective, full.steps) == ("full", False, "weighted tardiness", 12345)
    assert (full.hours, full.score, full.fault) == (0.5, 0.9, None)
    assert full.sha256 == checkpoint.load("full", models).sha256
    assert (bare.name, bare.active, bare.steps, bare.hours, bare.score) == ("bare", True, None, None, None)


def test_a_damaged_checkpoint_is_listed_with_its_fault(models: Path) -> None:
    (models / "full" / checkpoint.WEIGHTS).write_bytes(b"x")
    full, bare = listing(models)
    assert full.fault is not None
    assert checkpoint.WEIGHTS in full.fault
    assert (full.sha256, bare.fault) == ("", None)


def test_an_active_one_that_is_gone_makes_none_active(models: Path) -> None:
    (models / checkpoint.ACTIVE).write_text("gone\n")
    assert [m.active for m in listing(models)] == [False, False]


def test_cards_in_words(models: Path) -> None:
    said = dict(card_in_words("full", models))
    assert said["Steps"] == "12\u202f345 of 20\u202f000 planned"
    assert said[catalogue.TRAINED_ON] == "nothing"
    assert (said["Hours"], said["Seed"], said["Validation, score"]) == ("0.5", "4", "0.9")
    assert said["SHA-256 of the weights"] == checkpoint.load("full", models).sha256
    bare = dict(card_in_words("bare", models))
    assert bare["Description"] == bare["Steps"] == bare["Hours"] == "not stated"
    assert bare["Network"].startswith("16 hidden units")


def test_the_evaluation(models: Path) -> None:
    assert evaluation("full", models) == [
        Evaluated("40x100", 30, "EDD", 1.5),
        Evaluated("40x100", 30, "best single rule", 1.1),
        Evaluated("40x100", 30, "policy, one rollout", 1.0, 0.98, 1.02),
        Evaluated("40x100", 30, "policy, best of 8", 0.9, 0.8, 0.95),
    ]
    assert evaluation("bare", models) == []
    for wrong in (
        {"evaluation": [{"size": "x"}]},
        {"evaluation": 3},
        {"evaluation": [{**CARD["evaluation"][0], "edd": "x"}]},
    ):  # type: ignore[dict-item]
        checkpoint.amend("bare", wrong, models)
        with pytest.raises(InvalidValue, match="evaluation"):
            evaluation("bare", models)


def test_the_curve_leaves_out_what_is_no_number(models: Path) -> None:
    assert curve("full", models) == [{"steps": 100.0, "score": 0.95}, {"steps": 200.0, "entropy": 0.5}]
    assert curve("bare", models) == []
