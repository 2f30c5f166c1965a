"""Learning by imitation: rollouts that a search has pulled to better schedules, and learning to make them without it.

Each round draws plants and objectives, lets the present policy make its own best schedules with the search's help
(imitation_dataset.py), and fits both heads to the decisions that led to them. It is self-labelling (Corsini et al. 2024,
Self-Labeling the Job Shop Scheduling Problem) with expert iteration's stronger player (Anthony et al. 2017).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.policy.network import Network, NetworkShape
from scheduler_core.training.imitation_config import ImitationConfig, read_imitation
from scheduler_core.training.imitation_dataset import ImitationDataset, Lesson, joined, lesson, loss_of, starts_of
from scheduler_core.training.imitation_validation import ImitationValidation
from scheduler_core.training.learning_curve import Curve

LAST, CURVE = "last.pt", "curve.csv"
RUNS = Path("runs")
BEFORE, AFTER = ("steps", "hours", "round"), ("lessons", "ratio", "loss")
Report = Callable[[str], None]


@dataclass
class _Standing:
    """What a run keeps between rounds. ``steps``: decisions that were imitated, each counted once."""

    network: Network
    done: int = 0
    steps: int = 0
    hours: float = 0.0
    best: dict[str, Any] | None = None  # network, measured, steps, hours


def imitate(
    config_path: Path,
    resume: bool = False,
    report: Report = print,
    models: Path | None = None,
    progress: Progress = no_progress,
    runs: Path = RUNS,
) -> Path:
    """Imitates as the configuration says and enters the best network in ``models``; returns its folder.

    The state after each round lies in ``runs/NAME``; interrupted (KeyboardInterrupt) or cancelled, the round is lost and the
    ones before it are kept for ``resume``, which ends with the weights of a run that was never stopped. Raises InvalidValue
    for a wrong configuration or start, or if there is nothing to resume; Cancelled through ``progress``.
    """
    config = read_imitation(config_path)
    torch.set_num_threads(config.threads)
    folder = runs / config.name
    start = checkpoint.load(config.start, models)
    at = _read(folder / LAST, start.network.shape) if resume else _Standing(start.network)
    origin = deepcopy(start.network)
    folder.mkdir(parents=True, exist_ok=True)
    validation = ImitationValidation(config.validation, config.validation_classics, progress)
    curve = Curve(folder / CURVE, validation.columns, BEFORE, AFTER)
    curve.begin(at.steps if resume else -1)
    try:
        if at.best is None:
            _judge(at, validation, curve, report, progress, {})
        while at.done < config.rounds:
            began = time.perf_counter()
            learned = _round(config, at, origin, progress)
            at.done += 1
            at.hours += (time.perf_counter() - began) / 3600
            _judge(at, validation, curve, report, progress, learned)
            torch.save({**vars(at), "network": at.network.state_dict()}, folder / LAST)
    except (KeyboardInterrupt, Cancelled):
        report(f"stopped; {at.done} of {config.rounds} rounds are kept, --resume goes on from there")
        raise
    return _publish(config, at, start.card, folder, models)


def _round(config: ImitationConfig, at: _Standing, origin: Network, progress: Progress) -> dict[str, Any]:
    """Draws the round's lessons and learns from them."""
    rng = np.random.default_rng([config.seed, at.done])
    torch.manual_seed(config.seed * 1_000 + at.done)
    weights = at.network.weights()
    lessons: list[Lesson] = []
    for k in range(config.plants):
        progress(
            (at.done + 0.9 * k / config.plants) / config.rounds,
            f"round {at.done + 1} of {config.rounds}: plant {k + 1} of {config.plants}",
        )
        plant, prices = config.draw(rng)
        found = lesson(
            plant,
            prices,
            weights,
            config.samples,
            config.pulls,
            config.temperatures,
            config.moves_per_operation,
            int(rng.integers(1, 10**6)),
        )
        if found is not None:
            lessons.append(found)
    if not lessons:
        raise InvalidValue("plants", config.plants, "taught nothing: no rollout was better than the policy's own")
    heads = [joined([x.job for x in lessons]), joined([x.machine for x in lessons])]
    loss = _fit(config, at, origin, heads, rng, progress)
    at.steps += sum(len(h.counts) for h in heads)
    return {
        "lessons": len(lessons),
        "ratio": round(float(np.mean([x.ratio for x in lessons])), 4),
        "loss": round(loss, 4),
    }


def _fit(
    config: ImitationConfig,
    at: _Standing,
    origin: Network,
    heads: list[ImitationDataset],
    rng: np.random.Generator,
    progress: Progress,
) -> float:
    """Fits both heads to the examples; returns the last epoch's mean loss."""
    at.network.train()
    starts = [starts_of(h) for h in heads]
    optimizer = torch.optim.Adam(at.network.parameters(), lr=config.learning_rate)
    batches_an_epoch = sum(-(-len(h.counts) // config.batch_size) for h in heads)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, max(1, config.epochs * batches_an_epoch))
    losses: list[float] = []
    for epoch in range(config.epochs):
        progress((at.done + 0.9 + 0.1 * epoch / config.epochs) / config.rounds, f"learning, epoch {epoch + 1}")
        batches = [
            (k, chosen)
            for k, h in enumerate(heads)
            for chosen in np.array_split(rng.permutation(len(h.counts)), -(-len(h.counts) // config.batch_size) or 1)
            if len(chosen)
        ]
        losses = []
        for b in rng.permutation(len(batches)):
            k, chosen = batches[b]
            head = at.network.machine if k else at.network.job
            loss = loss_of(head, heads[k], starts[k], chosen, origin.machine if k else origin.job, config.anchor)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
            torch.nn.utils.clip_grad_norm_(at.network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
    at.network.eval()
    return float(np.mean(losses))


def _judge(
    at: _Standing,
    validation: ImitationValidation,
    curve: Curve,
    report: Report,
    progress: Progress,
    learned: dict[str, Any],
) -> None:
    """Measures the network, keeps it if it is the best, and adds a row to the curve."""
    measured = validation.measure(at.network.weights(), progress)
    is_best = at.best is None or measured["score"] < at.best["measured"]["score"]
    if is_best:
        copied = {key: value.clone() for key, value in at.network.state_dict().items()}
        at.best = {"network": copied, "measured": measured, "steps": at.steps, "hours": at.hours}
    row = {"steps": at.steps, "hours": round(at.hours, 4), "round": at.done, **measured}
    curve.add({**row, **{key: learned.get(key, "") for key in AFTER}})
    report(
        f"round {at.done}: {at.steps:,} decisions, {learned or 'as it starts'}, "
        + ", ".join(f"{key} {value}" for key, value in measured.items())
        + (" (best)" if is_best else "")
    )


def _read(path: Path, shape: NetworkShape) -> _Standing:
    """The state of an earlier run. Raises InvalidValue if there is none."""
    if not path.is_file():
        raise InvalidValue("--resume", str(path), "does not exist: there is no run of that name to go on with")
    kept = torch.load(path, weights_only=True)
    network = Network(shape)
    network.load_state_dict(kept.pop("network"))
    network.eval()
    return _Standing(network, **kept)


def _publish(config: ImitationConfig, at: _Standing, start: Any, folder: Path, models: Path | None) -> Path:
    """Enters the best network with its card and curve."""
    assert at.best is not None
    network = Network(at.network.shape)
    network.load_state_dict(at.best["network"])
    classic = sum(f.chance for f in config.classics)
    classic /= classic + sum(f.chance for f in config.factories)
    card = {
        "description": config.description,
        "method": f"imitation of the best of {config.samples} rollouts, some pulled towards a schedule found by annealing "
        f"(self-labelling), on from the weights of {config.start} ({start.get('method')})",
        "objective": "any prices: weighted tardiness most often, makespan, on-time share, mixes",
        "trained_on": f"{at.done} rounds of {config.plants} random plants, {1 - classic:.0%} of them factories with "
        f"{min(f.machines[0] for f in config.factories)} to {max(f.machines[1] for f in config.factories)} machines, "
        f"{classic:.0%} like classic job shops, after what {config.start} was trained on",
        "steps": int(at.best["steps"]),
        "hours": round(float(at.best["hours"]), 2),
        "started_from": config.start,
        "validation": at.best["measured"],
        "configuration": config.model_dump(mode="json"),
        "curve": "curve.csv",
    }
    return checkpoint.save(config.name, network, card, models, (folder / CURVE).read_text(encoding="utf-8"))
