"""How an ERP on PostgreSQL is read: the driver, TLS, and the settings by which nothing can be written there.

The driver is an optional part of the installation: ``pip install 'shopwright[postgresql]'``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from scheduler_core.data.database_url import WHERE, shown
from scheduler_core.errors import InvalidValue

DRIVER = "postgresql+psycopg"
NAMES = frozenset({"postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"})
"""How a URL may name PostgreSQL; one driver serves all."""
NO_RIGHT = "42501"
"""The code of a statement for which the account does not have the right."""
READER: Mapping[str, tuple[str, object]] = {
    "default_transaction_read_only": ("on", "on"),
    # One unchanging view of all tables while they are read one after the other.
    "default_transaction_isolation": ("repeatable\\ read", "repeatable read"),
    "statement_timeout": ("120s", "2min"),
    "TimeZone": ("UTC", "UTC"),
    "client_encoding": ("UTF8", "UTF8"),
}
"""Settings of a connection: as they are set, and as the server says them afterwards."""


class _Cursor(Protocol):
    def execute(self, statement: str, /) -> object: ...
    def fetchone(self) -> Any: ...


def reader_engine(url: URL, remote: bool, where: str = WHERE) -> Engine:
    """An engine whose connections can only read. ``remote``: the server is not this machine, so its name is checked by TLS
    unless the URL says otherwise (``?sslmode=...``). Raises InvalidValue if the driver is not installed."""
    if not url.database:
        raise InvalidValue(where, shown(url), "names no database")
    options = " ".join(f"-c {name}={value}" for name, (value, _) in READER.items())
    arguments: dict[str, Any] = {"connect_timeout": 10, "prepare_threshold": None, "options": options}
    if remote and "sslmode" not in url.query:
        arguments["sslmode"] = "verify-full"
        if "sslrootcert" not in url.query:
            arguments["sslrootcert"] = "system"
    try:
        return sa.create_engine(
            url.set(drivername=DRIVER), connect_args=arguments, pool_pre_ping=True, pool_recycle=1800, pool_size=5
        )
    except ModuleNotFoundError:
        reason = "needs the package psycopg, which is not installed: pip install 'shopwright[postgresql]'"
        raise InvalidValue(where, url.drivername, reason) from None


def settings(cursor: _Cursor) -> dict[str, tuple[object, object]]:
    """What the server says of each setting, and what it must be."""
    found: dict[str, tuple[object, object]] = {}
    for name, (_, expected) in READER.items():
        cursor.execute(f"SHOW {name}")
        found[name] = (cursor.fetchone()[0], expected)
    return found
