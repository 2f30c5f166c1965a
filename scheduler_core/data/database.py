"""Connections and transactions, on SQLite and MariaDB, for an ERP on PostgreSQL too: every setting that guards the data is
set and then read back.

The store's connections write; the ERP's connections cannot. A unit of work takes one connection from the pool, keeps its
transaction short, and is run again as a whole when the database says that trying again may help.
"""

from __future__ import annotations

import math
import random
import re
import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from scheduler_core.data import postgresql, server_patience
from scheduler_core.data.database_url import SQLITE, WHERE, file_of, is_remote, parsed_url, shown
from scheduler_core.errors import InvalidValue, ShopwrightError

T = TypeVar("T")
DatabaseFailure = SQLAlchemyError
"""Whatever a statement or a connection can fail with, for callers that know nothing of SQL."""
Dialect = Literal["sqlite", "mysql", "postgresql"]

RETRY_CODES = frozenset({1213, 1205, 1020, 2006, 2013})
"""MariaDB: deadlock, lock wait, changed row, server gone, connection lost. A failed CHECK or trigger is not among them."""
LOST_CODES = frozenset({2006, 2013})
"""Those of them that stand for a server that has not answered."""
RIGHT_CODES = frozenset({1044, 1142, 1143, 1227, 1370})
"""MariaDB: no right to a database, a table, a column, an administrator's act, a routine."""
ACCOUNT_CODES = frozenset({1045, 1698})
"""MariaDB: a name, password or host that does not count; an account that this way to sign in is not for."""
WITHOUT_TLS = (
    " (if name, password and host are right: an account with REQUIRE SSL is turned away where the server offers no TLS, as "
    "MariaDB before 11.4 does not by itself; docs/databases.md)"
)
RIGHTS_OF_STORE = "; 'shopwright db accounts store_app' prints the rights that it needs"
ERP_WHERE = "ERP database URL"
ATTEMPTS = 6
BUSY_SECONDS = 15
OVERALL_SECONDS = 20
"""After so long since the first attempt there is no further one: somebody waits for the answer."""

_SQLITE_WRITER: Mapping[str, tuple[str, object]] = {
    "foreign_keys": ("ON", 1),
    "recursive_triggers": ("ON", 1),
    "synchronous": ("FULL", 2),
    "journal_mode": ("WAL", "wal"),
    "busy_timeout": (str(BUSY_SECONDS * 1000), BUSY_SECONDS * 1000),
}
_SQLITE_READER: Mapping[str, tuple[str, object]] = {"query_only": ("ON", 1)}
_SERVER_BOTH: Mapping[str, tuple[str, object]] = {
    "sql_mode": ("'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'", "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"),
    "time_zone": ("'+00:00'", "+00:00"),
}
_MARIADB_WRITER: Mapping[str, tuple[str, object]] = {
    **_SERVER_BOTH,
    "tx_isolation": ("'READ-COMMITTED'", "READ-COMMITTED"),
    "foreign_key_checks": ("1", 1),
    "check_constraint_checks": ("1", 1),
    "innodb_lock_wait_timeout": ("10", 10),
}
_MARIADB_READER: Mapping[str, tuple[str, object]] = {
    **_SERVER_BOTH,
    # One unchanging view of all tables while they are read one after the other.
    "tx_isolation": ("'REPEATABLE-READ'", "REPEATABLE-READ"),
    "tx_read_only": ("1", 1),
    "max_statement_time": ("120", 120.0),
}
_MYSQL_READER: Mapping[str, tuple[str, object]] = {
    **_SERVER_BOTH,
    "transaction_isolation": ("'REPEATABLE-READ'", "REPEATABLE-READ"),
    "transaction_read_only": ("1", 1),
    "max_execution_time": ("120000", 120_000),
}
_OLDEST = {"MariaDB": (10, 6, 0), "MySQL": (8, 0, 17)}
"""The oldest server of each kind. MySQL before 8.0.17 has no collation that compares text byte for byte with its blanks."""
_BYTEWISE = {"MariaDB": "utf8mb4_nopad_bin", "MySQL": "utf8mb4_0900_bin"}
_OTHER_KINDS = ("TiDB", "Vitess", "OceanBase", "SingleStore", "Doris", "StarRocks")
"""Servers that speak MySQL's protocol and call themselves MySQL in part of their version."""


class DatabaseUnavailable(ShopwrightError):
    """A database that cannot be opened or lacks a setting on which the data's safety rests."""


class MissingRight(DatabaseUnavailable):
    """A statement that the database refused because the account has no right to it."""


class RefusedAccount(DatabaseUnavailable):
    """A server that is there and does not let the account in: its name, its password or the host is wrong."""


class _Cursor(Protocol):
    def execute(self, statement: str, /) -> object: ...
    def fetchone(self) -> Any: ...
    def close(self) -> None: ...


class _RawConnection(Protocol):
    def cursor(self) -> _Cursor: ...


class Database:
    """An engine with its transaction helpers. ``dialect`` is "sqlite" or "mysql" (MariaDB), of an ERP also "postgresql"."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        name = engine.dialect.name
        self.dialect: Dialect = "sqlite" if name == "sqlite" else "postgresql" if name == "postgresql" else "mysql"

    @property
    def url(self) -> str:
        """The URL, password included: for a child process, never for a log."""
        return self.engine.url.render_as_string(hide_password=False)

    @property
    def name(self) -> str:
        """The URL without its password and its options."""
        return shown(self.engine.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only looks; on SQLite it neither waits for a writer nor holds one up."""
        with self.engine.connect().execution_options(shopwright_reading=True) as connection, connection.begin():
            yield connection

    def writing(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction; as a whole again after a passing failure.

        ``work`` may therefore run several times and must do nothing but talk to the connection. A retry that follows a lost
        connection may find that its first attempt had been committed: writes carry request ids so that they notice.
        """

        def attempt() -> T:
            with self.engine.connect() as connection, connection.begin():
                return work(connection)

        return _tried_again(attempt)

    def writing_once(self, work: Callable[[Connection], T]) -> T:
        """As ``writing``, for work that carries a request id: if another one with the same id wins the race, its result."""
        try:
            return self.writing(work)
        except IntegrityError:
            return self.writing(work)

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def _tried_again(attempt: Callable[[], T]) -> T:
    """What ``attempt`` returns, after a few more attempts where it fails in passing; none after OVERALL_SECONDS, nor where
    the server has said nothing for so long that it would say nothing again."""
    first = time.monotonic()
    for number in range(1, ATTEMPTS + 1):
        began = time.monotonic()
        try:
            return attempt()
        except DBAPIError as failure:
            now = time.monotonic()
            hangs = _code(failure) in LOST_CODES and now - began >= server_patience.ANSWER_SECONDS
            if number == ATTEMPTS or not may_retry(failure) or hangs or now - first >= OVERALL_SECONDS:
                raise
            time.sleep(min(1.0, 0.02 * 2**number) * (0.5 + random.random()))
    raise AssertionError("unreachable: the last attempt returns or raises")


def said_by(failure: Exception) -> str:
    """What the database or its driver answered, in one line and without the statement, whose values may be secret; the class
    of a failure to which neither has answered."""
    answer = getattr(failure, "orig", None)
    return " ".join(str(answer or type(failure).__name__).split())


def lacks_right(failure: Exception) -> bool:
    """True if the database refused the statement because the account does not have the right to it."""
    if not isinstance(failure, DBAPIError):
        return False
    return _code(failure) in RIGHT_CODES or getattr(failure.orig, "sqlstate", None) == postgresql.NO_RIGHT


def unavailable(what: str, failure: DBAPIError, where: str = "") -> DatabaseUnavailable:
    """The error for a person, in one line; of a missing right the database's words name the table. ``where`` is
    appended to the message."""
    if lacks_right(failure):
        return MissingRight(f"{what}: the account lacks a right: {said_by(failure)}{where}")
    if _code(failure) in ACCOUNT_CODES:
        return RefusedAccount(f"{what}: {said_by(failure)}{where}")
    return DatabaseUnavailable(f"{what}: {said_by(failure)}{where}")


def refusal(failure: Exception) -> DatabaseUnavailable | None:
    """The error for a person where the store's database refused a statement or could not finish it (a right, the connection,
    its disk); None for what can only be a fault of the program."""
    if isinstance(failure, DBAPIError) and (lacks_right(failure) or isinstance(failure, OperationalError)):
        return unavailable("database", failure, RIGHTS_OF_STORE if lacks_right(failure) else "")
    return None


def may_retry(failure: DBAPIError) -> bool:
    """True if the whole transaction may succeed when it is run again; judged by the database's code, never by class."""
    original = failure.orig
    if isinstance(original, sqlite3.Error):
        # The low byte is the primary code; BUSY has several extended forms.
        return getattr(original, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return _code(failure) in RETRY_CODES


def _code(failure: DBAPIError) -> object:
    """The number that the database gives an error, which means nothing between different databases."""
    return failure.orig.args[0] if failure.orig is not None and failure.orig.args else None


def load_driver(url: str) -> None:
    """Import the driver that a database's URL names, and connect to nothing: the first connection has it then."""
    parsed_url(url).get_dialect().import_dbapi()


def open_store(url: str) -> Database:
    """Connect to the product's own database. Raises InvalidValue for an unusable URL, DatabaseUnavailable otherwise."""
    parsed = parsed_url(url)
    if parsed.drivername in SQLITE:
        folder = file_of(parsed).parent
        if not folder.is_dir():
            raise InvalidValue("database URL", str(folder), "is not an existing folder")
        engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
        _begin_by_hand(engine)
        _guard(engine, lambda cursor: _sqlite_settings(cursor, _SQLITE_WRITER))
    else:
        engine = _server_engine(parsed)
        _guard(engine, lambda cursor: _server_settings(cursor, {"MariaDB": _MARIADB_WRITER}))
        server_patience.limit(engine, server_patience.STORE_SECONDS)
    sa.event.listen(engine, "before_cursor_execute", _refuse_non_finite)
    return _checked(engine)


def open_erp(url: str) -> Database:
    """Connect to the ERP so that nothing can be written there. Raises as ``open_store`` does."""
    parsed = parsed_url(url, also=postgresql.NAMES, where=ERP_WHERE)
    if parsed.drivername in postgresql.NAMES:
        engine = postgresql.reader_engine(parsed, is_remote(parsed), ERP_WHERE)
        _guard(engine, postgresql.settings)
    elif parsed.drivername in SQLITE:
        file = file_of(parsed, ERP_WHERE)
        if not file.is_file():
            raise DatabaseUnavailable(f"ERP database: {file} does not exist")
        address = f"{file.resolve().as_uri()}?mode=ro"

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
            # A cell that is not UTF-8 must spoil its own row, not the whole pull.
            connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            return connection

        engine = sa.create_engine(parsed, creator=connect)
        _begin_by_hand(engine, always="BEGIN")
        _guard(engine, lambda cursor: _sqlite_settings(cursor, _SQLITE_READER))
    else:
        engine = _server_engine(parsed, ERP_WHERE)
        _guard(engine, lambda cursor: _server_settings(cursor, {"MariaDB": _MARIADB_READER, "MySQL": _MYSQL_READER}))
        server_patience.limit(engine, server_patience.ERP_SECONDS)
    return _checked(engine, ERP_WHERE)


def _server_engine(url: URL, where: str = WHERE) -> Engine:
    if not url.database:
        raise InvalidValue(where, shown(url), "names no database")
    arguments = server_patience.opening_arguments() | {"charset": "utf8mb4"}
    remote = is_remote(url)
    in_the_clear = str(url.query.get("ssl_disabled", "")).lower() in ("true", "1", "yes", "on")
    # The driver would take the text "false" for a yes.
    url = url.difference_update_query(["ssl_disabled"])
    if in_the_clear:
        arguments["ssl_disabled"] = True
    if remote and not in_the_clear and "ssl_ca" not in url.query:
        if "ssl_cert" in url.query:
            # Without an authority the driver would trust whoever answers.
            raise InvalidValue(where, shown(url), "names ssl_cert but no ssl_ca")
        # MariaDB speaks in the clear unless it is asked; ?ssl_disabled=true says so on purpose.
        arguments["ssl"] = ssl.create_default_context()
    engine = sa.create_engine(url, connect_args=arguments, pool_recycle=1800, pool_size=5)
    sa.event.listen(engine, "handle_error", _forget_unread)
    return engine


def _forget_unread(context: sa.engine.ExceptionContext) -> None:
    """After a lost connection PyMySQL would read the rest of the rows from it when the cursor is closed, fail, and print a
    trace for each attempt: nothing is left to read."""
    result = getattr(getattr(context.execution_context, "cursor", None), "_result", None)
    if context.is_disconnect and result is not None:
        result.unbuffered_active = False


def _begin_by_hand(engine: Engine, always: str | None = None) -> None:
    """Let the driver begin nothing by itself; a writer takes its lock at once, so it never loses a read-modify-write."""

    def connected(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None

    def begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get("shopwright_reading", False)
        connection.exec_driver_sql(always or ("BEGIN" if reading else "BEGIN IMMEDIATE"))

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begun)


def _refuse_non_finite(
    _connection: Connection, _cursor: object, statement: str, parameters: object, _context: object, many: bool
) -> None:
    """SQLite would keep infinity, and NULL for NaN, as if they were values."""
    rows = cast(Sequence[Any], parameters if many else (parameters,))
    for values in rows:
        for value in values.values() if isinstance(values, Mapping) else values or ():
            if isinstance(value, float) and not math.isfinite(value):
                raise InvalidValue("database", value, f"is not a finite number (in: {statement[:60]} …)")


Wanted = Mapping[str, tuple[str, object]]
"""Settings of a connection: how each is written, and as what it is read back."""


def _guard(engine: Engine, apply: Callable[[_Cursor], Mapping[str, tuple[object, object]]]) -> None:
    """``apply`` makes a new connection's settings and returns what it found of each, and what must be there."""

    def connected(raw: _RawConnection, _record: object) -> None:
        cursor = raw.cursor()
        try:
            settings = apply(cursor)
        finally:
            cursor.close()
        for name, (found, expected) in settings.items():
            if found != expected:
                raise DatabaseUnavailable(f"database {shown(engine.url)}: {name} is {found!r}, but must be {expected!r}")

    sa.event.listen(engine, "connect", connected)


def _sqlite_settings(cursor: _Cursor, wanted: Wanted) -> dict[str, tuple[object, object]]:
    found: dict[str, tuple[object, object]] = {}
    # The patience comes first: switching to WAL waits for readers (but not for writers, see _checked).
    for name, (value, expected) in sorted(wanted.items(), key=lambda item: item[0] != "busy_timeout"):
        cursor.execute(f"PRAGMA {name}={value}")
        cursor.execute(f"PRAGMA {name}")
        found[name] = (cursor.fetchone()[0], expected)
    return found


def _server_settings(cursor: _Cursor, wanted_by_kind: Mapping[str, Wanted]) -> dict[str, tuple[object, object]]:
    cursor.execute("SELECT VERSION()")
    kind = server_kind(str(cursor.fetchone()[0]), tuple(wanted_by_kind))
    wanted = wanted_by_kind[kind]
    cursor.execute(f"SET NAMES utf8mb4 COLLATE {_BYTEWISE[kind]}")
    cursor.execute("SET SESSION " + ", SESSION ".join(f"{name}={value}" for name, (value, _) in wanted.items()))
    cursor.execute("SELECT " + ", ".join(f"@@SESSION.{name}" for name in wanted))
    found = dict(zip(wanted, cursor.fetchone(), strict=True))
    cursor.execute("SELECT @@SESSION.character_set_connection, @@SESSION.collation_connection")
    charset, collation = cursor.fetchone()
    if (charset, collation) != ("utf8mb4", _BYTEWISE[kind]):
        raise DatabaseUnavailable(f"database: the connection compares text as {charset}/{collation}, not byte for byte")
    return {name: (found[name], expected) for name, (_, expected) in wanted.items()}


def server_kind(version: str, kinds: Sequence[str]) -> str:
    """ "MariaDB" or "MySQL" by what the server answers to ``SELECT VERSION()``.

    Raises DatabaseUnavailable for a server of none of these kinds, and for one that is too old.
    """
    kind = next((k for k in _OTHER_KINDS if k.lower() in version.lower()), None)
    kind = kind or ("MariaDB" if "mariadb" in version.lower() else "MySQL")
    numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    at = (0, 0, 0) if numbers is None else tuple(int(part or 0) for part in numbers.groups())
    if kind not in kinds or at < _OLDEST[kind]:
        needed = " or ".join(f"{k} {'.'.join(str(n) for n in _OLDEST[k]).removesuffix('.0')} or later" for k in kinds)
        raise DatabaseUnavailable(f"database: the server is {kind} {version}, but {needed} is needed")
    return kind


def _checked(engine: Engine, where: str = WHERE) -> Database:
    try:
        # While another connection switches a new SQLite file to WAL, SQLite answers "locked" at once, whatever the timeout.
        _tried_again(lambda: engine.connect().close())
    except DBAPIError as failure:
        engine.dispose()
        in_the_clear = _code(failure) in ACCOUNT_CODES and not is_remote(engine.url) and "ssl_ca" not in engine.url.query
        raise unavailable(f"database {shown(engine.url)}", failure, WITHOUT_TLS if in_the_clear else "") from failure
    except (TypeError, ValueError):
        engine.dispose()
        # The driver's words may repeat a piece of the URL: of a password in which an & or a # was not escaped.
        reason = "names a host or an option that the driver cannot use; write an & of a password as %26, a ? as %3F"
        raise InvalidValue(where, shown(engine.url), reason) from None
    except DatabaseUnavailable:
        engine.dispose()
        raise
    return Database(engine)
