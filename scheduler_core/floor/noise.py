"""How long operations really take: lognormal factors with mean 1, correlated by machine and by machine and day.

The logarithm of an operation's factor is normal with standard deviation ``s`` (by its process) and mean ``-s**2 / 2``, so
that planned minutes are right on average. Its variance is split into stated shares: one part is the machine's (a worn
machine is slow on all days), one the machine's on that day (a new operator, a bad batch), the rest the operation's own,
wherever it runs. A day is 24 hours from the start of the stream; an operation has that in which it starts. Setups take what
is planned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.named_draws import combined, keys_of, normals
from scheduler_core.plant import MINUTES_PER_DAY, Operation, Plant
from scheduler_core.simulator.array_types import Float64, Int64
from scheduler_core.simulator.arrays import PlantArrays

if TYPE_CHECKING:
    from scheduler_core.floor.floor_kernel import Truth

DAYS = 128
"""Days for which a machine has numbers of its own; then they repeat."""
USUAL_VARIATION = 0.2
"""Coefficient of variation where no process says another: metal parts with manual set-up and inspection."""


@dataclass(frozen=True)
class DurationNoise:
    """Spread of real durations around the expected ones.

    variation: coefficient of variation (standard deviation over mean), 0: everything takes as long as planned.
    by_process: the same for processes that have one of their own.
    machine_share, day_share: shares of the logarithm's variance that all operations on a machine have in common, always and
    on one day.

    Raises InvalidValue for a negative or not finite variation, and for shares that are negative or over 1 together.
    """

    variation: float = USUAL_VARIATION
    by_process: Mapping[str, float] = field(default_factory=dict)
    machine_share: float = 0.1
    day_share: float = 0.2

    def __post_init__(self) -> None:
        stated = {"variation": self.variation, **{f"by_process.{p}": v for p, v in self.by_process.items()}}
        for name, value in stated.items():
            if not (math.isfinite(value) and value >= 0):
                raise InvalidValue(name, value, "must be a number of at least 0")
        for name, share in (("machine_share", self.machine_share), ("day_share", self.day_share)):
            if not 0 <= share <= 1:
                raise InvalidValue(name, share, "must lie between 0 and 1")
        if self.machine_share + self.day_share > 1:
            raise InvalidValue("day_share", self.day_share, "must not exceed 1 together with machine_share")

    def spread(self, operation: Operation) -> float:
        """Standard deviation of the logarithm of the operation's factor."""
        return math.sqrt(math.log1p(self.by_process.get(operation.process, self.variation) ** 2))

    def variations(self, plant: Plant) -> Float64:
        """[O] the coefficient of variation of each operation's duration."""
        own, usual = self.by_process, self.variation
        return np.array([own.get(op.process, usual) for job in plant.jobs for op in job.operations])

    def times(self, factor: float) -> DurationNoise:
        """The same noise with every variation multiplied."""
        scaled = {process: factor * variation for process, variation in self.by_process.items()}
        return DurationNoise(factor * self.variation, scaled, self.machine_share, self.day_share)


class NoisyDurations:
    """The numbers that a plant's floors are drawn from: made once, they serve any number of seeds."""

    def __init__(self, plant: Plant, arrays: PlantArrays, noise: DurationNoise) -> None:
        self._arrays = arrays
        self._spread = np.array([noise.spread(op) for job in plant.jobs for op in job.operations])
        self._operation_keys = keys_of((job.id, op.sequence) for job in plant.jobs for op in job.operations)
        machines = keys_of(("machine", m.id) for m in plant.machines)
        self._machine_keys = machines
        self._day_keys = combined(machines[:, None], np.arange(1, DAYS + 1, dtype=np.uint64)[None, :])
        own = 1.0 - noise.machine_share - noise.day_share
        self._parts = math.sqrt(max(0.0, own)), math.sqrt(noise.machine_share), math.sqrt(noise.day_share)

    def truth(self, seed: int, job_ready: Int64, job_gone: Int64) -> Truth:
        """The floor of a seed; ``job_ready`` and ``job_gone`` [J] go into it as they are."""
        from scheduler_core.floor.floor_kernel import Truth  # compiled code, which noise alone does without

        own, machine, day = self._parts
        operation = self._arrays.pair_op
        spread = self._spread[operation]
        common = machine * normals(seed, self._machine_keys)
        drawn = own * normals(seed, self._operation_keys)[operation] + self._common(common)
        pair_log = spread * drawn - spread**2 / 2
        day_log: Float64 = day * normals(seed, self._day_keys) if day else np.zeros(self._day_keys.shape)
        return Truth(pair_log, self._spread, day_log, job_ready, job_gone)

    def _common(self, common: Float64) -> Float64:
        """[E] the machines' part of each pair: of several at once their sum, scaled to the same variance."""
        arrays = self._arrays
        of_pair: Float64 = common[arrays.pair_machine].copy()
        for o in np.flatnonzero(arrays.op_all):
            first, last = int(arrays.op_first[o]), int(arrays.op_first[o + 1])
            of_pair[first:last] = of_pair[first:last].sum() / math.sqrt(last - first)
        return of_pair


def factor(noise: DurationNoise, seed: int, job: str, operation: Operation, machines: Sequence[int], start: int) -> float:
    """Real over expected minutes of one operation on these machine ids that starts at minute ``start``: `NoisyDurations` for
    ``reference.py``."""
    spread, day = noise.spread(operation), (start // MINUTES_PER_DAY) % DAYS + 1
    own = normals(seed, keys_of([(job, operation.sequence)]))[0]
    keys = keys_of(("machine", m) for m in machines)
    by_machine = normals(seed, keys).sum() / math.sqrt(len(keys))
    by_day = normals(seed, combined(keys, np.full(len(keys), day, np.uint64))).sum() / math.sqrt(len(keys))
    share = 1.0 - noise.machine_share - noise.day_share
    drawn = math.sqrt(max(0.0, share)) * own + math.sqrt(noise.machine_share) * by_machine
    drawn += math.sqrt(noise.day_share) * by_day
    return math.exp(spread * drawn - spread**2 / 2)
