"""Service tokens by id. Each method is one transaction."""

from __future__ import annotations

from datetime import datetime

from scheduler_core.data.database import Database
from scheduler_core.data.store import service_tokens
from scheduler_core.data.store.records import NewToken, ServiceToken


class ServiceTokenRepository:
    """Tokens with which programs act in a person's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, new: NewToken) -> ServiceToken:
        """Keep a token; the same request again returns what it made.

        Raises Refused for roles that the owner does not have and for too many tokens, RequestConflict, InvalidValue.
        """
        return self._database.writing(lambda connection: service_tokens.make(connection, new))

    def revoke(self, token_id: str, actor: str) -> bool:
        """Revoke a token for good; False if it is revoked already. Raises NotFound."""
        return self._database.writing(lambda connection: service_tokens.revoke(connection, token_id, actor))

    def get(self, token_id: str) -> ServiceToken:
        """One token. Raises NotFound."""
        with self._database.reading() as connection:
            return service_tokens.get(connection, token_id)

    def every(self, owner: str | None = None) -> tuple[ServiceToken, ...]:
        """The tokens of one owner or of all, those that were made last first."""
        with self._database.reading() as connection:
            return service_tokens.every(connection, owner)

    def held(self, token_id: str) -> tuple[ServiceToken, str] | None:
        """A token and the SHA-256 of its secret; None if there is none that the audit trail confirms."""
        with self._database.reading() as connection:
            return service_tokens.held(connection, token_id)

    def used(self, token_id: str, now: datetime) -> None:
        """Note that a token was used. Callers ask ``is_use_due`` first, so that a request does not write each time."""
        self._database.writing(lambda connection: service_tokens.used(connection, token_id, now))

    @staticmethod
    def is_use_due(token: ServiceToken, now: datetime) -> bool:
        """Whether the last use is so long ago that it is written again."""
        return token.last_used is None or now - token.last_used >= service_tokens.USE_STEP
