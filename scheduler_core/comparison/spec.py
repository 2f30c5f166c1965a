"""An engine with its settings in one line of text: ``ENGINE key=value ...``, such as ``learned samples=64``."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result

EXACT_SECONDS = 60.0
"""Time limit of the exact engine where none is given."""
MOST_VARIATION = 2.0
"""The widest durations that a plan is made for: a larger number is a percentage in the place of a share."""
SAMPLES = 64
"""Samples of the learned engine where neither they nor a time limit are given."""


@dataclass(frozen=True)
class EngineSpec:
    """An engine's name, its settings (their objective is overruled by the comparison's) and the text that asked for them."""

    engine: str
    config: EngineConfig
    text: str

    def config_for(self, objective: Objective) -> EngineConfig:
        """The settings with the objective that everything is compared by."""
        return replace(self.config, objective=objective)

    def plan(self, plant: Plant, objective: Objective, progress: Progress = no_progress) -> Result:
        """The engine's result. Raises what the engine raises: Unschedulable, InvalidValue (a setting), Cancelled."""
        return ENGINES[self.engine](plant, self.config_for(objective), progress)

    def warm_up(self, plant: Plant) -> None:
        """Plans the plant in next to no time."""
        limit = None if self.config.time_limit is None else min(0.2, self.config.time_limit)
        ENGINES[self.engine](plant, replace(self.config, samples=1, time_limit=limit))

    def with_seed(self, seed: int) -> EngineSpec:
        """The same engine, whose chances are drawn by another seed."""
        return replace(self, config=replace(self.config, seed=seed))


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if value < least:
            raise ValueError
        return value

    return read


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= MOST_VARIATION:
        raise ValueError
    return value


_READERS: Mapping[str, tuple[Callable[[str], Any], str]] = MappingProxyType({
    "rule": (str, "a rule's name"),
    "samples": (_whole(1), "a whole number from 1 on"),
    "model": (str, "a checkpoint's name"),
    "time_limit": (_seconds, "a number of seconds from 0 on"),
    "seed": (_whole(0), "a whole number from 0 on"),
    "variation": (_share, f"a share from 0 to {MOST_VARIATION:g}"),
    "workers": (_whole(1), "a whole number from 1 on"),
})  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "greedy": ("rule", "time_limit", "seed", "workers"),
    "learned": ("samples", "model", "time_limit", "variation", "seed", "workers"),
    "exact": ("time_limit", "seed", "workers"),
})  # fmt: skip
"""The settings that concern each engine."""
HELP = "; ".join(f"{engine}: {', '.join(keys)}" for engine, keys in KEYS.items())


def parse_spec(text: str, where: str = "engine") -> EngineSpec:
    """The engine and settings of a text. Dashes in a key count as underscores; a value with spaces is quoted.

    Raises InvalidValue, naming ``where`` and the part that is wrong.
    """
    try:
        parts = shlex.split(text)
    except ValueError as error:
        raise InvalidValue(where, text, f"cannot be split into words: {error}") from None
    if not parts:
        raise InvalidValue(where, text, f"names no engine; known: {', '.join(ENGINES)}")
    engine, *pairs = parts
    if engine not in ENGINES:
        raise InvalidValue(where, engine, f"must be one of {', '.join(ENGINES)}")
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key.replace("-", "_")
        if not equals or not value:
            raise InvalidValue(where, pair, "is not key=value")
        if key not in KEYS[engine]:
            raise InvalidValue(where, pair, f"is no setting of {engine}; it has {', '.join(KEYS[engine])}")
        if key in settings:
            raise InvalidValue(where, pair, "gives a setting twice")
        read, expected = _READERS[key]
        try:
            settings[key] = read(value)
        except ValueError:
            raise InvalidValue(where, pair, f"is not {expected}") from None
    if engine == "exact":
        settings.setdefault("time_limit", EXACT_SECONDS)
    if engine == "learned" and "time_limit" not in settings:
        settings.setdefault("samples", SAMPLES)
    if settings.get("variation") and "time_limit" not in settings:
        raise InvalidValue(where, text.strip(), "needs a time_limit beside variation: a robust plan is searched until then")
    return EngineSpec(engine, EngineConfig(**settings), text.strip())
