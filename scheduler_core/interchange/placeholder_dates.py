"""Dates that programs write where there is none."""

from __future__ import annotations

NO_DATES = frozenset(
    ("0000-00-00", "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2999-12-31")
)
"""What stands in date columns that may not be empty; every day of the year 9999 does, too."""


def stands_for_none(day: str) -> bool:
    """True for a day (``2025-07-25``, more text may follow) that stands for no date."""
    return day[:5] == "9999-" or day[:10] in NO_DATES
