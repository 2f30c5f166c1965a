"""What a pull reads of an ERP, whatever its tables are called: subjects, and the meanings that their columns can have.

A mapping (``mapping.py``) says for each subject which table or query has it and which column has which meaning. The readers
know the meanings alone. A unit says how the column writes its meaning; the first unit of a meaning is the usual one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["key", "text", "number", "flag", "code", "date", "time of day", "weekday"]

NUMBER, NAME = "number", "name"
NUMBERS = "numbers, separated by commas"
"""A machine column that may list several machines, all of which the operation needs at once."""
DAY, LOCAL, UTC = "day", "local time", "UTC"
CLOCK, HOURS = "clock", "hours since midnight"
MONDAY_IS_1, MONDAY_IS_0 = "1 is Monday", "0 is Monday"
PIECES_PER_MINUTE, MINUTES_PER_PIECE = "pieces per minute", "minutes per piece"
MINUTES: Mapping[str, Decimal] = {
    "minutes": Decimal(1), "seconds": 1 / Decimal(60), "hours": Decimal(60), "days of 8 hours": Decimal(480),
    "days of 24 hours": Decimal(1440),
}  # fmt: skip
"""Minutes in a unit of duration."""
SPEED: Mapping[str, tuple[Decimal, bool]] = {
    PIECES_PER_MINUTE: (Decimal(1), False), "pieces per hour": (Decimal(60), False), MINUTES_PER_PIECE: (Decimal(1), True),
    "hours per piece": (Decimal(60), True), "seconds per piece": (1 / Decimal(60), True),
}  # fmt: skip
"""Minutes that the unit counts by, and whether it is a time per piece instead of pieces per time."""


@dataclass(frozen=True)
class Meaning:
    """``said``: what it is, for people. ``required``: no plan can be made without it. ``units``: none where there is one
    way to write it."""

    said: str
    kind: Kind
    required: bool = False
    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubjectMeanings:
    """``said``: what a row of it is. ``order``: meanings by which rows are sorted. ``codes``: lists of codes that a mapping
    may give, with what they are for; ``otherwise``: what a status that is in none of them is taken for."""

    said: str
    meanings: Mapping[str, Meaning]
    required: bool = False
    order: tuple[str, ...] = ()
    codes: Mapping[str, str] | None = None
    otherwise: str = ""


_MOMENT = (LOCAL, UTC)
_KEYS = (NUMBER, NAME)
_DURATION = tuple(MINUTES)

SUBJECTS: Mapping[str, SubjectMeanings] = {
    "jobs": SubjectMeanings("an order", {
        "job": Meaning("by what its operations name the order", "key", True, _KEYS),
        "number": Meaning("the order's number for people", "text", True),
        "quantity": Meaning("pieces to make", "number", True),
        "due": Meaning("when it has to be done", "date", units=(DAY, *_MOMENT)),
        "release": Meaning("when its material is there", "date", units=(DAY, *_MOMENT)),
        "created": Meaning("when it was entered (read so that a change of it is noticed)", "date", units=_MOMENT),
        "important": Meaning("whether it is important", "flag"),
        "void": Meaning("whether it is void", "flag"),
        "status": Meaning("its status", "code"),
        "product": Meaning("what is made", "text"),
        "family": Meaning("the setup family of what is made", "text"),
    }, True, ("job",), {"closed": "orders that are not planned"}, "open orders"),
    "operations": SubjectMeanings("an operation of an order", {
        "job": Meaning("the order that it belongs to", "key", True, _KEYS),
        "row": Meaning("its place in the order", "key", True),
        "process": Meaning("its name", "text", True),
        "machine": Meaning("the machine that it is assigned to", "key", units=(NUMBERS, NAME)),
        "setup": Meaning("setup time", "number", units=_DURATION),
        "by_piece": Meaning("whether the speed counts", "flag"),
        "speed": Meaning("how fast it runs", "number", units=tuple(SPEED)),
        "lot_time": Meaning("processing time of all its pieces", "number", units=_DURATION),
        "status": Meaning("its status", "code"),
        "machine_type": Meaning("the machine type that it needs", "key", units=_KEYS),
        "output_row": Meaning("by what reports of output name it, if not by its place", "key"),
        "together": Meaning("whether the ERP lets it run beside the operation before it", "flag"),
    }, True, ("job", "row"), {"finished": "operations that are done", "running": "operations that are at work"},
        "operations that wait"),
    "output": SubjectMeanings("a report of output", {
        "job": Meaning("the order", "key", True, _KEYS),
        "row": Meaning("the operation", "key", True),
        "quantity": Meaning("pieces made", "number", True),
        "at": Meaning("when they were reported", "date", units=_MOMENT),
    }, order=("job", "row")),
    "machines": SubjectMeanings("a machine", {
        "machine": Meaning("by what operations name it", "key", True, _KEYS),
        "name": Meaning("its name", "text", True),
        "machine_type": Meaning("its machine type", "key", units=_KEYS),
        "status": Meaning("its status", "code"),
        "places": Meaning("how many orders it can work on at once", "number"),
        "calendar": Meaning("whose hours it has", "key"),
    }, True, ("machine",), {"active": "machines in service", "out_of_service": "machines out of service"},
        "a status that is not known"),
    "routing": SubjectMeanings("a line of a routing", {
        "routing": Meaning("the routing", "key"),
        "row": Meaning("its place in the routing", "key"),
        "process_id": Meaning("the process's number", "key"),
        "process": Meaning("the process's name", "text"),
        "machine_type": Meaning("the machine type that it needs", "key", True),
    }),
    "alternatives": SubjectMeanings("another machine for an operation", {
        "job": Meaning("the order", "key", True, _KEYS),
        "row": Meaning("the operation's place in it", "key", True),
        "machine": Meaning("the other machine", "key", True, _KEYS),
        "lot_time": Meaning("processing time of all pieces there", "number", units=_DURATION),
    }, order=("job", "row", "machine")),
    "hours": SubjectMeanings("working hours of a weekday", {
        "calendar": Meaning("whose hours they are", "key"),
        "day": Meaning("the weekday; every day where there is none", "weekday", units=(MONDAY_IS_1, MONDAY_IS_0)),
        "start": Meaning("from when", "time of day", True, (CLOCK, HOURS)),
        "end": Meaning("until when", "time of day", True, (CLOCK, HOURS)),
        "works": Meaning("whether they are worked", "flag"),
        "week": Meaning("in which of two alternating weeks: 0 or 1, as whole weeks since 1 January of the year 1", "code"),
        "first_date": Meaning("from which date on", "date", units=(DAY,)),
        "last_date": Meaning("up to which date", "date", units=(DAY,)),
        "timezone": Meaning("the time zone of the hours (it has to be the plant's)", "text"),
    }, True, ("calendar", "day", "start")),
    "machine_hours": SubjectMeanings("working hours of a machine or machine type on a weekday", {
        "machine": Meaning("the machine", "key"),
        "machine_type": Meaning("the machine type, where there is no machine", "key"),
        "day": Meaning("the weekday", "weekday", True, (MONDAY_IS_1, MONDAY_IS_0)),
        "start": Meaning("from when", "time of day", True, (CLOCK,)),
        "end": Meaning("until when", "time of day", True, (CLOCK,)),
    }, order=("machine", "machine_type", "day", "start")),
    "breaks": SubjectMeanings("a break", {
        "name": Meaning("its name", "text"),
        "start": Meaning("from when", "time of day", True, (CLOCK, HOURS)),
        "end": Meaning("until when", "time of day", True, (CLOCK, HOURS)),
        "minutes": Meaning("how long", "number"),
        "day": Meaning("the weekday; every day where there is none", "weekday", units=(MONDAY_IS_1, MONDAY_IS_0)),
        "active": Meaning("whether it counts", "flag"),
    }, order=("start", "day", "name")),
    "holidays": SubjectMeanings("a day off", {
        "date": Meaning("the date", "date", True, (DAY, *_MOMENT)),
        "name": Meaning("its name", "text"),
        "until": Meaning("the end of a time off of several days or of a part of one, as the date is written", "date"),
        "full_day": Meaning("whether it is a whole day", "flag"),
        "start": Meaning("from when nobody works, where it is not a whole day", "time of day"),
        "end": Meaning("until when nobody works, where it is not a whole day", "time of day"),
        "active": Meaning("whether it counts", "flag"),
        "calendar": Meaning("whose day off it is", "key"),
    }, order=("date", "name")),
    "downtimes": SubjectMeanings("a time in which a machine does not work", {
        "machine": Meaning("the machine", "key", True, _KEYS),
        "start": Meaning("from when", "date", True, _MOMENT),
        "end": Meaning("until when", "date", True, _MOMENT),
        "reason": Meaning("why", "text"),
    }, order=("machine", "start")),
}  # fmt: skip
