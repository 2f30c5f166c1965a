"""A backup: one compressed text file that holds every row of a store, of SQLite and MariaDB alike.

The file is gzip over JSON lines: a heading (version of the tables, columns and number of rows of each), then for each table
a line with its name and its rows as arrays, and at the end the number of rows and the SHA-256 of all lines before. It is
written from one unchanging view of the store, so work may go on meanwhile.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data import migrations
from scheduler_core.data.database import Database, DatabaseUnavailable
from scheduler_core.data.new_file import give_name
from scheduler_core.data.server_patience import patiently
from scheduler_core.data.store import serialization
from scheduler_core.data.store.tables import METADATA
from scheduler_core.errors import InvalidValue, ShopwrightError

FORMAT = "shopwright-backup-1"
BLOCK = 500
"""Rows that are read or written at once."""
Progress = Callable[[float, str], None]


class BackupFailed(ShopwrightError):
    """A backup that could not be written or read, and why."""


@dataclass(frozen=True)
class Part:
    """A table in a backup."""

    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Heading:
    """What a backup says about itself. ``version`` is of the tables; ``taken_us`` microseconds since 1970 UTC."""

    version: int
    taken_us: int
    tables: Mapping[str, Part]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(part.rows for part in self.tables.values())


@dataclass(frozen=True)
class Written:
    """A backup that lies on the disk; ``sha256`` is of its content before compression."""

    heading: Heading
    sha256: str


def back_up(database: Database, file: Path, progress: Progress) -> Written:
    """Write ``file``, whole or not at all. Raises InvalidValue if it exists, BackupFailed, DatabaseUnavailable."""
    if file.exists():
        raise InvalidValue("backup file", str(file), "exists already, and is not overwritten")
    state = migrations.status(database)
    if state.begun or state.version == 0:
        what = "an upgrade was cut short" if state.begun else "it has no tables yet"
        raise BackupFailed(f"the store cannot be backed up: {what}; run 'shopwright db upgrade' first")
    try:
        with _draft(file) as target, unchanging(database) as connection:
            heading = Heading(state.version, serialization.now_us(), _parts(connection))
            lines = _Lines(target)
            lines.add(_heading_line(heading))
            done = 0
            for table, part in heading.tables.items():
                lines.add({"table": table})
                seen = 0
                for block in rows_of(connection, table, part.columns):
                    for row in block:
                        lines.add(row)
                    seen, done = seen + len(block), done + len(block)
                    progress(done / max(1, heading.rows), f"{done:,} of {heading.rows:,} rows: {table}")
                if seen != part.rows:
                    raise BackupFailed(f"table {table} has {seen} rows, but {part.rows} were counted")
            sha256 = lines.sha256
            lines.add({"rows": heading.rows, "sha256": sha256})
    except OSError as error:
        raise BackupFailed(f"cannot write {file}: {error.strerror}") from None
    except sa.exc.DBAPIError as failure:
        raise DatabaseUnavailable(f"database: {failure.orig}") from failure
    return Written(heading, sha256)


class Backup:
    """A backup file that has been read to its end once and found whole."""

    def __init__(self, file: Path, progress: Progress) -> None:
        """Raises InvalidValue naming what is wrong with the file."""
        self.file = file
        self.heading, self.sha256 = self._examined(progress)

    def blocks(self) -> Iterator[tuple[str, Part, list[list[Any]]]]:
        """All rows, in blocks of one table each."""
        table, rows = "", list[list[Any]]()
        for line in self._lines():
            if isinstance(line, list):
                rows.append(line)
                if len(rows) < BLOCK:
                    continue
            if rows:
                yield table, self.heading.tables[table], rows
                rows = []
            if isinstance(line, dict) and "table" in line:
                table = line["table"]

    def _lines(self) -> Iterator[Any]:
        for raw in self._raw():
            try:
                yield json.loads(raw)
            except ValueError:
                raise self._wrong("holds a line that is not JSON: it is damaged") from None

    def _raw(self) -> Iterator[bytes]:
        try:
            with gzip.open(self.file, "rb") as source:
                yield from source
        except FileNotFoundError:
            raise self._wrong("does not exist") from None
        except gzip.BadGzipFile as error:
            raise self._wrong(f"is no backup, or damaged: {error}") from None
        except (EOFError, OSError, ValueError) as error:
            raise self._wrong(f"cannot be read to its end: {error}") from None
        except Exception as error:
            # zlib's own error has no base but Exception.
            if type(error).__module__ != "zlib":
                raise
            raise self._wrong(f"is damaged: {error}") from None

    def _wrong(self, reason: str) -> InvalidValue:
        return InvalidValue("backup file", str(self.file), reason)

    def _examined(self, progress: Progress) -> tuple[Heading, str]:
        digest, heading, found = hashlib.sha256(), None, dict[str, int]()
        table, previous, done = "", b"", 0
        for raw in self._raw():
            if heading is None:
                heading = self._heading(raw)
            elif previous.startswith(b"["):
                found[table], done = found.get(table, 0) + 1, done + 1
                if done % BLOCK == 0:
                    progress(done / max(1, heading.rows), f"reading {self.file.name}: {done:,} rows")
            elif previous.startswith(b'{"table"'):
                table = self._table(previous)
            digest.update(previous)
            previous = raw
        if heading is None:
            raise self._wrong("is empty")
        try:
            end = json.loads(previous)
            stated = (end["rows"], end["sha256"])
        except (ValueError, KeyError, TypeError):
            raise self._wrong("has no end: it was cut off") from None
        if stated[1] != digest.hexdigest():
            raise self._wrong("does not have the checksum that stands at its end: it is damaged")
        if found != {name: part.rows for name, part in heading.tables.items() if part.rows} or stated[0] != heading.rows:
            raise self._wrong("does not hold the rows that its heading names")
        return heading, digest.hexdigest()

    def _table(self, raw: bytes) -> str:
        try:
            return str(json.loads(raw)["table"])
        except (ValueError, KeyError):
            raise self._wrong("holds a table's name that cannot be read: it is damaged") from None

    def _heading(self, raw: bytes) -> Heading:
        try:
            line = json.loads(raw)
            if line["format"] != FORMAT:
                raise self._wrong(f"is of the form {line['format']!r}, but this program reads {FORMAT!r}")
            tables = {name: Part(tuple(part["columns"]), int(part["rows"])) for name, part in line["tables"].items()}
            heading = Heading(int(line["version"]), int(line["taken_us"]), tables)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, InvalidValue):
                raise
            raise self._wrong("is no backup of Shopwright") from None
        unknown = sorted(set(tables) - set(METADATA.tables))
        if unknown or heading.version > len(migrations.MIGRATIONS):
            raise self._wrong(f"is of a newer version ({heading.version}) than this program knows: update the program")
        return heading


@contextmanager
def unchanging(database: Database) -> Iterator[Connection]:
    """A transaction that sees all tables as they are now, whatever others write meanwhile, and writes nothing."""
    if database.dialect == "sqlite":
        with database.reading() as connection:
            yield connection
        return
    with database.engine.connect() as connection, patiently(connection):
        # Both hold for the one transaction only; the pool's settings stay as they are.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield connection
        connection.rollback()


def rows_of(connection: Connection, table: str, columns: Sequence[str]) -> Iterator[list[list[Any]]]:
    """A table's rows in blocks, ordered by its primary key."""
    key = sa.inspect(connection).get_pk_constraint(table)["constrained_columns"]
    wanted: list[Any] = [sa.column(c) for c in columns]
    query = sa.select(*wanted).select_from(sa.table(table)).order_by(*(sa.column(c) for c in key))
    result = connection.execute(query, execution_options={"stream_results": True, "yield_per": BLOCK})
    for block in result.partitions():
        yield [list(row) for row in block]


def line_of(content: object) -> bytes:
    """A line of a backup: JSON without spaces, finite numbers only."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"


class _Lines:
    """Lines on their way into the file, and their SHA-256 so far."""

    def __init__(self, target: gzip.GzipFile) -> None:
        self._target, self._digest = target, hashlib.sha256()

    def add(self, content: object) -> None:
        raw = line_of(content)
        self._digest.update(raw)
        self._target.write(raw)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _parts(connection: Connection) -> dict[str, Part]:
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    return {
        name: Part(tuple(str(c["name"]) for c in inspector.get_columns(name)), count(connection, name))
        for name in METADATA.tables
        if name in there
    }


def count(connection: Connection, table: str) -> int:
    """How many rows a table has."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one())


def _heading_line(heading: Heading) -> dict[str, object]:
    tables = {name: {"columns": part.columns, "rows": part.rows} for name, part in heading.tables.items()}
    return {"format": FORMAT, "version": heading.version, "taken_us": heading.taken_us, "tables": tables}


@contextmanager
def _draft(file: Path) -> Iterator[gzip.GzipFile]:
    """A compressed file that gets its name when it is whole and on the disk; readable by its owner only."""
    handle, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as target:
                yield target
            raw.flush()
            os.fsync(raw.fileno())
        give_name(Path(draft), file)
    finally:
        Path(draft).unlink(missing_ok=True)


def digest_of(rows: Iterable[Sequence[Any]]) -> int:
    """A number that two collections of rows share only if they hold the same rows, in whatever order."""
    return sum(int.from_bytes(hashlib.sha256(line_of(list(row))).digest()) for row in rows)
