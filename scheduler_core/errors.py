"""The errors that a user can cause, each of which names what is wrong and where."""

from __future__ import annotations


class ShopwrightError(Exception):
    """Base of every error whose message is meant for a user."""


class InvalidValue(ShopwrightError, ValueError):
    """A value that the product's types refuse.

    ``where`` is a path such as ``jobs[3].operations[0].minutes``; ``value`` is what stood there; ``reason`` says why it is
    refused, in words that a planner understands.
    """

    def __init__(self, where: str, value: object, reason: str) -> None:
        self.where = where
        self.value = value
        self.reason = reason
        super().__init__(f"{where}: {_shorten(value)} {reason}")

    def under(self, prefix: str) -> InvalidValue:
        """The same error, seen from one level further out."""
        joiner = "" if self.where.startswith("[") or not self.where else "."
        return InvalidValue(f"{prefix}{joiner}{self.where}", self.value, self.reason)


class UnusableModel(InvalidValue):
    """A model that is missing, damaged or answers nonsense: no fault of whoever asked for a plan, so another engine may."""


class Unschedulable(ShopwrightError):
    """A valid plant for which no schedule can exist or none can be built; the message names the operations."""


class Cancelled(ShopwrightError):
    """The user asked a running computation to stop."""


def _shorten(value: object, limit: int = 120) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


class KeepBest(Cancelled):
    """The user asked to stop and to keep what there is so far."""
