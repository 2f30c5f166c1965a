"""Kept answers of the HTTP API by the key of their request. Each method is one transaction."""

from __future__ import annotations

from scheduler_core.data.database import Database
from scheduler_core.data.store import answers
from scheduler_core.data.store.records import KeptAnswer


class AnswerRepository:
    """Answers by the key of their request; none is ever changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, key: str) -> KeptAnswer | None:
        """The answer that was given to the request with this key; None if there is none."""
        with self._database.reading() as connection:
            return answers.find(connection, key)

    def keep(self, answer: KeptAnswer) -> KeptAnswer:
        """Keep an answer, and return the one that counts: the first that was kept under the key. Raises InvalidValue for a
        key that is no request id."""
        return self._database.writing_once(lambda connection: answers.keep(connection, answer))
