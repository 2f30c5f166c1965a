"""What every engine takes beside the plant, and how it reports progress."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.objectives import Objective
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class EngineConfig:
    """Settings of one run. Every engine reads the ones that concern it.

    time_limit: wall seconds from the start of the run, or None for "until done".
    rule: greedy only; a dispatching rule's name, or "best".
    samples: learned only; number of rollouts of which the best is kept (1 = one deterministic rollout).
    model: learned only; a checkpoint's name in ``models/``, or None for the active one.
    policy_only: learned only; neither rules nor prices stand beside the policy's rollouts, for studies of the policy.
    warm_start: exact and the repairs; a schedule to start from. With one, no bound is sought afterwards.
    most_moves: calm only; how many operations of the next days may move (carry_over.py), None: the engine's own number.
    calm_hours: calm only, beside most_moves; hours from now in which it counts (at most NEAR_HOURS, which None stands for).
    frozen_hours: every engine that is called by its name (registry.py); what ``warm_start`` starts within so many hours
        stays where it can; frozen_by_type: the same for machine types (id, hours) that have a number of their own.
    first_prices: learned and best; machine prices at which their search starts (pricing/price_memory.py), none: the usual.
    variation: learned with a time limit; the coefficient of variation of durations that the plan is searched for
        (floor/robust_plan.py), 0: they are as planned.
    workers: threads or processes that the engine may use.
    """

    objective: Objective = Objective.TARDINESS
    time_limit: float | None = None
    seed: int = 0
    rule: str = "best"
    samples: int = 1
    model: str | None = None
    warm_start: Schedule | None = None
    workers: int = 2
    most_moves: int | None = None
    calm_hours: float | None = None
    frozen_hours: float = 0.0
    frozen_by_type: tuple[tuple[int, float], ...] = ()
    policy_only: bool = False
    first_prices: RememberedPrices = ()
    variation: float = 0.0

    def frozen_hours_of(self, machine_type: int) -> float:
        """Hours from now in which what starts on machines of the type stays."""
        return dict(self.frozen_by_type).get(machine_type, self.frozen_hours)

    def with_time_left(self, used: float) -> EngineConfig:
        """The same settings with what is left of the time limit once so many seconds are used."""
        if self.time_limit is None:
            return self
        return replace(self, time_limit=max(0.0, self.time_limit - used))


class Progress(Protocol):
    """Called by an engine at least once a second while it works. It raises Cancelled if the user asked to stop, and KeepBest
    if the user wants the best so far: an engine that has none lets it pass as the Cancelled that it is."""

    def __call__(self, fraction: float, message: str) -> None:
        """``fraction`` of the work done, 0 to 1, and what is being done, in a planner's words."""


def no_progress(fraction: float, message: str) -> None:
    """A Progress that listens to nobody."""
