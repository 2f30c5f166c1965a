"""Look-ups in the tables of working time, compiled. ``a`` is the packed plant, ``table`` a row of its tables."""

from __future__ import annotations

from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.working_time import BUCKET_SHIFT


@compiled
def worked_before(a, table, t):
    """Working minutes of the table in [0, t)."""
    if t <= 0:
        return 0
    extra = 0
    if t >= a.horizon:
        weeks = (t - a.horizon) // MINUTES_PER_WEEK + 1
        t -= weeks * MINUTES_PER_WEEK
        extra = weeks * a.table_week[table]
    i = a.table_day_first[table, t // MINUTES_PER_DAY]
    count = a.table_count[table]
    while i < count and a.table_end[table, i] <= t:
        i += 1
    inside = t - a.table_start[table, i] if i < count else 0
    return extra + a.table_before[table, i] + max(0, inside)


@compiled
def minute_of_work(a, table, c):
    """The minute in which working minute number c (from 0) lies; NEVER where the table has no such minute."""
    offset = 0
    total = a.table_total[table]
    if c >= total:
        week = a.table_week[table]
        if week == 0:
            return NEVER
        weeks = (c - total) // week + 1
        c -= weeks * week
        offset = weeks * MINUTES_PER_WEEK
    i = a.table_bucket_first[table, c >> BUCKET_SHIFT]
    while a.table_before[table, i + 1] <= c:
        i += 1
    return offset + a.table_start[table, i] + c - a.table_before[table, i]


@compiled_inline
def span_of_work(a, table, begin, minutes):
    """(first minute, behind the last) of so many working minutes from ``begin`` on, one at least."""
    c = worked_before(a, table, begin)
    return minute_of_work(a, table, c), minute_of_work(a, table, c + minutes - 1) + 1


@compiled_inline
def end_of_work(a, table, begin, minutes):
    """The minute behind the last of so many working minutes from ``begin`` on, one at least."""
    return minute_of_work(a, table, worked_before(a, table, begin) + minutes - 1) + 1


@compiled
def first_working(a, table, t):
    """The first working minute at or after t."""
    return minute_of_work(a, table, worked_before(a, table, t))


@compiled
def open_until(a, table, t):
    """The first minute after working minute t for which the table must be asked again whether it works: at the latest the
    end of t's interval."""
    past = 0
    if t >= a.horizon:
        past = ((t - a.horizon) // MINUTES_PER_WEEK + 1) * MINUTES_PER_WEEK
    i = a.table_day_first[table, (t - past) // MINUTES_PER_DAY]
    while a.table_end[table, i] <= t - past:
        i += 1
    return past + a.table_end[table, i]
