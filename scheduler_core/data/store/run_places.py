"""Which classes of waiting runs have a free place (docs/limits.md): what-ifs and short runs have some beside those of all.

A short run is a greedy one without a time limit. It uses the places of its class first, and so takes none from a search
while there is one. A what-if uses the places of all runs first: a search that ends hands its place to the next what-if.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store.tables import RUN, SCENARIO
from scheduler_core.settings.run_slots import RunSlots

_SHORT = sa.and_(RUN.c.engine == "greedy", RUN.c.config.contains('"time_limit":null', autoescape=True))
_WHAT_IF = RUN.c.snapshot_id.in_(sa.select(SCENARIO.c.snapshot_id))


def free(
    connection: Connection, places: RunSlots, counted: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool] | None:  # fmt: skip
    """The condition of waiting runs for which a place is free, None if there is no free place at all.

    ``counted``: of the runs at work that hold a place.
    """
    short = sa.func.coalesce(sa.func.sum(sa.case((_SHORT, 1), else_=0)), 0)
    working, shorts = connection.execute(sa.select(sa.func.count(), short).select_from(RUN).where(counted)).one()
    taken = int(working) - min(int(shorts), places.short)
    if taken < places.runs:
        return sa.true()
    classes: list[sa.ColumnElement[bool]] = []
    if taken < places.runs + places.what_if:
        classes.append(_WHAT_IF)
    if int(shorts) < places.short:
        classes.append(_SHORT)
    return sa.or_(*classes) if classes else None
