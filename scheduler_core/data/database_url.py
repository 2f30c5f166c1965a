"""URLs of databases: read by SQLAlchemy, shown without what is secret, and never repeated where they cannot be read.

A URL that was typed wrongly may have a piece of its password anywhere, in the name of the host for example. An error
therefore tells what is wrong with it and not what stands in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from scheduler_core.errors import InvalidValue

WHERE: Final = "database URL"
LAST_PORT: Final = 65_535
SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})
_HIDDEN: Final = "…"
_PASSWORDS: Final = ("password", "passwd")
"""Names under which the drivers take a password behind the question mark."""
_ESCAPES: Final = "write an @ of a user name or password as %40, a : as %3A and a / as %2F"


def parsed_url(text: str, also: frozenset[str] = frozenset(), where: str = WHERE) -> URL:
    """The URL, with the password in its own place also where it stands behind the question mark.

    ``also``: names of drivers that serve beside those of SQLite and MariaDB. Raises InvalidValue, which repeats nothing of
    the text but the name of a driver.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        reason = "is not an SQLAlchemy URL such as mysql+pymysql://user@host/name"
        raise InvalidValue(where, _HIDDEN, reason) from None
    except ValueError:
        raise InvalidValue(where, _HIDDEN, f"has a port that is not a number: {_ESCAPES}") from None
    if url.drivername in {"mysql", "mariadb", "mariadb+pymysql"}:
        url = url.set(drivername="mysql+pymysql")
    if url.drivername not in {*SQLITE, "mysql+pymysql", *also}:
        reason = "must be sqlite, mysql+pymysql or postgresql" if also else "is neither sqlite nor mysql+pymysql"
        raise InvalidValue(where, url.drivername, reason)
    if url.drivername in SQLITE:
        return url
    if text.count("@") > 1 or "@" in (url.host or "") + (url.database or ""):
        # What stands before it is a part of the password, which messages of a driver would repeat.
        raise InvalidValue(where, _HIDDEN, f"has an @ too many: {_ESCAPES}")
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        raise InvalidValue(where, _HIDDEN, f"has a port that is not between 1 and {LAST_PORT}")
    return _with_password(url, where)


def shown(url: URL) -> str:
    """The URL for people: the password is masked, and what stands behind the ?, which may be secret, left out."""
    return url.set(query={}).render_as_string(hide_password=True)


def sqlite_file(text: str) -> Path | None:
    """The file of an SQLite URL, None for a server. Raises InvalidValue."""
    url = parsed_url(text)
    return file_of(url) if url.drivername in SQLITE else None


def file_of(url: URL, where: str = WHERE) -> Path:
    """The file of an SQLite URL. Raises InvalidValue if it names none."""
    if not url.database or url.database == ":memory:":
        raise InvalidValue(where, shown(url), "names no file; a database in memory would not survive a restart")
    return Path(url.database)


def is_remote(url: URL) -> bool:
    """False for a server on this machine."""
    return url.host not in (None, "", "localhost", "127.0.0.1", "::1")


def _with_password(url: URL, where: str) -> URL:
    given = [url.query[name] for name in _PASSWORDS if name in url.query]
    if not given:
        return url
    if len(given) > 1 or not isinstance(given[0], str):
        raise InvalidValue(where, _HIDDEN, "names more than one password behind the ?")
    return url.difference_update_query(_PASSWORDS).set(password=given[0])
