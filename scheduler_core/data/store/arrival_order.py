"""What came first: by numbers that only grow, as the clock of a server may be set back.

The number of a row is that of the line of the audit trail that tells how it was added, so rows of different tables compare.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store.tables import AUDIT, RUN, SCHEDULE, SNAPSHOT


def next_number(connection: Connection) -> int:
    """The ``order_no`` of a row that is added now, with a line of the trail in the same transaction.

    Two that are added at the same moment may get the same one; which of them came first nobody can say.
    """
    return 1 + int(connection.execute(sa.select(sa.func.max(AUDIT.c.audit_seq))).scalar() or 0)


def misplaced(connection: Connection) -> Iterator[str]:
    """Rows that claim to be newer than the line of the trail that tells of them: somebody has put them in front."""
    for table, acts in ((SNAPSHOT, ("snapshot",)), (RUN, ("run",)), (SCHEDULE, ("run-ok", "run-failed"))):
        key = table.c.run_id if table is SCHEDULE else next(iter(table.c))
        line = sa.select(sa.func.max(AUDIT.c.audit_seq)).where(AUDIT.c.subject == key, AUDIT.c.act.in_(acts))
        later = table.c.order_no > line.correlate(table).scalar_subquery()
        for subject in connection.execute(sa.select(next(iter(table.c))).where(later)).scalars():
            yield f"{table.name} {subject} stands in front of what was kept after it"


def newest_first(table: sa.Table) -> tuple[sa.ColumnElement[int], sa.ColumnElement[str]]:
    """The order of a table that has an ``order_no``; of equals the id decides, the table's first column."""
    return table.c.order_no.desc(), next(iter(table.c))


def comes_after(table: sa.Table, order: int, key: str) -> sa.ColumnElement[bool]:
    """True of the rows that ``newest_first`` puts after the row of this number and id."""
    first = next(iter(table.c))
    return sa.or_(table.c.order_no < order, sa.and_(table.c.order_no == order, first > key))


def line_of(subject: sa.ColumnElement[str], act: str) -> sa.ColumnElement[int]:
    """The number of a row of a table without such a column, from the trail itself; 0 where no line tells of it."""
    line = sa.select(sa.func.max(AUDIT.c.audit_seq)).where(AUDIT.c.subject == subject, AUDIT.c.act == act)
    return sa.func.coalesce(line.correlate(subject.table).scalar_subquery(), 0)
