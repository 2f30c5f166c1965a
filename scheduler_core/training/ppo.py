"""The policy's network inside sb3-contrib's MaskablePPO, and a rollout buffer that discounts by working time."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sb3_contrib.common.maskable.buffers import MaskableRolloutBuffer
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from torch import nn

from scheduler_core.environments.stepping import CHOSEN, COUNT, GLOBALS, PHASE, ROWS, WORKED, K
from scheduler_core.policy.features import N_GLOBAL, N_JOB, N_MACHINE
from scheduler_core.policy.network import Network, NetworkShape
from scheduler_core.training.exploration import Exploration


class Extractor(nn.Module):
    """Takes the place of stable-baselines3's feature extractor: its policy output is the K logits."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.latent_dim_pi = K
        self.latent_dim_vf = network.shape.hidden

    def forward(self, obs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.forward_actor(obs), self.forward_critic(obs)

    def forward_actor(self, obs: torch.Tensor) -> torch.Tensor:
        asks_machine, count, g, chosen, rows = _parts(obs)
        present = (torch.arange(K, device=obs.device) < count[:, None]).float()
        logits = torch.zeros(len(obs), K, device=obs.device)
        for head, which in ((self.network.job, ~asks_machine), (self.network.machine, asks_machine)):
            at = which.nonzero()[:, 0]
            if len(at) == 0:
                continue
            # Most decisions have few candidates: the padding is cut to the longest row present.
            width = int(count[at].max())
            x = rows[at, :width]
            if head is self.network.machine:
                x = torch.cat([x[..., :N_MACHINE], chosen[at][:, None].expand(-1, width, -1)], 2)
            logits[at, :width] = head(x, g[at], present[at, :width])
        return logits

    def forward_critic(self, obs: torch.Tensor) -> torch.Tensor:
        asks_machine, count, g, chosen, rows = _parts(obs)
        x = torch.cat([asks_machine.float()[:, None], g, chosen, rows.sum(1) / count[:, None], rows.amax(1)], 1)
        values: torch.Tensor = self.network.critic(x)
        return values


def _parts(obs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return (
        obs[:, PHASE] > 0.5,
        obs[:, COUNT].clamp(min=1),
        obs[:, GLOBALS : GLOBALS + N_GLOBAL],
        obs[:, CHOSEN : CHOSEN + N_JOB],
        obs[:, ROWS:].reshape(-1, K, N_JOB),
    )


class HierarchicalPolicy(MaskableActorCriticPolicy):
    """MaskablePPO's policy around ``Network``; while it samples it may explore (exploration.py)."""

    def __init__(self, *args: Any, hidden: int = 64, **kwargs: Any) -> None:
        self.hidden = hidden
        self.exploration = Exploration()
        # Orthogonal initialisation would overwrite the zeros by which the network starts as the rule.
        super().__init__(*args, **{**kwargs, "ortho_init": False})

    def _build_mlp_extractor(self) -> None:
        self.mlp_extractor = Extractor(Network(NetworkShape(hidden=self.hidden)))  # type: ignore[assignment]

    def forward(
        self, obs: torch.Tensor, deterministic: bool = False, action_masks: np.ndarray | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions [B], values [B, 1] and the actions' log-probabilities under the policy [B]."""
        actions, values, log_prob = super().forward(obs, deterministic, action_masks)
        if deterministic or action_masks is None:
            return actions, values, log_prob
        explored = self.exploration.explored(obs, action_masks, actions)
        if explored is not actions:
            log_prob = self.get_distribution(obs, action_masks).log_prob(explored)
        return explored, values, log_prob

    def _build(self, lr_schedule: Any) -> None:
        super()._build(lr_schedule)
        self.action_net = nn.Identity()
        rate = {"lr": lr_schedule(1)}
        self.optimizer = self.optimizer_class(self.parameters(), **rate, **self.optimizer_kwargs)


class WorkingTimeBuffer(MaskableRolloutBuffer):
    """Generalised advantage estimation (Schulman et al. 2016) in continuous time: between two decisions that lie dt working
    days apart the discount is exp(-dt / discount_days) and lambda exp(-dt / trace_days), because decisions are not evenly
    spaced."""

    def __init__(self, *args: Any, discount_days: float = 15.0, trace_days: float = 3.0, **kwargs: Any) -> None:
        self.discount_days, self.trace_days = discount_days, trace_days
        super().__init__(*args, **kwargs)

    def compute_returns_and_advantage(self, last_values: torch.Tensor, dones: np.ndarray) -> None:
        next_values = last_values.clone().cpu().numpy().flatten()
        alive = 1.0 - dones.astype(np.float32)
        worked = self.observations[:, :, WORKED]
        carried = np.zeros(self.n_envs, np.float32)
        for t in reversed(range(self.buffer_size)):
            if t == self.buffer_size - 1:
                # The clock after the last stored step is unknown; decisions are minutes apart.
                days = np.zeros(self.n_envs, np.float32)
            else:
                alive = 1.0 - self.episode_starts[t + 1]
                next_values = self.values[t + 1]
                days = np.maximum(0.0, worked[t + 1] - worked[t])
            discount = np.exp(-days / self.discount_days)
            delta = self.rewards[t] + discount * next_values * alive - self.values[t]
            carried = delta + discount * np.exp(-days / self.trace_days) * alive * carried
            self.advantages[t] = carried
        self.returns = self.advantages + self.values
