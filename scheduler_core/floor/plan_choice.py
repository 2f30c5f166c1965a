"""Plans of one plant played under noise, all with the same durations, and the one with the least expected cost.

With common durations two plans differ by what they are and not by luck, so a hundred runs tell plans apart that cost almost
the same on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scheduler_core.floor.floor_kernel import Truth
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.plan_runs import PlanRuns
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Float64, Int64
from scheduler_core.simulator.arrays import PlantArrays, State
from scheduler_core.simulator.simulator import to_schedule


@dataclass(frozen=True)
class Played:
    """A plan as ``state`` and as schedule, the minutes ``planned`` [J] and ``ends`` [runs, J] at which its jobs end on paper
    and in each run, and ``cost``, its expected value for the objective."""

    state: State
    plan: Schedule
    planned: Int64
    ends: Int64
    cost: float

    @property
    def delay(self) -> Float64:
        """[J] minutes by which the jobs end later than planned, on the mean."""
        found: Float64 = self.ends.mean(0) - self.planned
        return found

    @property
    def spread(self) -> Float64:
        """[J] standard deviation of the jobs' ends, in minutes."""
        found: Float64 = self.ends.std(0)
        return found


class Player:
    """Plays plans of one plant in their order; ``prices`` [6] as in costs.py, one run for each of ``seeds``."""

    def __init__(
        self, plant: Plant, arrays: PlantArrays, prices: Float64, noise: DurationNoise, seeds: Sequence[int]
    ) -> None:
        self._plant, self._arrays, self._prices = plant, arrays, prices
        self._runs = PlanRuns(plant, noise)
        self._truths: list[Truth] = list(self._runs.truths(seeds))

    def play(self, state: State) -> Played:
        """The complete schedule in ``state``, whose scratch memory is overwritten. 500 jobs take about 45 ms for 100 runs.

        Setups, overtime and balance count as planned. Raises InvalidValue for a plan that no floor could follow.
        """
        arrays, prices = self._arrays, self._prices
        plan = to_schedule(self._plant, arrays, state)
        ends = self._runs.ends(plan, self._truths)
        planned = state.end[arrays.job_first[1:] - 1].astype(np.int64)
        on_paper = float(costs.cost(arrays, state, prices)) - float(self._of_ends(planned[None])[0])
        return Played(state, plan, planned, ends, on_paper + float(self._of_ends(ends).mean()))

    def best(self, states: Iterable[State]) -> Played:
        """The one with the least expected cost, of equal ones the first. Raises ValueError for none."""
        return min((self.play(state) for state in states), key=lambda played: played.cost)

    def _of_ends(self, ends: Int64) -> Float64:
        """[runs] what tardiness, late jobs and makespan cost with these ends [runs, J]."""
        arrays, prices = self._arrays, self._prices
        late = np.maximum(0, ends - arrays.job_due)
        found: Float64 = prices[costs.TARDINESS] * (arrays.job_weight * late).sum(1) / MINUTES_PER_DAY
        found += prices[costs.LATE] * (late > 0).sum(1) + prices[costs.MAKESPAN] * ends.max(1, initial=0) / 60.0
        return found
