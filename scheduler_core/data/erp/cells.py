"""One cell of an ERP row into a Python value, or the reason why it cannot be used."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from scheduler_core.interchange.placeholder_dates import stands_for_none
from scheduler_core.interchange.written_numbers import BadNumber, exact_number
from scheduler_core.limits import MAX_TEXT

_WRITTEN_OUT = 1_000
"""Digits before or after the point of a number that is written without an exponent."""
YES = frozenset(("1", "Y", "YES", "T", "TRUE", "X"))
NO = frozenset(("", "0", "N", "NO", "F", "FALSE"))
"""What stands in the flags of ERPs, in capitals; everything else is refused and named."""


class BadCell(ValueError):
    """A cell that cannot be used: ``field``, its ``content`` as text, and the ``reason`` in a planner's words."""

    def __init__(self, field: str, content: object, reason: str) -> None:
        self.field = field
        self.content = shown(content)
        self.reason = reason
        super().__init__(f"{field}: {self.content} {reason}")


def shown(content: object, limit: int = 120) -> str:
    """A cell as text for a person, shortened."""
    text = canonical(content)
    if not text.strip():
        return "(empty)"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def canonical(content: object) -> str:
    """A cell as text that is the same whichever database it came from."""
    # Nearly every cell is one of these, and every cell of a pull comes by here several times.
    kind = type(content)
    if kind is str:
        return content  # type: ignore[return-value]  # by the line before
    if kind is int:
        return int.__repr__(content)
    if content is None:
        return ""
    if isinstance(content, (bytes, bytearray)):
        # A BIT(1) column arrives as a byte; other bytes are shown, but are never taken for a number.
        return str(content[0]) if bytes(content) in (b"\0", b"\1") else f"0x{bytes(content).hex()}"
    if isinstance(content, bool):
        return str(int(content))
    if isinstance(content, (float, Decimal)):
        number = Decimal(repr(content)) if isinstance(content, float) else content
        # A number beyond what can be computed with stays as it is written; written out it would fill the memory.
        plain = number.is_finite() and abs(number.adjusted()) < _WRITTEN_OUT
        return format(number.normalize(), "f") if plain else str(number)
    if isinstance(content, datetime):
        return content.isoformat(" ")
    if isinstance(content, timedelta):
        seconds = int(content.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(content)


def key(content: object, ignore_case: bool = False) -> str:
    """A number or name by which rows are found, as databases compare it: without trailing blanks, and without letter case if
    the column's collation ignores it."""
    written = canonical(content).rstrip(" ")
    return written.lower() if ignore_case else written


def text(field: str, content: object, limit: int = MAX_TEXT) -> str:
    """Non-blank text of at most ``limit`` characters, exactly as it stands there."""
    value = canonical(content)
    if not value.strip():
        raise BadCell(field, content, "is empty")
    if len(value) > limit:
        raise BadCell(field, content, f"is longer than {limit} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadCell(field, value.encode("utf-8", "backslashreplace").decode(), "is not valid UTF-8 text") from None
    return value


def label(field: str, content: object, otherwise: str) -> str:
    """A name that may be left out: then ``otherwise``."""
    return text(field, content) if canonical(content).strip() else otherwise


def number(field: str, content: object) -> Decimal | None:
    """An exact finite number, None for an empty cell."""
    if content is None or (isinstance(content, str) and not content.strip()):
        return None
    try:
        return exact_number(canonical(content).strip())
    except BadNumber as bad:
        raise BadCell(field, content, str(bad)) from None


def whole(field: str, content: object) -> int:
    """A whole number; an empty cell is refused."""
    value = number(field, content)
    if value is None:
        raise BadCell(field, content, "is empty")
    if value != value.to_integral_value():
        raise BadCell(field, content, "is not a whole number")
    return int(value)


def flag(field: str, content: object) -> bool:
    """True for 1 or a word for yes, False for 0, a word for no or an empty cell."""
    value = canonical(content).strip().upper()
    if value not in YES and value not in NO:
        raise BadCell(field, content, "is neither 0 nor 1")
    return value in YES


def stands_for_no_date(content: object) -> bool:
    """True for a zero date, and for the dates that ERPs write where there is none (``placeholder_dates.NO_DATES``)."""
    return stands_for_none(canonical(content).strip())


def moment(field: str, content: object) -> datetime | None:
    """A date or date with time, None for an empty cell."""
    if content is None or (isinstance(content, str) and not content.strip()):
        return None
    if isinstance(content, datetime):
        return content
    if isinstance(content, date):
        return datetime(content.year, content.month, content.day)
    raw = canonical(content).strip()
    if re.match(r"0000-|\d{4}-00|\d{4}-\d\d-00", raw):
        raise BadCell(field, content, "is a zero date, which no calendar has")
    if not re.match(r"\d{4}-\d\d-\d\d", raw):
        raise BadCell(field, content, "is not a date")
    try:
        return datetime.fromisoformat(raw).replace(tzinfo=None)
    except ValueError:
        raise BadCell(field, content, "is not a date") from None


def day(field: str, content: object) -> date | None:
    """The date of a date or date with time, None for an empty cell."""
    value = moment(field, content)
    return None if value is None else value.date()


def minute_of_day(field: str, content: object) -> int:
    """Minutes after midnight, 0 to 1440 (24:00), rounded to the nearest one: 23:59:59 is 24:00."""
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?", canonical(content).strip())
    minutes = int(found[1]) * 60 + int(found[2]) + (float(found[3] or 0) >= 30) if found else -1
    if not 0 <= minutes <= 1440:
        raise BadCell(field, content, "is not a time of day")
    return minutes
