"""Environments played to their end by a network's best actions."""

from __future__ import annotations

import numpy as np
import torch

from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.environments.stepping import COUNT
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.policy.network import Network
from scheduler_core.training.ppo import Extractor


def has_choices(given: Plant) -> bool:
    try:
        SchedulingEnv(given).reset()
    except InvalidValue:
        return False
    return True


def played_by(network: Network, given: Plant) -> SchedulingEnv:
    """The environment after the network's best actions. Among scores as good as equal the first counts, as in a rollout:
    torch adds up equal rows in different ways."""
    extractor = Extractor(network)
    env = SchedulingEnv(given)
    observation, _ = env.reset()
    done = False
    while not done:
        with torch.no_grad():
            logits = extractor.forward_actor(torch.tensor(observation)[None])[0][: int(observation[COUNT])].numpy()
        action = int(np.flatnonzero(logits >= logits.max() - 1e-5)[0])
        observation, _, done, _, _ = env.step(np.int64(action))
    return env
