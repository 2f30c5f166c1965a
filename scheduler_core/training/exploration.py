"""Exploration by chance: now and then a random choice instead of the policy's own.

With probability ``job`` a job is drawn evenly from the candidates, with probability ``machine`` a machine from the open
ones, one with less work before it more often (in proportion to 1 / (1 + its working days of work)). Both fall linearly to 0
over a share of the steps.

This does not fit PPO without a bias, which is why both are 0 unless a configuration asks for them. The log-probability that
is stored is that of the action taken under the policy, so the ratio of the first epoch is 1, as PPO's clipping supposes; but
the actions come from b = (1 - e) pi + e q, with q the random choice, so the gradient is E_b[A grad log pi] where it should
be E_pi: choices that q favours weigh b / pi times what they should, most of all those that the policy thinks unlikely.
(Storing log b instead corrects the weights but starts with ratios far from 1, which are clipped.) The returns, too, are
those of playing on with exploration. A policy that samples its actions explores by itself: the softmax heads do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from scheduler_core.environments.stepping import PHASE, ROWS, K
from scheduler_core.policy.features import MACHINE_FEATURES, N_JOB

_TOTAL_LOAD = MACHINE_FEATURES.index("total load")


@dataclass(frozen=True)
class Exploration:
    """Chances of a random job and of a random machine."""

    job: float = 0.0
    machine: float = 0.0

    def at(self, share: float, until: float) -> Exploration:
        """What is left of the chances after ``share`` of the steps, if they reach 0 at ``until``."""
        left = max(0.0, 1.0 - share / until)
        return Exploration(self.job * left, self.machine * left)

    def explored(self, obs: torch.Tensor, masks: np.ndarray, actions: torch.Tensor) -> torch.Tensor:
        """int64 [B]: the actions, some of them replaced. obs [B, observation], masks [B, K]. Draws from torch's generator,
        and nothing if there is nothing to explore."""
        if self.job == 0.0 and self.machine == 0.0:
            return actions
        asks_machine = obs[:, PHASE] > 0.5
        chance = torch.where(asks_machine, self.machine, self.job)
        strays = torch.rand(len(obs)) < chance
        weights = torch.as_tensor(masks, dtype=torch.float32).clone()
        # The feature is log(1 + days) / 2.
        lightness = torch.exp(-2.0 * obs[:, ROWS:].reshape(-1, K, N_JOB)[..., _TOTAL_LOAD])
        weights[asks_machine] *= lightness[asks_machine]
        drawn = torch.multinomial(weights, 1)[:, 0]
        return torch.where(strays, drawn, actions)
