"""Kept answers of the HTTP API in the store."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import serialization
from scheduler_core.data.store.records import KeptAnswer
from scheduler_core.data.store.tables import API_ANSWER


def find(connection: Connection, key: str) -> KeptAnswer | None:
    """The answer that was given to the request with this key; None if there is none."""
    row = connection.execute(sa.select(API_ANSWER).where(API_ANSWER.c.request_key == key)).first()
    if row is None:
        return None
    return KeptAnswer(
        row.request_key, row.caller, row.asked_sha256, int(row.status), row.content, json.loads(row.headers)
    )  # fmt: skip


def keep(connection: Connection, answer: KeptAnswer) -> KeptAnswer:
    """Keep an answer, and return the one that counts: the first that was kept under the key."""
    key = serialization.request_id(answer.key)
    found = find(connection, key)
    if found is not None:
        return found
    connection.execute(
        sa.insert(API_ANSWER).values(
            request_key=key, caller=serialization.person("caller", answer.caller), asked_sha256=answer.asked_sha256,
            status=answer.status, headers=serialization.to_json("headers", dict(answer.headers)), content=answer.content,
            kept_us=serialization.now_us(),
        )
    )  # fmt: skip
    return answer
