"""What a checkpoint's card says in words about its training and in numbers about how good it came out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scheduler_core.training.config import PlantRange, TrainingConfig
from scheduler_core.training.evaluate import Comparison


def trained_on(config: TrainingConfig) -> str:
    """The plants of a training run in one sentence: sizes, jobs, due dates, stages."""
    families = [family for stage in config.stages for family in stage.plants]
    machines = _span([f.machines for f in families])
    jobs = _span([f.jobs_per_machine for f in families])
    tightness = _span([f.tightness for f in families])
    last = config.stages[-1].plants
    total = sum(f.chance for f in last)
    mix = ", ".join(f"{f.chance / total:.0%} with {_machines(f)}" for f in last)
    return (
        f"random plants with {machines} machines, {jobs} jobs a machine, due dates of tightness {tightness}; "
        f"{len(config.stages)} stage{'' if len(config.stages) == 1 else 's'}, in the last one {mix}"
    )


def evaluation_entry(comparison: Comparison, plants: int, first_seed: int) -> dict[str, Any]:
    """A comparison with the rules for the card: ratios of mean weighted tardiness to the best rule of each plant.

    ``policy`` has for each number of samples [ratio, low, high] with the bounds of the 95 % interval.
    """
    best = comparison.best_rule
    return {
        "size": comparison.size,
        "plants": plants,
        "first_seed": first_seed,
        "against": "the best of all rules, chosen per plant",
        "edd": round(float(comparison.edd.mean() / best.mean()), 4),
        "best_single_rule": round(float(comparison.single.mean() / best.mean()), 4),
        "policy": {
            samples: [round(x, 4) for x in (comparison.ratio(samples, best), *comparison.interval(samples, best))]
            for samples in comparison.policy
        },
    }


def _machines(family: PlantRange) -> str:
    low, high = family.machines
    return f"{low} machines" if low == high else f"{low} to {high} machines"


def _span(ranges: Sequence[tuple[float, float]]) -> str:
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
