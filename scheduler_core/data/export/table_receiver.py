"""A receiver that is a table: one transaction writes the release and its lines, once per approval's id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from scheduler_core.data.database import Database, DatabaseUnavailable, Dialect, said_by
from scheduler_core.data.export.message import Message, NotDelivered
from scheduler_core.data.store.records import KnownRelease

_METADATA = sa.MetaData()
_RELEASE_TEXTS = (
    "approval_id plant schedule_id content_sha256 approver comment override_reason approved_at timezone message_sha256"
)
_DISPATCH_TEXTS = "approval_id machine_name job process product starts ends due"
EPOCH = "epoch"
"""The column that receiving tables of an earlier version do not have."""
RELEASE = sa.Table(
    "shopwright_release",
    _METADATA,
    *(sa.Column(name, sa.Text) for name in _RELEASE_TEXTS.split()),
    *(sa.Column(name, sa.BigInteger) for name in ("release_no", "operations", EPOCH)),
)
DISPATCH = sa.Table(
    "shopwright_dispatch",
    _METADATA,
    *(sa.Column(name, sa.Text) for name in _DISPATCH_TEXTS.split()),
    *(sa.Column(name, sa.BigInteger) for name in ("machine", "position", "sequence", "setup_minutes")),
    sa.Column("quantity", sa.Float),
)


def receiving_sql(dialect: Dialect) -> str:
    """The SQL that makes the receiving tables; the ERP's administrator runs it once."""
    name = "sqlite" if dialect == "sqlite" else "mariadb"
    return (Path(__file__).parent / f"receiving_{name}.sql").read_text(encoding="utf-8")


class ReceivingTable:
    """The account needs SELECT and INSERT on the two tables, nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def deliver(self, message: Message) -> str:
        """See ``Receiver``."""
        try:
            try:
                return self._database.writing(lambda connection: _write(connection, message))
            except IntegrityError:
                # Another exporter was faster with the same message: the second look finds it.
                return self._database.writing(lambda connection: _write(connection, message))
        except SQLAlchemyError as error:
            raise NotDelivered(f"the receiving tables: {said_by(error)}") from None
        except DatabaseUnavailable as error:
            raise NotDelivered(f"the receiving tables: {error}") from None

    def releases(self) -> tuple[KnownRelease, ...]:
        """All releases that the tables hold. Raises DatabaseUnavailable."""
        try:
            with self._database.reading() as connection:
                epoch = RELEASE.c.epoch if _has_epoch(connection) else sa.literal(0)
                rows = connection.execute(sa.select(RELEASE.c.approval_id, RELEASE.c.release_no, epoch)).all()
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(f"the receiving tables: {said_by(error)}") from None
        return tuple(KnownRelease(str(one), int(number), int(epoch)) for one, number, epoch in rows)


def _has_epoch(connection: Connection) -> bool:
    return EPOCH in {column["name"] for column in sa.inspect(connection).get_columns(RELEASE.name)}


def _write(connection: Connection, message: Message) -> str:
    known = sa.select(RELEASE.c.message_sha256).where(RELEASE.c.approval_id == message.approval_id)
    found = connection.execute(known).scalar()
    if found is not None:
        if found != message.sha256:
            raise NotDelivered("the receiving tables hold another content under this approval's id")
        return "was there already"
    content = message.content
    _refuse_a_number_twice(connection, content)
    operations: Sequence[Mapping[str, Any]] = content["operations"]  # type: ignore[assignment]
    names = {c.name for c in RELEASE.columns} - {"operations"}
    head = {key: value for key, value in content.items() if key in names}
    untold = EPOCH in head and not _has_epoch(connection)
    if untold:
        del head[EPOCH]
    connection.execute(
        sa.insert(RELEASE).values(**head, operations=len(operations), message_sha256=message.sha256)
    )  # fmt: skip
    if operations:
        connection.execute(sa.insert(DISPATCH), [_line(message.approval_id, one) for one in operations])
    if untold:
        return f"{len(operations)} lines written, but the table has no column epoch: docs/export.md says how to add it"
    return f"{len(operations)} lines written"


def _refuse_a_number_twice(connection: Connection, content: Mapping[str, Any]) -> None:
    plant, number = content["plant"], content["release_no"]
    taken = sa.select(RELEASE.c.approval_id).where(RELEASE.c.plant == plant, RELEASE.c.release_no == number)
    if connection.execute(taken).first() is not None:
        raise NotDelivered(
            f"the receiving tables hold another release {number} of {plant}: the store goes on from an older backup; "
            "run 'shopwright db epoch' and release the plan again (docs/export.md)"
        )


def _line(approval_id: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {"start": "starts", "end": "ends"}
    known = {key: value for key, value in operation.items() if not key.endswith("_offset")}  # a table's times have none
    return {"approval_id": approval_id, **{renamed.get(key, key): value for key, value in known.items()}}
