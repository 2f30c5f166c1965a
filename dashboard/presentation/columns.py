"""Columns of true values, each with one format: the page, the workbook and the sorting all follow the value.

A frame holds numbers, dates and durations, never their words. ``frame_of`` builds it from columns that name their format,
``shown`` writes the values in the reader's language while the browser sorts by the value behind the words, and the workbook
gives each cell the number format of its column. A column without a format holds text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from pandas.io.formats.style import Styler

from dashboard.presentation import formatting
from scheduler_core.i18n.local_formats import full_stamp_text, quantity_text
from scheduler_core.interchange.workbook import Styled

_ATTRIBUTE: Final = "shopwright_formats"
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_TICK: Final = "✓"


@dataclass(frozen=True)
class Format:
    """How the values of a column look. ``words``: a value for the reader; ``plain``: the number, moment or text that the
    browser sorts by; ``cell``: the value and number format of a workbook's cell."""

    words: Callable[[Any], str]
    plain: Callable[[Any], Any]
    cell: Callable[[Any], Styled]
    dtype: str | None = None


def number(digits: int, unit: str = "", signed: bool = False) -> Format:
    """Numbers with so many digits after the point and a unit behind them; ``signed``: changes, which always carry a sign."""
    code = "#,##0" + ("." + "0" * digits if digits else "") + (f'"{unit}"' if unit else "")
    code = f"+{code};-{code};{code}" if signed else code
    write = formatting.signed_number if signed else formatting.number
    return Format(lambda v: write(v, digits) + unit, float, lambda v: Styled(v, code), "float64")


def percent(digits: int = 0, signed: bool = False) -> Format:
    """Shares from 0 to 1 in percent; ``signed``: relative changes."""
    code = "0" + ("." + "0" * digits if digits else "") + "%"
    code = f"+{code};-{code};{code}" if signed else code

    def words(share: float) -> str:
        return formatting.signed_percent(share, digits) if signed else formatting.percent(share, digits)

    return Format(words, lambda v: float(v) * 100, lambda v: Styled(v, code), "float64")


def _days(value: timedelta) -> float:
    return round(value / _DAY, 5)


def _pieces_cell(value: float) -> Styled:
    return Styled(value, "#,##0" if float(value).is_integer() else "#,##0.###")


WHOLE = number(0)
ONE = number(1)
TWO = number(2)
PIECES = Format(quantity_text, float, _pieces_cell, "float64")
"""A quantity, without needless digits."""
NUMBER_NAME = Format(str, float, lambda v: Styled(v, "0"), "float64")
"""Numbers that name something, such as operations and versions: without thousands signs."""
SHARE = percent()
SHARE_ONE = percent(1)
LATENESS = Format(
    lambda v: formatting.signed_days(v // timedelta(minutes=1)), _days,
    lambda v: Styled(_days(v), '+0.00" d";-0.00" d";0.00" d"'), "float64",
)  # fmt: skip
"""Signed durations (timedelta), positive is late; in a workbook, which has no negative times, as days."""
DURATION = Format(
    lambda v: formatting.hours_minutes(v // timedelta(minutes=1)), lambda v: round(v / _HOUR, 4),
    lambda v: Styled(v / _DAY, "[h]:mm"), "float64",
)  # fmt: skip
"""Durations (timedelta, not negative) as h:mm."""
MOMENT = Format(formatting.stamp, lambda v: v, lambda v: Styled(v, 'ddd" "d" "mmm" "yyyy" "hh:mm'), "datetime64[us]")
"""Moments on the plant's clock, without a time zone."""
DAY_OR_MOMENT = Format(
    lambda v: formatting.stamp(v) if v.time() != time() else formatting.day(v), lambda v: v,
    lambda v: Styled(v, 'ddd" "d" "mmm" "yyyy" "hh:mm' if v.time() != time() else 'ddd" "d" "mmm" "yyyy'), "datetime64[us]",
)  # fmt: skip
"""The same for days that may have a time: midnight is the day itself, and no "00:00" stands behind it."""
DATED_MOMENT = Format(full_stamp_text, lambda v: v, lambda v: Styled(v, 'ddd" "d" "mmm" "yyyy" "hh:mm'), "datetime64[us]")
"""Moments with the year, for those of the wall clock."""
DATE = Format(formatting.day, lambda v: v, lambda v: Styled(v, 'ddd" "d" "mmm" "yyyy'), "datetime64[us]")
"""Days without a time."""
TICK = Format(lambda v: _TICK if v else "", lambda v: _TICK if v else "", lambda v: Styled(bool(v), "General"))
"""True or false, as a tick or nothing: never a box that looks as if it could be ticked."""


def before_after(one: Format) -> Format:
    """Pairs of values, before and after; they sort, and stand in a workbook, by the one after."""
    return Format(
        lambda pair: f"{one.words(pair[0])} → {one.words(pair[1])}",
        lambda pair: one.plain(pair[1]), lambda pair: one.cell(pair[1]), one.dtype,
    )  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A heading and the format of its values; without one they are text."""

    heading: str
    format: Format | None = None


@dataclass(frozen=True)
class _Formats:
    """What a frame carries: the format of each column, those of single rows (by their label), and marked cells."""

    columns: Mapping[str, Format]
    rows: Mapping[str, Mapping[int, Format]]
    marked: Mapping[str, frozenset[int]]


def frame_of(
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    *,
    row_formats: Mapping[str, Sequence[Format]] | None = None,
    marked: Mapping[str, Iterable[int]] | None = None,
) -> pd.DataFrame:
    """A frame of true values (None: not known) that carries its formats through filters and sorting.

    ``row_formats``: columns whose rows have a format each (a table of figures); ``marked``: places of the cells that carry a
    mark behind their words. Raises ValueError where a row has another number of values than there are columns.
    """
    values = [list(row) for row in rows]
    data = {}
    for k, column in enumerate(columns):
        if any(len(row) != len(columns) for row in values):
            raise ValueError(f"{len(columns)} columns need rows of as many values")
        data[column.heading] = _series([row[k] for row in values], column.format)
    frame = pd.DataFrame(data, columns=[c.heading for c in columns])
    frame.attrs[_ATTRIBUTE] = _Formats(
        {c.heading: c.format for c in columns if c.format is not None},
        {heading: dict(enumerate(formats)) for heading, formats in (row_formats or {}).items()},
        {heading: frozenset(places) for heading, places in (marked or {}).items()},
    )
    return frame


def formats_of(frame: pd.DataFrame) -> Mapping[str, Format]:
    """The formats of the frame's columns; columns of text have none."""
    return _carried(frame).columns


def shown(frame: pd.DataFrame) -> Styler:
    """The frame for ``st.dataframe``: the cells read as words, the browser sorts by the values."""
    carried = _carried(frame)
    plain = frame.copy()
    plain.attrs = {}
    words: dict[str, list[str]] = {}
    for heading in frame.columns:
        by_row, usual = carried.rows.get(heading, {}), carried.columns.get(heading)
        if not by_row and usual is None:
            continue
        marks = carried.marked.get(heading, frozenset())
        cells = list(zip(frame.index, frame[heading].astype(object), strict=True))
        formats = [by_row.get(label, usual) for label, _ in cells]
        words[heading] = [
            formatting.NOTHING if f is None or _missing(v) else f.words(_value(v)) + (f" {_TICK}" if label in marks else "")
            for f, (label, v) in zip(formats, cells, strict=True)
        ]
        sortable = [
            None if f is None or _missing(v) else f.plain(_value(v)) for f, (_, v) in zip(formats, cells, strict=True)
        ]
        dtype = "float64" if by_row else usual.dtype if usual is not None else None
        plain[heading] = pd.Series(sortable, index=frame.index, dtype=dtype or "object")
    style = plain.style
    for heading, texts in words.items():
        style = style.format(_in_turn(texts), subset=[heading], na_rep=None)
    return style


def _in_turn(texts: Sequence[str]) -> Callable[[object], str]:
    """Pandas asks for the words of a column from the top."""
    place = iter(texts)
    return lambda _: next(place)


def sortable(style: Styler) -> pd.DataFrame:
    """The values that the browser gets, sorts by and copies."""
    data: pd.DataFrame = vars(style)["data"]
    return data


def cells(frame: pd.DataFrame) -> list[list[object]]:
    """The rows for a workbook: values with their number formats."""
    carried = _carried(frame)
    found = []
    for label, row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True):
        line: list[object] = []
        for heading, value in zip(frame.columns, row, strict=True):
            one = carried.rows.get(heading, {}).get(label, carried.columns.get(heading))
            line.append(None if _missing(value) else value if one is None else one.cell(_value(value)))
        found.append(line)
    return found


def minutes(amount: int | None) -> timedelta | None:
    """A duration in minutes as a column's value."""
    return None if amount is None else timedelta(minutes=amount)


def moment(when: datetime | None, zone: ZoneInfo | None = None) -> datetime | None:
    """A moment as a column's value: on the plant's clock, without a zone. ``zone``: the plant's, for one of another zone."""
    if when is None:
        return None
    return (when.astimezone(zone) if zone is not None else when).replace(tzinfo=None)


def _carried(frame: pd.DataFrame) -> _Formats:
    found = frame.attrs.get(_ATTRIBUTE)
    return found if isinstance(found, _Formats) else _Formats({}, {}, {})


def _series(values: list[object], one: Format | None) -> pd.Series[Any]:
    if one is not None and one.dtype == "datetime64[us]":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[us]")
    if values and all(isinstance(v, timedelta) for v in values if v is not None) and any(v is not None for v in values):
        return pd.Series(pd.to_timedelta(pd.Series(values, dtype="object")))
    if one is not None and any(v is None for v in values):
        return pd.Series(values, dtype="object")  # whole numbers stay whole beside what is not known
    return pd.Series(values, dtype=None if values else "object")


def _missing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value)


def _value(value: object) -> object:
    """pandas' own kinds of moments and durations as Python's, so that formats meet one kind."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, pd.Timedelta):
        return value.to_pytimedelta()
    return value.item() if hasattr(value, "item") and not isinstance(value, date) else value
