"""The sheets of a plant's workbook beside its jobs: their columns, and what a planner writes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet; ``needed``: the sheet must have it."""

    name: str
    needed: bool
    meaning: str


PLANT: Final = "Plant"
MACHINES: Final = "Machines"
CALENDARS: Final = "Calendars"
SETUPS: Final = "Setups"
KINDS: Final = ("shift", "overtime", "break", "holiday", "extra")
"""What a row of the sheet of calendars may be."""
SETTINGS: Final = {
    "plant": "Name of the plant. It stays the same for good: recorded facts belong to it.",
    "time_zone": "IANA time zone, such as Europe/Berlin or Asia/Kuala_Lumpur.",
    "plan_start": "The moment from which is planned (2025-07-21 06:00). Empty: the moment at which the workbook is loaded.",
}
"""The rows of the sheet of the plant."""
COLUMNS: Final[dict[str, tuple[SheetColumn, ...]]] = {
    PLANT: (
        SheetColumn("setting", True, f"One of: {', '.join(SETTINGS)}."),
        SheetColumn("value", True, "Its value."),
    ),
    MACHINES: (
        SheetColumn("number", True, "Number of the machine, a whole one. It stays the same for good, also when rows move."),
        SheetColumn("machine", True, "Name of the machine."),
        SheetColumn("work_centre", True, "Its work centre: machines of one work centre can stand in for each other."),
        SheetColumn("calendar", True, "Its calendar, by the name that the sheet Calendars gives it."),
        SheetColumn("set_up_for", False, "Setup family for which it is set up now. Empty: none."),
        SheetColumn("available_from", False, "Date, or date and time, from which it can be used. Empty: at once."),
    ),
    CALENDARS: (
        SheetColumn("calendar", True, "Name of the calendar; every row of it repeats it."),
        SheetColumn(
            "kind", True,
            "shift (every week), overtime (a weekly shift that costs more), break, holiday, or extra (hours on one date).",
        ),
        SheetColumn("days", False, "Of a shift or a break: Mon-Fri, or Mon, Wed; empty for a break: every day."),
        SheetColumn("date", False, "Of a holiday or of extra hours: the date."),
        SheetColumn(
            "start", True, "06:00. A holiday without start and end is the whole day, with them the part that is closed."
        ),
        SheetColumn("end", True, "14:00. An end at or before the start is on the next day (22:00 to 06:00)."),
        SheetColumn("name", False, "Name of the break or the holiday."),
    ),
    SETUPS: (
        SheetColumn("work_centre", True, "Work centre, by name."),
        SheetColumn("from_family", True, "Setup family before."),
        SheetColumn("to_family", True, "Setup family after."),
        SheetColumn("minutes", True, "Setup minutes of this change. Without a row the operation's setup_minutes count."),
    ),
}  # fmt: skip
"""The columns of each sheet; the sheet of setups may be missing. The sheet of jobs is a table of jobs."""
