"""The API over a store, asked by people of a test; computations are answered by a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event

from starlette.testclient import TestClient

from scheduler_core.api.app import create_app
from scheduler_core.api.computations.answers import Answerer
from scheduler_core.api.computations.pool import Computations, Limits
from scheduler_core.api.computations.records import Answer, AnyQuestion
from scheduler_core.api.computations.worker import Told
from scheduler_core.api.service import Service
from scheduler_core.data.store import Store
from scheduler_core.roles import Actor


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
def asking(store: Store, *, everything: bool = True) -> Iterator[TestClient]:
    """A client whose bearer token is its person's name, first "ann". ``everything``: nobody needs a role."""

    def identify(store: Store, bearer: str, now: datetime) -> Actor:
        return Actor(bearer, unrestricted=everything)

    service = Service(store, identify)
    service.computations = Computations(store.url, Limits(workers=1), make=lambda url: InThisProcess(store))
    try:
        yield TestClient(create_app(service), base_url="http://127.0.0.1:8600", headers=of("ann"))
    finally:
        service.computations.close()


def of(person: str) -> dict[str, str]:
    """The headers of a person's request."""
    return {"Authorization": f"Bearer {person}"}
