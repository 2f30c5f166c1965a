"""Observations of any mode, written from the simulator's state in one call."""

from __future__ import annotations

import numpy as np

from scheduler_core.environments.flat_observations import (
    decision_features,
    distributions,
    machine_state,
    machine_summary,
    new_scratch,
    plant_features,
)
from scheduler_core.environments.observations import (
    DECISION_FEATURES,
    DISTRIBUTIONS,
    MACHINE_STATE,
    MACHINE_SUMMARY,
    PLANT_FEATURES,
    Mode,
    feature_names,
)
from scheduler_core.environments.ranked_choices import rank_choices
from scheduler_core.environments.stepping import COUNT, OBSERVATION_SIZE
from scheduler_core.policy.features import View
from scheduler_core.simulator.array_types import Float32, Float64
from scheduler_core.simulator.arrays import PlantArrays, State
from scheduler_core.simulator.kernel import compiled

_CODES = {Mode.CANDIDATES: 0, Mode.COMPRESSED: 1, Mode.HIERARCHICAL: 2, Mode.FULL: 3}
_CANDIDATES, _COMPRESSED, _HIERARCHICAL, _FULL = range(4)
_PLANT, _DECISION, _SUMMARY = len(PLANT_FEATURES), len(DECISION_FEATURES), len(MACHINE_SUMMARY)
_STATE, _DISTRIBUTIONS = len(MACHINE_STATE), len(DISTRIBUTIONS)


@compiled
def _observe(
    arrays: PlantArrays, state: State, view: View, rows: Float32, scratch: Float64, code: int, extras: bool, out: Float32
) -> int:
    k = 0
    if code == _CANDIDATES:
        for f in range(OBSERVATION_SIZE):
            out[f] = rows[f]
        k = OBSERVATION_SIZE
    else:
        rank_choices(view, rows, int(rows[COUNT]))
        plant_features(arrays, state, view, rows, out)
        k = _PLANT
        if code != _COMPRESSED:
            decision_features(rows, out[k:])
            k += _DECISION
        if code == _HIERARCHICAL:
            machine_summary(arrays, state, view, rows, scratch, out[k:])
            k += _SUMMARY
        if code == _FULL:
            machine_state(arrays, state, view, rows, scratch, out[k:])
            k += _STATE * len(arrays.machine_table)
    if extras:
        distributions(arrays, state, scratch, out[k:])
        k += _DISTRIBUTIONS
    return k


class Observer:
    """Writes one mode's observations for plants of a fixed number of machines."""

    def __init__(self, mode: Mode, machines: int, extras: bool) -> None:
        """``extras``: append the distributions."""
        self.mode, self.extras = mode, extras
        self.names = feature_names(mode, machines, extras)
        self._scratch: Float64 = np.zeros(0, np.float64)

    def begin(self, arrays: PlantArrays) -> None:
        """Makes room for another plant."""
        self._scratch = new_scratch(arrays)

    def write(self, arrays: PlantArrays, state: State, view: View, rows: Float32) -> Float32:
        """float32 [len(names)]: the present decision. ``rows`` is its observation in mode *candidates*. In the other modes
        the choices are put in order first (ranked_choices.py), there and in the view."""
        out: Float32 = np.zeros(len(self.names), np.float32)
        written = _observe(arrays, state, view, rows, self._scratch, _CODES[self.mode], self.extras, out)
        if written != len(out):
            raise AssertionError(f"{written} numbers were written, {len(out)} are named")
        return out
