"""Every test that takes ``database_url`` runs twice: on SQLite and on a real MariaDB server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from tests.support.mariadb_server import MariaDb, missing_program, running_server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """The session's server; skipped where it isn't installed, but a failure under CI."""
    missing = missing_program()
    if missing is not None:
        reason = f"{missing} is not installed (Debian: apt-get install mariadb-server)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_server() as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb: MariaDb) -> Iterator[str]:
    """URL of a new, empty database on the server."""
    name = f"t_{uuid.uuid4().hex}"
    mariadb.execute(f"CREATE DATABASE {name} CHARACTER SET latin1")
    yield mariadb.url(name)
    mariadb.execute(f"DROP DATABASE {name}")


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new, empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    url: str = request.getfixturevalue("mariadb_url")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(database_url)
    yield opened
    opened.close()
