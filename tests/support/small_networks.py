"""Small networks and plants that the learned parts are tested with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Plant
from scheduler_core.policy.features import View, new_view
from scheduler_core.policy.inference import PolicyWeights, Room, new_room
from scheduler_core.policy.network import Network, NetworkShape
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from tests.support.random_plants import small_plant

HIDDEN = 16


def untrained_network(hidden: int = HIDDEN) -> Network:
    """The network as training starts with it: the rule."""
    torch.manual_seed(0)
    return Network(NetworkShape(hidden=hidden))


def random_network(seed: int, hidden: int = HIDDEN) -> Network:
    """A network whose every weight matters, far from any rule."""
    network = untrained_network(hidden)
    drawn = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn(weight.shape, generator=drawn) * (0.5 if weight.ndim else 1.0))
    return network


@dataclass(frozen=True)
class Desk:
    """A plant with everything that a rollout on it needs."""

    plant: Plant
    arrays: PlantArrays
    state: State
    view: View
    room: Room
    weights: PolicyWeights


def desk(plant: Plant, network: Network | None = None) -> Desk:
    """Raises Unschedulable."""
    weights = (network or untrained_network()).weights()
    arrays = pack(plant)
    return Desk(plant, arrays, new_state(arrays), new_view(arrays), new_room(arrays, weights), weights)


def small_plants(count: int, first: int = 0) -> Iterator[Plant]:
    """Small plants full of special cases, less those that have no schedule."""
    seed = first
    while count:
        plant = small_plant(seed)
        try:
            pack(plant)
        except Unschedulable:
            pass
        else:
            yield plant
            count -= 1
        seed += 1


def factory(seed: int, jobs: int = 15, machines: int = 6) -> Plant:
    """A small random factory like those that policies are trained on, with a good share of operations on many machines."""
    return random_plant(seed, PlantShape(jobs, machines, tightness=0.8, load=4.0, simultaneous_share=0.1))
