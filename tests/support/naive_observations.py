"""The flat observations written plainly, from the plant and the environment's state: the readable twin of
flat_observations.py."""

from __future__ import annotations

import math

import numpy as np

from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.policy.features import DAY, JOB_FEATURES, MACHINE_FEATURES
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import CANDIDATES, NOW

LIMIT = 5.0


def limited(x: float) -> float:
    return min(LIMIT, max(-LIMIT, x))


class Naive:
    """Every flat feature of the environment's present decision by its name."""

    def __init__(self, env: SchedulingEnv) -> None:
        self.env, self.a, self.s, self.v = env, env.arrays, env.state, env.view
        self.now = int(self.s.clock[NOW])
        self.asks_machine = env.turn.phase[0] == 1
        self.n = int(env.action_masks().sum())
        self.jobs_left = [j for j in range(len(self.a.job_open)) if self.s.next_op[j] < self.a.job_first[j + 1]]

    def worked(self, minute: int) -> int:
        return int(kernel.worked_before(self.a, self.a.plant_table, minute))

    def slack(self, j: int) -> float:
        work = float(self.a.op_tail[self.s.next_op[j]])
        return (self.worked(int(self.a.job_due[j])) - self.worked(self.now) - work) / DAY

    def eligible(self, j: int) -> list[int]:
        o = self.s.next_op[j]
        return [int(m) for m in self.a.pair_machine[self.a.op_first[o] : self.a.op_first[o + 1]]]

    def loads(self) -> list[float]:
        return [min(LIMIT, math.log1p(max(0.0, x) / DAY) / 2) for x in self.s.total_load]

    def closed(self) -> list[float]:
        waits = [0 if is_open else max(0, at - self.now) for is_open, at in zip(self.s.is_open, self.s.open_at, strict=True)]
        return [min(LIMIT, math.log1p(w / 1440)) for w in waits]

    def choices(self) -> list[float]:
        machines = len(self.a.machine_table)
        if self.asks_machine:
            chosen = {int(self.a.pair_machine[p]) for p in self.v.pairs[: self.n]}
            return [1.0 if m in chosen else 0.0 for m in range(machines)]
        candidates = self.s.candidates[: self.s.clock[CANDIDATES]]
        found = [0] * machines
        for j in candidates:
            o = self.s.next_op[j]
            for pair in range(self.a.op_first[o], self.a.op_first[o + 1]):
                if self.a.op_all[o] or kernel.is_legal(self.a, self.s, o, pair):
                    found[self.a.pair_machine[pair]] += 1
        return [f / len(candidates) for f in found]

    def plant(self) -> dict[str, float]:
        slacks = [limited(self.slack(j) / 4) for j in self.jobs_left]
        important = [j for j in self.jobs_left if self.env.plant.jobs[j].important]
        return {
            "asks for a machine": float(self.asks_machine),
            "jobs left": len(self.jobs_left) / len(self.a.job_open),
            "important share": len(important) / len(self.jobs_left),
            "important and late share": sum(self.v.estimate[j] > 0 for j in important) / len(self.jobs_left),
            "mean slack": float(np.mean(slacks)),
            "least slack": min(slacks),
            "elapsed": math.log1p(self.worked(self.now) / DAY),
        }

    def decision(self, chosen: np.ndarray) -> dict[str, float]:
        jobs = self.v.job_x[: self.n] if not self.asks_machine else chosen[None]
        found = {}
        for f, name in enumerate(JOB_FEATURES):
            found[f"candidates' {name}"] = limited(float(jobs[:, f].mean(dtype=float)))
            found[f"first candidate's {name}"] = limited(float(jobs[0, f]))
        for f, name in enumerate(MACHINE_FEATURES):
            mean = self.v.machine_x[: self.n, f].mean(dtype=float) if self.asks_machine else 0.0
            found[f"open machines' {name}"] = limited(float(mean))
        return found

    def machines(self) -> dict[str, float]:
        found = {}
        for name, values in (("closed for", self.closed()), ("total load", self.loads()), ("choices", self.choices())):
            found.update({f"machine {m + 1}: {name}": x for m, x in enumerate(values)})
            found.update(five(name, values))
        return found

    def distributions(self) -> dict[str, float]:
        compatible = []
        for j in self.jobs_left:
            opened = [m for m in self.eligible(j) if self.s.is_open[m]]
            if self.a.op_all[self.s.next_op[j]]:
                compatible.append(math.log1p(len(opened) == len(self.eligible(j))))
            else:
                compatible.append(math.log1p(len(opened)))
        work = [math.log1p(float(self.a.op_tail[self.s.next_op[j]]) / DAY) for j in self.jobs_left]
        return {
            **five("urgency", [math.tanh(-self.slack(j) / 5) for j in self.jobs_left]),
            **five("complexity", [min(LIMIT, w) for w in work]),
            **five("load", self.loads()),
            **five("compatibility", compatible),
        }

    def all(self, chosen: np.ndarray) -> dict[str, float]:
        return {**self.plant(), **self.decision(chosen), **self.machines(), **self.distributions()}


def five(name: str, values: list[float]) -> dict[str, float]:
    quantiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
    names = ("least", "lower quartile", "median", "upper quartile", "largest")
    return {f"{name}: {q}": float(x) for q, x in zip(names, quantiles, strict=True)}
