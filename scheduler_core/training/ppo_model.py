"""What is trained: MaskablePPO around the policy's network, as a configuration says."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from sb3_contrib import MaskablePPO
from stable_baselines3.common.base_class import BaseAlgorithm

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.policy.network import Network, NetworkShape
from scheduler_core.training.config import Stage, TrainingConfig, draw_plant
from scheduler_core.training.ppo import HierarchicalPolicy, WorkingTimeBuffer
from scheduler_core.training.vec_env import PlantVecEnv


def build(config: TrainingConfig, folder: Path) -> MaskablePPO:
    """The model as it is before the first step; its logs go to ``folder``."""
    low, high = config.final_learning_rate, config.learning_rate
    env = PlantVecEnv(config.environments, lambda rng: draw_plant(rng, config.stages[0]), config.seed, config.reward)
    return MaskablePPO(
        HierarchicalPolicy,
        env,
        learning_rate=lambda left: low + (high - low) * left,
        n_steps=config.steps_per_update,
        batch_size=config.batch_size,
        n_epochs=config.epochs,
        clip_range=config.clip,
        target_kl=config.target_kl,
        ent_coef=config.entropy,
        rollout_buffer_class=WorkingTimeBuffer,
        rollout_buffer_kwargs={"discount_days": config.discount_days, "trace_days": config.trace_days},
        policy_kwargs={"hidden": config.hidden, "optimizer_kwargs": {"eps": 1e-5}},
        tensorboard_log=str(folder),
        seed=config.seed,
        device="cpu",
    )


def shape_of(config: TrainingConfig) -> NetworkShape:
    """The shape of the configuration's network."""
    return NetworkShape(hidden=config.hidden)


def policy_of(model: BaseAlgorithm) -> HierarchicalPolicy:
    """The policy around the network."""
    policy = model.policy
    assert isinstance(policy, HierarchicalPolicy)
    return policy


def network_of(model: BaseAlgorithm) -> Network:
    """The network that the model trains."""
    network = policy_of(model).mlp_extractor.network
    assert isinstance(network, Network)
    return network


def environments_of(model: BaseAlgorithm) -> PlantVecEnv:
    """The environments that it plays."""
    env = model.get_env()
    assert isinstance(env, PlantVecEnv)
    return env


def enter_stage(env: PlantVecEnv, stage: Stage) -> None:
    """From now on plants are drawn from the stage (running episodes end on theirs)."""
    env.sample = lambda rng: draw_plant(rng, stage)


def start_from(model: MaskablePPO, config: TrainingConfig, name: str, models: Path | None) -> None:
    """Gives the network the weights of a checkpoint in ``models``; the critic's last layer, which no checkpoint has, stays
    new. Raises InvalidValue for a checkpoint that is missing, damaged, or of another shape than the configuration's."""
    found = checkpoint.load(name, models).network
    has, asked = asdict(found.shape), asdict(shape_of(config))
    different = [f"{key} {has[key]}, not {asked[key]} as the configuration asks" for key in asked if has[key] != asked[key]]
    if different:
        raise InvalidValue("--from", name, f"is a network with {'; '.join(different)}")
    network_of(model).load_state_dict(found.state_dict())
