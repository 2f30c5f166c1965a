"""Objects that a process and the process that made it send each other: pickled, each with its length in front."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any, Final

_LENGTH: Final = struct.Struct(">Q")


def send(to: IO[bytes], what: object) -> None:
    """Write one object. Raises BrokenPipeError where nobody reads."""
    packed = pickle.dumps(what)
    to.write(_LENGTH.pack(len(packed)) + packed)
    to.flush()


def received(by: IO[bytes]) -> Any:
    """The next object, from a process of our own: what is unpickled is trusted. Raises EOFError if there is none."""
    head = by.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    packed = by.read(length)
    if len(packed) < length:
        raise EOFError
    return pickle.loads(packed)
