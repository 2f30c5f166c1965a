"""The two-head network: job head, machine head given the job, and critic, in torch.

Each head scores a set of candidates (a pointer): h = relu(W1 x + Wg g + b1); c = mean of h over the set;
z = relu(W2 h + Wc c + b2); score = w3 z + beta (rule + skip x), where ``rule`` is the feature that holds a dispatching
rule's value. At the start w3 and skip are zero, so the network *is* the rule, and learning starts from there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from scheduler_core.policy.features import JOB_RULE, MACHINE_RULE, N_GLOBAL
from scheduler_core.policy.inference import HeadWeights, PolicyWeights
from scheduler_core.policy.network_shape import NetworkShape

__all__ = ["Network", "NetworkShape", "Pointer"]

JOB_SHARPNESS, MACHINE_SHARPNESS = 5.0, 3.0
"""beta at the start: how closely the untrained policy keeps to the rule when it samples."""


class Pointer(nn.Module):
    """Scores candidates: x [B, K, features], g [B, globals], mask [B, K] (1 = a candidate) -> scores [B, K]."""

    def __init__(self, features: int, globals_: int, hidden: int, rule: int, sharpness: float) -> None:
        super().__init__()
        self.rule = rule
        self.first = nn.Linear(features, hidden)
        self.context = nn.Linear(globals_, hidden, bias=False)
        self.second = nn.Linear(hidden, hidden)
        self.pooled = nn.Linear(hidden, hidden, bias=False)
        self.last = nn.Linear(hidden, 1, bias=False)
        self.skip = nn.Linear(features, 1, bias=False)
        self.beta = nn.Parameter(torch.tensor(float(sharpness)))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.skip.weight)

    def forward(self, x: torch.Tensor, g: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        h = torch.relu(self.first(x) + self.context(g)[:, None])
        pool = (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        z = torch.relu(self.second(h) + self.pooled(pool)[:, None])
        scores: torch.Tensor = self.last(z)[..., 0] + self.beta * (x[..., self.rule] + self.skip(x)[..., 0])
        return scores

    def weights(self) -> HeadWeights:
        """The head as flat arrays for compiled inference."""

        def array(tensor: torch.Tensor) -> np.ndarray:
            return np.ascontiguousarray(tensor.detach().cpu().numpy().T.astype(np.float32))

        return HeadWeights(
            first=array(self.first.weight),
            context=array(self.context.weight),
            first_bias=array(self.first.bias),
            second=array(self.second.weight),
            pooled=array(self.pooled.weight),
            second_bias=array(self.second.bias),
            last=np.ascontiguousarray(array(self.last.weight)[:, 0]),
            skip=np.ascontiguousarray(array(self.skip.weight)[:, 0]),
            beta=np.array([float(self.beta.detach())], np.float32),
        )


class Network(nn.Module):
    """Both heads and the critic's trunk."""

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape
        f, m, g = shape.job_features, shape.machine_features, shape.global_features
        self.job = Pointer(f, g, shape.hidden, JOB_RULE, JOB_SHARPNESS)
        self.machine = Pointer(m + f, g, shape.hidden, MACHINE_RULE, MACHINE_SHARPNESS)
        self.critic = nn.Sequential(
            nn.Linear(1 + g + 3 * f, shape.hidden), nn.Tanh(), nn.Linear(shape.hidden, shape.hidden), nn.Tanh()
        )

    def widened(self) -> Network:
        """The same policy with this version's numbers of the plant: those that it was trained without count for nothing.

        They must be the first of this version's, as they are since numbers of the plant are only ever added at the end.
        """
        shape = replace(self.shape, global_features=N_GLOBAL)
        found = Network(shape)
        with torch.no_grad():
            for name, wide in found.state_dict().items():
                narrow = self.state_dict()[name]
                new = wide.shape[-1] - narrow.shape[-1] if wide.ndim else 0
                # The critic reads one number before the plant's and the jobs' behind them.
                at = self.shape.global_features + (1 if name.startswith("critic") else 0)
                if new:
                    narrow = torch.cat([narrow[:, :at], narrow.new_zeros(len(narrow), new), narrow[:, at:]], 1)
                wide.copy_(narrow)
        return found

    def weights(self) -> PolicyWeights:
        """The two heads as flat arrays. Raises ValueError if any weight is not finite."""
        found = PolicyWeights(self.job.weights(), self.machine.weights())
        for head in found:
            for name, value in zip(HeadWeights._fields, head, strict=True):
                if not np.isfinite(value).all():
                    raise ValueError(f"policy weight {name} is not finite")
        return found
