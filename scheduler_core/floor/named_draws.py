"""Random numbers that are drawn by names: the same name and seed give the same number, in whatever order they are asked for.

So all policies meet the same floor (common random numbers), and what happens to one operation does not change because
another order was added. A name becomes a 64-bit key once; a seed's numbers for many keys come from one pass over an array
(the mixing function is SplitMix64: Steele, Lea & Flood 2014, Fast splittable pseudorandom number generators).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from scheduler_core.simulator.array_types import Float64

Keys = npt.NDArray[np.uint64]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD1B54A32D192ED03)


def keys_of(names: Iterable[object]) -> Keys:
    """uint64 [n]: a key for each name; names are told apart by their ``repr``."""
    found = [int.from_bytes(hashlib.sha256(repr(name).encode()).digest()[:8]) for name in names]
    return np.array(found, np.uint64)


def combined(keys: Keys, others: Keys) -> Keys:
    """Keys of pairs of names, broadcast as NumPy does."""
    return _mixed(_mixed(keys) + others)


def normals(seed: int, keys: Keys) -> Float64:
    """Standard normal numbers in the shape of ``keys`` (Box & Muller 1958)."""
    seeded = combined(keys, np.uint64(seed % 2**64) * np.ones((), np.uint64))
    radius = np.sqrt(-2.0 * np.log(_uniform(seeded)))
    found: Float64 = radius * np.cos(2.0 * np.pi * _uniform(_mixed(seeded + _SECOND)))
    return found


def _uniform(keys: Keys) -> Float64:
    """Numbers in (0, 1)."""
    found: Float64 = ((keys >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return found


def _mixed(keys: Keys) -> Keys:
    with np.errstate(over="ignore"):
        x = np.asarray(keys, np.uint64) + _STEP
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: Keys = x ^ (x >> np.uint64(31))
        return mixed
