"""The API over a store whose computations are answered by a thread of the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from fastapi import FastAPI

from scheduler_core.api.app import create_app
from scheduler_core.api.computations.answers import Answerer
from scheduler_core.api.computations.pool import Computations, Limits
from scheduler_core.api.computations.records import Answer, AnyQuestion
from scheduler_core.api.computations.worker import Told
from scheduler_core.data.store import Store
from tests.support.api import service_over


class InThisProcess:
    """A worker without a process."""

    def __init__(self, store: Store) -> None:
        self._answerer = Answerer(store)

    def start(self) -> None:
        """It is always ready."""

    def ask(self, question: AnyQuestion, told: Told, stop: Event, seconds: float) -> Answer:
        """See ComputingWorker."""
        return self._answerer.answer(question, told)

    def close(self) -> None:
        """Nothing is left to end."""


@contextmanager
def answering(store: Store) -> Iterator[FastAPI]:
    """The API of a store."""
    service = service_over(store)
    service.computations = Computations(store.url, Limits(workers=1), make=lambda url: InThisProcess(store))
    try:
        yield create_app(service)
    finally:
        service.computations.close()
