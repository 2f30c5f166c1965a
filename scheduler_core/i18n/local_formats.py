"""Dates, numbers and percent as the reader's language writes them. Times keep the plant's clock.

English keeps the house style: day before month, 24 hours, thin spaces between thousands. A language states its own order of
day and month in its catalogue (docs/translating.md); names of days and months and the signs of numbers come from the Unicode
locale data.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_decimal_symbol

from scheduler_core.i18n.translate import ENGLISH, THIN_SPACE, group_sign, language, t, tp

MINUS = "−"
_MONDAY = date(2024, 1, 1)


def stamp_text(moment: datetime) -> str:
    """Weekday, day, month and time of a moment on the plant's clock."""
    return _dated(moment, tp("date", "EEE d MMM HH:mm"))


def full_stamp_text(moment: datetime) -> str:
    """The same with the year."""
    return _dated(moment, tp("date", "EEE d MMM y HH:mm"))


def second_text(moment: datetime) -> str:
    """Day, month and time to the second."""
    return _dated(moment, tp("date", "dd MMM HH:mm:ss"))


def day_text(moment: date) -> str:
    """Weekday, day and month."""
    return _dated(moment, tp("date", "EEE d MMM"))


def short_day_text(moment: date) -> str:
    """Day and month."""
    return _dated(moment, tp("date", "dd MMM"))


def date_field() -> str:
    """How a field writes the date that is entered: DD, MM and YYYY with "/", "." or "-" between them."""
    return tp("date field", "DD/MM/YYYY")


def zone_text(timezone: str) -> str:
    """A time zone (IANA, "Asia/Kuala_Lumpur") by its city."""
    return t("{city} time", city=timezone.rsplit("/", maxsplit=1)[-1].replace("_", " "))


def day_pattern() -> str:
    """How a day is written, for a script: {weekday}, {day}, {month} and {number}, the month's."""
    return tp("canvas date", "{weekday} {day} {month}")


def time_text(moment: datetime | time) -> str:
    """Hours and minutes."""
    return f"{moment:%H:%M}"


def weekday_text(number: int) -> str:
    """Short name of a weekday, 0 is Monday."""
    return _dated(_MONDAY + timedelta(days=number), "EEE")


def weekdays() -> tuple[str, ...]:
    """Short names of the weekdays, Monday first."""
    return tuple(weekday_text(k) for k in range(7))


def months() -> tuple[str, ...]:
    """Short names of the months, January first."""
    return tuple(_dated(date(2024, k + 1, 1), "MMM") for k in range(12))


def number_text(value: float, digits: int = 1) -> str:
    """A number with so many digits after the point, thousands set apart."""
    spoken = language()
    text = f"{abs(value):,.{digits}f}"
    if spoken == ENGLISH:
        text = text.replace(",", THIN_SPACE)
    else:
        point, group = _signs(spoken)
        text = text.translate({ord(","): group, ord("."): point})
    return (MINUS if value < 0 and float(f"{value:.{digits}f}") else "") + text


def quantity_text(value: float) -> str:
    """A number of pieces, without needless digits."""
    spoken = language()
    if spoken == ENGLISH:
        return f"{value:,.12g}".replace(",", THIN_SPACE)
    return str(format_decimal(value, format="#,##0.############", locale=spoken))


def percent_text(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 in percent."""
    return tp("percent", "{number} %", number=number_text(share * 100, digits))


def percent_pattern() -> str:
    """How a share is written, for a script: {number} is its percent."""
    return tp("percent", "{number} %")


def plotly_separators() -> str:
    """Decimal and thousands sign for a chart."""
    return "." + THIN_SPACE if language() == ENGLISH else "".join(_signs(language()))


def plotly_stamp() -> str:
    """How a chart writes moments on its axis; without names of days and months, which it knows only in English, in other
    languages."""
    return "%a %-d %b\n%H:%M" if language() == ENGLISH else "%Y-%m-%d\n%H:%M"


@cache
def _signs(spoken: str) -> tuple[str, str]:
    return get_decimal_symbol(Locale.parse(spoken)), group_sign(spoken)


def _dated(moment: date, pattern: str) -> str:
    # Moments of two time zones can be equal and yet be written differently: the zone goes before the look into the cache.
    clock = moment.replace(tzinfo=None) if isinstance(moment, datetime) else moment
    return _written(clock, pattern, language())


@lru_cache(maxsize=8192)
def _written(clock: date, pattern: str, spoken: str) -> str:
    """A page writes the same moments again and again: a quarter of the time that Dispatch took went into it."""
    if isinstance(clock, datetime):
        return str(format_datetime(clock, pattern, locale=spoken))
    return str(format_date(clock, pattern, locale=spoken))
