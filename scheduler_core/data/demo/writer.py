"""The demo ERP in a database: generated from a seed, the same bytes of content every time, on SQLite and MariaDB."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from scheduler_core.data.database import open_store
from scheduler_core.data.database_url import sqlite_file
from scheduler_core.data.demo.erp_tables import INDEXES, TABLES
from scheduler_core.data.demo.factory import Row, Rows, build_factory
from scheduler_core.data.demo.mistakes import add_mistakes, add_oddities
from scheduler_core.data.demo.orders import Orders
from scheduler_core.data.new_file import give_name
from scheduler_core.errors import InvalidValue

DEMO_CLOCK = datetime(2025, 7, 21, 6, 30)
"""The demo's standing time: a Monday, start of shift."""
DEMO_SEED = 5
BANNER = "Demo plant with generated data. Its clock stands still at Monday, 21 July 2025, 06:30 (Kuala Lumpur)."


def generate(seed: int = DEMO_SEED) -> Rows:
    """All rows of the demo ERP by table."""
    rng = random.Random(seed)
    factory = build_factory(rng)
    orders = Orders(rng, factory, DEMO_CLOCK)
    orders.add_all()
    scrapped = next(row["MachineId_i"] for row in factory.rows["tbl_machine"] if row["Status_i"] == 0)
    assert isinstance(scrapped, int)
    add_oddities(orders, scrapped)
    add_mistakes(orders)
    clock: Row = {"setting": "clock", "content": DEMO_CLOCK.isoformat(" ")}
    return {**factory.rows, **orders.rows, "shopwright_demo": [clock, {"setting": "banner", "content": BANNER}]}


def write_demo(url: str, seed: int = DEMO_SEED) -> None:
    """Create the demo ERP at an SQLAlchemy URL.

    Raises InvalidValue if there is something already: no existing ERP is ever touched. A crash leaves no half file behind.
    """
    file = sqlite_file(url)
    if file is not None:
        with new_file(file) as engine:
            fill(engine, generate(seed))
        return
    database = open_store(url)
    try:
        if sa.inspect(database.engine).has_table("tbl_jo_txn"):
            raise InvalidValue("demo ERP", database.engine.url.database, "is a database that holds an ERP already")
        fill(database.engine, generate(seed))
    finally:
        database.close()


def ensure_demo(url: str, seed: int = DEMO_SEED) -> bool:
    """Create the demo in an SQLite file unless it exists; True if it was created. Two processes may try at once."""
    file = sqlite_file(url)
    if file is None or file.exists():
        return False
    try:
        write_demo(url, seed)
    except InvalidValue:
        if not file.exists():
            raise
        return False
    return True


@contextmanager
def new_file(file: Path) -> Iterator[Engine]:
    """An empty SQLite database that becomes ``file`` at the end, unless something fails. Raises InvalidValue if there is
    such a file."""
    if file.exists():
        raise InvalidValue("demo ERP", str(file), "exists already; SHOPWRIGHT_ERP_URL names another")
    handle, name = tempfile.mkstemp(prefix=".demo-", suffix=".sqlite3", dir=file.parent)
    os.close(handle)
    draft = Path(name)
    try:
        engine = sa.create_engine(f"sqlite:///{draft}")
        try:
            yield engine
        finally:
            engine.dispose()
        try:
            give_name(draft, file)
        except FileExistsError:
            raise InvalidValue("demo ERP", str(file), "exists already; SHOPWRIGHT_ERP_URL names another") from None
    finally:
        draft.unlink(missing_ok=True)


def fill(engine: Engine, rows: Rows) -> None:
    """Create the ERP's tables in an empty database and insert the rows of each; a table may have none."""
    with engine.begin() as connection:
        for table, columns in TABLES.items():
            suffix = "" if connection.dialect.name == "sqlite" else " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
            connection.exec_driver_sql(f"CREATE TABLE {table}({columns}){suffix}")
        for statement in INDEXES:
            connection.exec_driver_sql(statement)
        for table, content in rows.items():
            insert(connection, table, content)


def insert(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows with the same columns."""
    if rows:
        names = list(rows[0])
        values = ", ".join(f":{name}" for name in names)
        connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), rows)
