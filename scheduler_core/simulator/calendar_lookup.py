"""Look-ups in the tables of working time, compiled. ``table`` is a row of the packed plant's tables."""

from __future__ import annotations

from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK
from scheduler_core.simulator.arrays import NEVER, OvertimeTables, PlantArrays
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.working_time import BUCKET_SHIFT


@compiled
def worked_before(arrays: PlantArrays | OvertimeTables, table: int, minute: int) -> int:
    """Working minutes of the table in [0, ``minute``)."""
    if minute <= 0:
        return 0
    extra = 0
    if minute >= arrays.horizon:
        weeks = (minute - arrays.horizon) // MINUTES_PER_WEEK + 1
        minute -= weeks * MINUTES_PER_WEEK
        extra = weeks * arrays.table_week[table]
    i = arrays.table_day_first[table, minute // MINUTES_PER_DAY]
    count = arrays.table_count[table]
    while i < count and arrays.table_end[table, i] <= minute:
        i += 1
    inside = minute - arrays.table_start[table, i] if i < count else 0
    before: int = arrays.table_before[table, i]
    return extra + before + max(0, inside)


@compiled
def minute_of_work(arrays: PlantArrays, table: int, number: int) -> int:
    """The minute in which working minute ``number`` (from 0) lies; NEVER where the table has no such minute."""
    offset = 0
    total = arrays.table_total[table]
    if number >= total:
        week = arrays.table_week[table]
        if week == 0:
            return NEVER
        weeks = (number - total) // week + 1
        number -= weeks * week
        offset = weeks * MINUTES_PER_WEEK
    i = arrays.table_bucket_first[table, number >> BUCKET_SHIFT]
    while arrays.table_before[table, i + 1] <= number:
        i += 1
    start: int = arrays.table_start[table, i]
    before: int = arrays.table_before[table, i]
    return offset + start + number - before


@compiled_inline
def span_of_work(arrays: PlantArrays, table: int, begin: int, minutes: int) -> tuple[int, int]:
    """(first minute, behind the last) of so many working minutes from ``begin`` on, one at least."""
    number = worked_before(arrays, table, begin)
    return minute_of_work(arrays, table, number), minute_of_work(arrays, table, number + minutes - 1) + 1


@compiled_inline
def end_of_work(arrays: PlantArrays, table: int, begin: int, minutes: int) -> int:
    """The minute behind the last of so many working minutes from ``begin`` on, one at least."""
    return minute_of_work(arrays, table, worked_before(arrays, table, begin) + minutes - 1) + 1


@compiled
def first_working(arrays: PlantArrays, table: int, minute: int) -> int:
    """The first working minute at or after ``minute``."""
    return minute_of_work(arrays, table, worked_before(arrays, table, minute))


@compiled
def open_until(arrays: PlantArrays, table: int, minute: int) -> int:
    """The first minute after the working ``minute`` for which the table must be asked again whether it works: at the latest
    the end of the interval in which it lies."""
    past = 0
    if minute >= arrays.horizon:
        past = ((minute - arrays.horizon) // MINUTES_PER_WEEK + 1) * MINUTES_PER_WEEK
    i = arrays.table_day_first[table, (minute - past) // MINUTES_PER_DAY]
    while arrays.table_end[table, i] <= minute - past:
        i += 1
    end: int = arrays.table_end[table, i]
    return past + end
