"""The environments of a training run as tensors, and back: a resumed run plays its episodes on from where they stood.

Plants are kept as seeds and made anew, with a digest that tells whether they are still the same; what changes in an episode
is kept as it is, each array of all episodes end to end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import InvalidValue
from scheduler_core.training.sampled_plants import Drawn, as_text, from_text
from scheduler_core.training.vec_env import Episode, PlantVecEnv, new_episode


def episodes_as_tensors(env: PlantVecEnv) -> dict[str, Any]:
    """Everything that the environments' next steps depend on; nothing in it is shared with them."""
    parts = list(zip(env.states, env.views, env.turns, env.ledgers, strict=True))
    return {
        "rng": json.dumps(env.rng.bit_generator.state),
        "episodes": env.episodes,
        "pool": [as_text(found) for found in env.pool],
        "running": [as_text(found) for found in env.running],
        "observations": torch.tensor(env.observations),
        "masks": torch.tensor(env.masks),
        "arrays": {
            f"{kind}.{name}": torch.tensor(np.concatenate([getattr(part[k], name).ravel() for part in parts]))
            for k, kind in enumerate(Episode._fields)
            for name in type(parts[0][k])._fields
        },
    }


def restore_episodes(env: PlantVecEnv, kept: Mapping[str, Any], progress: Progress = no_progress) -> None:
    """Puts the kept episodes into the environments. Raises InvalidValue if their plants do not come out as they were, or if
    the number of environments has changed."""
    if len(kept["running"]) != env.num_envs:
        raise InvalidValue("environments", env.num_envs, f"is not the {len(kept['running'])} of the run to resume")
    made: dict[str, Drawn] = {}
    texts = dict.fromkeys([*kept["pool"], *kept["running"]])
    for k, text in enumerate(texts):
        progress(k / len(texts), f"making plant {k + 1} of {len(texts)} again")
        made[text] = from_text(text)
    running = [made[text] for text in kept["running"]]
    episodes = [new_episode(found.arrays) for found in running]
    for k, kind in enumerate(Episode._fields):
        for name in type(episodes[0][k])._fields:
            _fill([getattr(e[k], name) for e in episodes], kept["arrays"][f"{kind}.{name}"].numpy(), f"{kind}.{name}")
    env.rng.bit_generator.state = json.loads(kept["rng"])
    env.episodes = int(kept["episodes"])
    env.pool = [made[text] for text in kept["pool"]]
    env.observations[:] = kept["observations"].numpy()
    env.masks[:] = kept["masks"].numpy()
    env.put(running, episodes)


def _fill(rooms: Sequence[np.ndarray], values: np.ndarray, name: str) -> None:
    if sum(room.size for room in rooms) != values.size:
        raise InvalidValue(f"episodes.{name}", values.size, f"is not the {sum(r.size for r in rooms)} numbers expected")
    place = 0
    for room in rooms:
        room[...] = values[place : place + room.size].reshape(room.shape)
        place += room.size
