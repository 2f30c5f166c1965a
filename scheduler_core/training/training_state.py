"""The whole state of a training run between two updates, written to a file and read back: a run that was interrupted and
resumed ends with the same weights as one that was not.

Files are read with ``weights_only``: nothing in them is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sb3_contrib import MaskablePPO

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import InvalidValue
from scheduler_core.training.episode_state import episodes_as_tensors, restore_episodes
from scheduler_core.training.ppo_model import environments_of

FORMAT = "run/2"


def capture(model: MaskablePPO, more: Mapping[str, Any]) -> dict[str, Any]:
    """The model's weights, optimizer, episodes and generators, and ``more``; shares nothing with what goes on running.

    Compiled code's own generator is not part of it: every use of it seeds it first.
    """
    generator = np.random.get_state(legacy=False)
    return {
        **deepcopy(dict(more)),
        "format": FORMAT,
        "steps": model.num_timesteps,
        "model_updates": model._n_updates,
        "policy": deepcopy(model.policy.state_dict()),
        "optimizer": deepcopy(model.policy.optimizer.state_dict()),
        "observations": torch.tensor(model._last_obs),
        "episode_starts": torch.tensor(np.asarray(model._last_episode_starts)),
        "episodes": episodes_as_tensors(environments_of(model)),
        "torch_generator": torch.get_rng_state(),
        "numpy_generator": {
            "keys": torch.tensor(generator["state"]["key"].astype(np.int64)),
            "place": int(generator["state"]["pos"]),
            "has_gauss": int(generator["has_gauss"]),
            "gauss": float(generator["gauss"]),
        },
    }


def write(state: Mapping[str, Any], path: Path) -> None:
    """Writes it in one step, so that a run killed meanwhile leaves the older file whole."""
    part = path.with_name(path.name + ".part")
    torch.save(dict(state), part)
    part.replace(path)


def read(path: Path) -> dict[str, Any]:
    """The state in the file. Raises InvalidValue if it is missing or of another version."""
    if not path.is_file():
        raise InvalidValue("--resume", str(path), "does not exist: there is no run to resume")
    kept: dict[str, Any] = torch.load(path, weights_only=True)
    if kept.get("format") != FORMAT:
        raise InvalidValue("--resume", str(path), "was kept by an older version: start the run anew, or --from its model")
    return kept


def restore(model: MaskablePPO, kept: Mapping[str, Any], progress: Progress = no_progress) -> None:
    """Puts the state back into a model of the same configuration, and into the generators. Raises InvalidValue where the
    configuration's network or environments are not those of the run."""
    found, expected = kept["policy"], model.policy.state_dict()
    for name in expected:
        if name not in found or found[name].shape != expected[name].shape:
            shape = tuple(found[name].shape) if name in found else None
            raise InvalidValue("--resume", name, f"has shape {shape} in the kept run, {tuple(expected[name].shape)} here")
    model.policy.load_state_dict(found)
    model.policy.optimizer.load_state_dict(kept["optimizer"])
    model.num_timesteps, model._n_updates = int(kept["steps"]), int(kept["model_updates"])
    restore_episodes(environments_of(model), kept["episodes"], progress)
    model._last_obs = kept["observations"].numpy().copy()
    model._last_episode_starts = kept["episode_starts"].numpy().copy()
    torch.set_rng_state(kept["torch_generator"])
    of_numpy = kept["numpy_generator"]
    keys = of_numpy["keys"].numpy().astype(np.uint32)
    np.random.set_state(("MT19937", keys, of_numpy["place"], of_numpy["has_gauss"], of_numpy["gauss"]))
