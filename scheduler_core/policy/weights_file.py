"""A checkpoint's weights as plain arrays, verified, and the policy's two heads of them: without torch.

Importing torch takes seconds of CPU time, and many times as long on a crowded machine. An engine that only plans needs none
of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize

from scheduler_core.errors import InvalidValue
from scheduler_core.policy.features import N_GLOBAL
from scheduler_core.policy.inference import HeadWeights, PolicyWeights
from scheduler_core.policy.network_shape import NetworkShape
from scheduler_core.simulator.array_types import Float32

_deserialize: Any = deserialize
FLOAT32 = "F32"
"""How a safetensors file calls the only type of number that is read."""
_WRITTEN = {"BF": "bfloat", "F": "float", "I": "int", "U": "uint"}


def parse(content: bytes, shape: NetworkShape, path: Path) -> dict[str, Float32]:
    """The tensors of a safetensors file, which are exactly those of a network of this shape, in its order.

    ``path`` is named in errors. Raises InvalidValue, with the tensor and the reason, for what is no such file, tensors too
    many or missing, and one of another shape or type or with numbers that are not finite.
    """
    try:
        found = dict(_deserialize(content))
    except (SafetensorError, ValueError, KeyError) as error:
        raise InvalidValue(str(path), path.name, f"is not a safetensors file: {error}") from None
    expected = shape.tensors()
    if set(found) != set(expected):
        raise InvalidValue(str(path), sorted(set(found) ^ set(expected)), "are tensors too many or missing")
    return {name: _tensor(found[name], wanted, f"{path}:{name}") for name, wanted in expected.items()}


def _tensor(stored: Mapping[str, object], wanted: tuple[int, ...], where: str) -> Float32:
    sizes, kind, data = stored["shape"], stored["dtype"], stored["data"]
    assert isinstance(sizes, list | tuple)
    assert isinstance(data, bytes | bytearray)
    if tuple(sizes) != wanted:
        raise InvalidValue(where, tuple(sizes), f"is not {wanted}")
    if kind != FLOAT32:
        raise InvalidValue(where, _type(str(kind)), f"is not {_type(FLOAT32)}")
    found = np.frombuffer(data, "<f4").astype(np.float32).reshape(wanted)
    if not np.isfinite(found).all():
        raise InvalidValue(where, where.rpartition(":")[2], "holds numbers that are not finite")
    return found


def _type(kind: str) -> str:
    """A type of number as numpy and torch write it."""
    letters = kind.rstrip("0123456789")
    return _WRITTEN.get(letters, letters.lower()) + kind[len(letters) :]


def policy_weights(tensors: Mapping[str, Float32], shape: NetworkShape) -> PolicyWeights:
    """The two heads as flat arrays for compiled inference: what ``network.Network.weights`` gives for the same tensors.

    Numbers of the plant that the policy was trained without count for nothing; they are this version's last.
    """
    return PolicyWeights(_head(tensors, "job", shape), _head(tensors, "machine", shape))


def _head(tensors: Mapping[str, Float32], head: str, shape: NetworkShape) -> HeadWeights:
    def array(name: str) -> Float32:
        return np.ascontiguousarray(tensors[f"{head}.{name}"].T)

    context = np.zeros((N_GLOBAL, shape.hidden), np.float32)
    context[: shape.global_features] = array("context.weight")
    return HeadWeights(
        first=array("first.weight"),
        context=context,
        first_bias=array("first.bias"),
        second=array("second.weight"),
        pooled=array("pooled.weight"),
        second_bias=array("second.bias"),
        last=np.ascontiguousarray(array("last.weight")[:, 0]),
        skip=np.ascontiguousarray(array("skip.weight")[:, 0]),
        beta=tensors[f"{head}.beta"].reshape(1),
    )
