"""Two checkpoints set against each other by what both cards state of the same plants. Nothing here builds a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from scheduler_core.policy import catalogue, checkpoint

PARTS = ("greedy_", "sampled_")
"""What the keys of a validation's figures begin with; its score is the mean of them."""


@dataclass(frozen=True)
class Side:
    """Mean ratios of one checkpoint to the best rule, over the figures that both checkpoints have (lower is better)."""

    validation: float | None
    evaluation: float | None


@dataclass(frozen=True)
class Compared:
    """Two checkpoints over common figures.

    same_validation: whether both scores are means over the same figures, so that they can be compared as they are.
    validation_figures, evaluation_figures: how many figures both have; the means of ``one`` and ``other`` are None where
    there are none.
    """

    same_validation: bool
    validation_figures: int
    evaluation_figures: int
    one: Side
    other: Side


def compared(one: str, other: str, folder: Path | None = None) -> Compared:
    """Set two checkpoints against each other. Raises InvalidValue, as ``catalogue.evaluation``, for a damaged card."""
    cards = []
    for name in (one, other):
        catalogue.evaluation(name, folder)  # refuses entries that are not in form
        cards.append(checkpoint.read_card(name, folder)[0])
    validations = [_validation(card) for card in cards]
    evaluations = [_evaluation(card) for card in cards]
    common = validations[0].keys() & validations[1].keys()
    measured = evaluations[0].keys() & evaluations[1].keys()
    sides = [
        Side(_mean(validation, common), _mean(evaluation, measured))
        for validation, evaluation in zip(validations, evaluations, strict=True)
    ]
    same = validations[0].keys() == validations[1].keys()
    return Compared(same, len(common), len(measured), sides[0], sides[1])


def _validation(card: Mapping[str, Any]) -> dict[object, float]:
    stated = card.get("validation")
    if not isinstance(stated, Mapping):
        return {}
    return {k: float(v) for k, v in stated.items() if str(k).startswith(PARTS) and isinstance(v, int | float)}


def _evaluation(card: Mapping[str, Any]) -> dict[object, float]:
    """The policy's ratios by the plants that were planned and the number of samples."""
    return {
        (entry["size"], entry["plants"], entry.get("first_seed"), samples): float(values[0])
        for entry in card.get("evaluation") or ()
        for samples, values in entry["policy"].items()
    }


def _mean(figures: Mapping[object, float], keys: set[object]) -> float | None:
    return fmean(figures[key] for key in keys) if keys else None
