"""Gymnasium environments: one schedule is one episode, and each decision takes two actions, first the job, then its machine.

Importing this package registers ``Shopwright-Toy-v0`` (2 machines, 5 jobs), ``Shopwright-Medium-v0`` (10 machines),
``Shopwright-Scaled-v0`` (40) and ``Shopwright-Full-v0`` (152).
"""

from __future__ import annotations

import gymnasium

from scheduler_core.environments.plants import SIZES

__all__ = ["SIZES"]

for _name in SIZES:
    gymnasium.register(
        id=f"Shopwright-{_name}-v0",
        entry_point="scheduler_core.environments.scheduling:SchedulingEnv",
        kwargs={"size": _name},
    )
