"""The lowest class of runs: standing searches, which use the cores that nobody else wants (docs/automation.md).

One begins where no run of another class waits or is at work, and takes no place from any. As soon as another run begins it
is asked to end with its best so far.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store.records import MANUAL, STANDING, RunState
from scheduler_core.data.store.tables import RUN

_UNFINISHED = (RunState.QUEUED.value, RunState.RUNNING.value)


def next_in_line(connection: Connection) -> str | None:
    """The standing search that has waited longest; None while one is at work, or another run waits or is at work."""
    others = sa.select(RUN.c.run_id).where(RUN.c.state.in_(_UNFINISHED), RUN.c.engine.not_in((MANUAL, STANDING)))
    if connection.execute(others.limit(1)).first() is not None or at_work(connection):
        return None
    waiting = sa.select(RUN.c.run_id).where(RUN.c.engine == STANDING, RUN.c.state == RunState.QUEUED.value)
    return connection.execute(waiting.order_by(RUN.c.order_no, RUN.c.run_id).limit(1)).scalar()


def at_work(connection: Connection) -> tuple[str, ...]:
    """The standing searches that are at work: one, unless a store was restored from two."""
    query = sa.select(RUN.c.run_id).where(RUN.c.engine == STANDING, RUN.c.state == RunState.RUNNING.value)
    return tuple(connection.execute(query).scalars())
