"""Gymnasium environments: one schedule is one episode, and each decision takes two actions, first the job, then its machine.

Importing this package registers ``Shopwright-Toy-v0`` (2 machines, 5 jobs), ``Shopwright-Medium-v0`` (10 machines),
``Shopwright-Scaled-v0`` (40), ``Shopwright-Full-v0`` (152), and ``Shopwright-Hierarchical-v0``: the full plant seen through
60 numbers and the 20 distributions. All take SchedulingEnv's options, for example
``gymnasium.make("Shopwright-Full-v0", observation="full", reward="original")``.
"""

from __future__ import annotations

from typing import Any

import gymnasium

from scheduler_core.environments.random_plants import SIZES

__all__ = ["ENVIRONMENTS", "SIZES"]

ENVIRONMENTS: dict[str, dict[str, Any]] = {
    **{name: {"size": name} for name in SIZES},
    "Hierarchical": {"size": "Full", "observation": "hierarchical", "distributions": True},
}
"""The registered environments and their options."""

for _name, _options in ENVIRONMENTS.items():
    gymnasium.register(
        id=f"Shopwright-{_name}-v0",
        entry_point="scheduler_core.environments.scheduling_env:SchedulingEnv",
        kwargs=_options,
    )
