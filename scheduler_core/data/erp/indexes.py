"""The indexes that make a pull quick on a large ERP. They are recommended, never created: the ERP is only read."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from scheduler_core.data.database import Database
from scheduler_core.data.erp.source import transaction


@dataclass(frozen=True)
class Index:
    """An index whose first column is the one that counts."""

    name: str
    table: str
    column: str

    @property
    def statement(self) -> str:
        """What the ERP's administrator would run."""
        return f"CREATE INDEX {self.name} ON {self.table} ({self.column});"


RECOMMENDED = (
    Index("jo_txn_by_number", "tbl_jo_txn", "TxnId_i"),
    Index("jo_process_by_job", "tbl_jo_process", "TxnId_i"),
    Index("daily_item_by_job", "tbl_daily_item", "JoId_i"),
)
"""Jobs are read in the order of their numbers, operations and output by job. ``docs/erp-indexes.sql`` lists the same."""


def missing_indexes(erp: Database) -> tuple[Index, ...]:
    """Recommended indexes that no index or primary key of the ERP stands in for. A table that is missing, or that the
    account cannot see, misses no index."""
    with transaction(erp) as connection:
        inspector = sa.inspect(connection)
        tables = frozenset(inspector.get_table_names())
        return tuple(i for i in RECOMMENDED if i.table in tables and not _served(inspector, i))


def _served(inspector: sa.Inspector, wanted: Index) -> bool:
    columns = [index["column_names"] for index in inspector.get_indexes(wanted.table)]
    columns.append(list(inspector.get_pk_constraint(wanted.table)["constrained_columns"]))
    return any(names and str(names[0]).lower() == wanted.column.lower() for names in columns)
