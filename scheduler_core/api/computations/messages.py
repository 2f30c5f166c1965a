"""What the API's process and a computing process say to each other: pickled, each with its length in front."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any, Final

from scheduler_core.api.computations.records import Answer, AnyQuestion, ComputationFailed
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.errors import InvalidValue, ShopwrightError

_LENGTH: Final = struct.Struct(">Q")


@dataclass(frozen=True)
class Ready:
    """The process has loaded what it computes with."""


@dataclass(frozen=True)
class Progressed:
    """How far it is (0 to 1), and what it does."""

    fraction: float
    message: str


@dataclass(frozen=True)
class Answered:
    """The answer."""

    answer: Answer


@dataclass(frozen=True)
class Refused:
    """The question cannot be answered: how the error is made, as an error with several arguments does not travel."""

    error: type[Exception]
    arguments: tuple[object, ...]

    def made(self) -> Exception:
        """The error."""
        return self.error(*self.arguments)


Message = Ready | Progressed | Answered | Refused


def refused(error: Exception) -> Refused:
    """The message for an error that the computing raised."""
    match error:
        case InvalidValue():
            plain = isinstance(error.value, str | int | float | bool | None)
            return Refused(InvalidValue, (error.where, error.value if plain else repr(error.value), error.reason))
        case ShopwrightError() if len(error.args) == 1:
            return Refused(type(error), error.args)
        case DatabaseFailure():
            return Refused(DatabaseFailure, (str(error).partition("\n")[0],))
        case _:
            return Refused(ComputationFailed, (f"{type(error).__name__}: {error}",))


def send(to: IO[bytes], what: AnyQuestion | Message) -> None:
    """Write one object. Raises BrokenPipeError where nobody reads."""
    packed = pickle.dumps(what)
    to.write(_LENGTH.pack(len(packed)) + packed)
    to.flush()


def received(by: IO[bytes]) -> Any:
    """The next object. Raises EOFError if there is none."""
    head = by.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    packed = by.read(length)
    if len(packed) < length:
        raise EOFError
    return pickle.loads(packed)
