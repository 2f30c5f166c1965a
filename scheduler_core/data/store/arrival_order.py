"""What came first: by numbers that only grow, as the clock of a server may be set back.

The number of a row is that of the line of the audit trail that tells how it was added, so rows of different tables compare.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store.tables import AUDIT


def next_number(connection: Connection) -> int:
    """The ``order_no`` of a row that is added now, with a line of the trail in the same transaction.

    Two that are added at the same moment may get the same one; which of them came first nobody can say.
    """
    return 1 + int(connection.execute(sa.select(sa.func.max(AUDIT.c.audit_seq))).scalar() or 0)


def newest_first(table: sa.Table) -> tuple[sa.ColumnElement[int], sa.ColumnElement[str]]:
    """The order of a table that has an ``order_no``; of equals the id decides, the table's first column."""
    return table.c.order_no.desc(), next(iter(table.c))


def line_of(subject: sa.ColumnElement[str], act: str) -> sa.ColumnElement[int]:
    """The number of a row of a table without such a column, from the trail itself; 0 where no line tells of it."""
    line = sa.select(sa.func.max(AUDIT.c.audit_seq)).where(AUDIT.c.subject == subject, AUDIT.c.act == act)
    return sa.func.coalesce(line.correlate(subject.table).scalar_subquery(), 0)
