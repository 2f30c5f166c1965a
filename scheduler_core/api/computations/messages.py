"""What the API's process and a computing process say to each other, by ``interchange.object_pipe``."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.api.computations.records import Answer, ComputationFailed
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.errors import InvalidValue, ShopwrightError


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
