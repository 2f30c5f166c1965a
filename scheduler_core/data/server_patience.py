"""How long a MariaDB or MySQL server is waited for: a server that hangs must not hold a page.

A connection gets a short time to be opened and to show that it is alive, and a longer one for each answer. The server's own
limits end a statement that takes too long; the times here are for a server that says nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import InvalidatePoolError

ANSWER_SECONDS = 5
"""A server that is well opens a connection and answers a ping in milliseconds."""
STORE_SECONDS = 30
"""The store's statements are small, and none waits for a lock for longer than 10 s."""
ERP_SECONDS = 150
"""The ERP's server ends a statement after 120 s."""
SEND_SECONDS = 30
LONG_SECONDS = 4 * 3600
"""Changing the tables of a large store, and restoring one."""


def opening_arguments() -> dict[str, Any]:
    """Arguments of PyMySQL's ``connect``: each step of opening a connection ends within ANSWER_SECONDS."""
    return {"connect_timeout": ANSWER_SECONDS, "read_timeout": ANSWER_SECONDS, "write_timeout": SEND_SECONDS}


def limit(engine: Engine, seconds: float) -> None:
    """Give each answer of an opened connection so many seconds, and each connection from the pool ANSWER_SECONDS to show
    that it is alive; one that does not is thrown away with all others of the pool. Call it after all else that listens to
    new connections."""

    def opened(raw: Any, _record: object) -> None:
        raw._read_timeout = seconds

    def taken(raw: Any, _record: object, _proxy: object) -> None:
        raw._read_timeout = ANSWER_SECONDS
        try:
            raw.ping(reconnect=False)
        except (raw.Error, OSError) as failure:
            raise InvalidatePoolError from failure
        raw._read_timeout = seconds

    sa.event.listen(engine, "connect", opened)
    sa.event.listen(engine, "checkout", taken)


@contextmanager
def patiently(connection: Connection) -> Iterator[None]:
    """A block in which each answer may take LONG_SECONDS. On SQLite nothing changes."""
    raw: Any = connection.connection.dbapi_connection
    before = getattr(raw, "_read_timeout", None)
    if before is None:
        yield
        return
    raw._read_timeout = LONG_SECONDS
    try:
        yield
    finally:
        raw._read_timeout = before
