"""What a card says of the training plants, and of an evaluation."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from scheduler_core.training.card_text import evaluation_entry, trained_on
from scheduler_core.training.config import TrainingConfig
from scheduler_core.training.evaluate import Comparison
from tests.support.small_training import SMALL


def test_training_plants_in_one_sentence() -> None:
    family = {"chance": 1, "machines": [4, 6], "jobs_per_machine": [2, 3], "tightness": [0.5, 0.9]}
    large = {"chance": 3, "machines": [152, 152], "jobs_per_machine": [3, 4.5], "tightness": [0.6, 1]}
    stages = [{"until": 0.5, "plants": [family]}, {"until": 1, "plants": [family, large]}]
    config = TrainingConfig.model_validate({**SMALL, "stages": stages})
    assert trained_on(config) == (
        "random plants with 4 to 152 machines, 2 to 4.5 jobs a machine, due dates of tightness 0.5 to 1; 2 stages, "
        "in the last one 25% with 4 to 6 machines, 75% with 152 machines"
    )


def test_an_evaluation_is_stated_against_the_best_rule_of_each_plant_in_plain_numbers() -> None:
    best = np.array([2.0, 4.0])
    found = Comparison("40x100", "WATC", 1.5 * best, best, 2 * best, {1: best, 8: np.array([1.0, 4.0])})
    entry = evaluation_entry(found, 2, 900)
    assert yaml.safe_load(yaml.safe_dump(entry)) == entry
    assert (entry["size"], entry["plants"], entry["first_seed"]) == ("40x100", 2, 900)
    assert (entry["edd"], entry["best_single_rule"]) == (2.0, 1.5)
    assert entry["policy"][1] == [1.0, 1.0, 1.0]
    assert entry["policy"][8] == [pytest.approx(5 / 6, abs=1e-4), 0.5, 1.0]
