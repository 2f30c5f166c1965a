"""Extra hours, closed hours and limited machines: on one date, on several, every week, with and without an end."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from scheduler_core.calendar_hours import Span, hours_on
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Calendar, ExtraHours, Holiday, Plant, WorkWindow
from scheduler_core.scenarios.calendar_edits import closed, opened
from scheduler_core.scenarios.change_wording import change_words
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.changes_file import change_from_json, change_to_json, changes_from_json, changes_to_json
from scheduler_core.scenarios.days import Days, on
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited
from tests.support.plants import OFFICE, job, machine, operation, plant

NIGHTS = Calendar(
    "nights", tuple(WorkWindow(day, 1320, 1800) for day in range(1, 6)), extra=(ExtraHours(date(2025, 7, 26), 480, 720),)
)
SHOP = plant(
    job("A", operation(60, 1), operation(30, 2)), calendars=(OFFICE, NIGHTS),
    machines=(machine(1, calendar="office"), machine(2, calendar="office"), machine(3, 2, calendar="nights")),
)  # fmt: skip
MONDAY, SATURDAY, OFF = date(2025, 7, 21), date(2025, 7, 26), date(2025, 7, 23)
"""The plan starts on MONDAY; OFF is a holiday of the office calendar."""
OFFICE_DAY = ((480, 1080),)
WEEKS = [MONDAY + timedelta(days=n) for n in range(35)]


def hours(shop: Plant, machine_id: int, day: date) -> tuple[Span, ...]:
    return hours_on(shop.calendar_by_id[shop.machine_by_id[machine_id].calendar], day)


def differing(change: Change, machine_id: int) -> dict[date, tuple[Span, ...]]:
    """The dates whose hours the change makes others, and these hours."""
    after = change.apply(SHOP)
    return {
        day: hours(after, machine_id, day) for day in WEEKS if hours(after, machine_id, day) != hours(SHOP, machine_id, day)
    }


def test_hours_of_one_date_belong_to_the_machines_named_and_work_on_a_holiday_too() -> None:
    extra = HoursAdded(on(OFF), 360, 840, Group(machines=(1,)))
    assert differing(extra, 1) == {OFF: ((360, 840),)}
    assert differing(extra, 2) == {}
    night = HoursAdded(on(SATURDAY), 1320, 1800, Group(machine_types=(1,)))
    assert differing(night, 2) == differing(night, 1) == {SATURDAY: ((1320, 1440),), date(2025, 7, 27): ((0, 360),)}
    assert differing(night, 3) == {}
    everywhere = HoursAdded(on(SATURDAY), 360, 600)
    assert differing(everywhere, 3) == {SATURDAY: ((0, 600), (480, 720))} or hours(everywhere.apply(SHOP), 3, SATURDAY)[
        0
    ] == (0, 720)


def test_hours_of_every_week_leave_holidays_alone_and_begin_and_end_when_they_say() -> None:
    early = HoursAdded(Days(MONDAY, MONDAY + timedelta(days=9), (1, 3)), 360, 480)
    assert differing(early, 1) == {
        MONDAY: ((360, 1080),), date(2025, 7, 28): ((360, 1080),), date(2025, 7, 30): ((360, 1080),)
    }  # fmt: skip
    for_good = HoursAdded(Days(date(2025, 8, 2), None, (6,)), 360, 840, kind="regular")
    assert differing(for_good, 1) == {date(2025, 8, day): ((360, 840),) for day in (2, 9, 16, 23)}
    week = for_good.apply(SHOP).calendar_by_id["office"].week
    assert week[-1] == WorkWindow(6, 360, 840, "regular"), "one window every week, whatever lies ahead"
    nights = HoursAdded(Days(date(2025, 8, 2), None, (6,)), 1320, 1800)
    assert differing(nights, 1) == {
        day + timedelta(days=later): hours
        for day in (date(2025, 8, n) for n in (2, 9, 16, 23))
        for later, hours in ((0, ((1320, 1440),)), (1, ((0, 360),)))
        if day + timedelta(days=later) in WEEKS
    }


def test_a_closed_day_or_part_of_one_takes_extra_hours_too() -> None:
    assert differing(HoursClosed(on(MONDAY), name="stocktaking"), 1) == {MONDAY: ()}
    assert differing(HoursClosed(on(MONDAY), 720, 1440), 1) == {MONDAY: ((480, 720),)}
    assert differing(HoursClosed(on(SATURDAY), 360, 600, Group(machine_types=(2,))), 3) == {SATURDAY: ((0, 360), (600, 720))}
    shut = HoursClosed(Days(MONDAY, date(2025, 8, 1)))
    assert differing(shut, 2) == {
        day: () for day in WEEKS if MONDAY <= day <= date(2025, 8, 1) and day.isoweekday() < 6 and day != OFF
    }
    office = HoursClosed(on(MONDAY), name="stocktaking").apply(SHOP).calendar_by_id["office"]
    assert Holiday(MONDAY, "stocktaking") in office.holidays


def test_hours_closed_every_week_without_an_end_leave_the_weekly_windows() -> None:
    fridays = HoursClosed(Days(date(2025, 8, 1), None, (5,)), 720, 1440)
    assert differing(fridays, 1) == {date(2025, 8, day): ((480, 720),) for day in (1, 8, 15, 22)}
    assert differing(fridays, 3) == {date(2025, 8, day): ((0, 360),) for day in (1, 8, 15, 22)}, "the night shift's evening"
    mornings = HoursClosed(Days(MONDAY, None, (6,)), 0, 360, Group(machines=(3,)))
    assert differing(mornings, 3) == {
        day: ((480, 720),) if day == SATURDAY else () for day in WEEKS if day.isoweekday() == 6
    }
    friday = [w for w in mornings.apply(SHOP).calendar_by_id["nights"].week if w.day == 5]
    assert friday == [WorkWindow(5, 1320, 1440)]


def test_a_limited_machine_works_part_of_the_day_at_its_usual_pace() -> None:
    mornings = MachineLimited(2, Days(MONDAY, date(2025, 7, 25)), 480, 720)
    assert differing(mornings, 2) == {day: ((480, 720),) for day in WEEKS[:5] if day != OFF}
    assert differing(mornings, 1) == {}
    open_end = MachineLimited(2, Days(date(2025, 7, 28)), 600, 840)
    assert differing(open_end, 2) == {
        day: ((600, 840),) for day in WEEKS if day >= date(2025, 7, 28) and day.isoweekday() < 6
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            HoursAdded(on(MONDAY), 600, 660, Group((1, 2))),
            "start: '10:00' begins hours in which all of these machines work already",
        ),
        (
            HoursClosed(on(OFF), group=Group(machines=(1,))),
            "start: '00:00' begins hours in which none of these machines works",
        ),
        (HoursClosed(on(date(2025, 7, 1))), "until: '2025-07-01' is over"),
        (HoursAdded(Days(date(2026, 8, 1)), 0, 60), "from: '2026-08-01' is more than a year ahead"),
        (HoursAdded(on(MONDAY), 0, 60, Group(machines=(9,))), "machines: 9 is not a known machine"),
        (HoursClosed(on(MONDAY), group=Group(machine_types=(9,))), "machine_types: 9 is not a known machine type"),
        (MachineLimited(1, on(OFF), 480, 720), "start: '08:00' begins hours outside which the machine never works"),
        (Noted("grease it", machine=9), "machine: 9 is not a known machine"),
        (Noted("call them", job="Z"), "job: 'Z' is not a known job"),
        (MachineReturns(9, 60), "machine: 9 is not in the plant before the next pull"),
    ],
)
def test_what_has_no_effect_or_no_place_is_refused(change: Change, words: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        change.apply(SHOP)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Days(MONDAY, OFF, (7,)), lambda: Days(OFF, MONDAY), lambda: Days(MONDAY, None, (8,)),
        lambda: Days(MONDAY, date(2027, 1, 1)), lambda: HoursAdded(on(MONDAY), 600, 600),
        lambda: HoursClosed(on(MONDAY), 600, 1500), lambda: Noted(" ", machine=1), lambda: Noted("x", 1, "A"),
        lambda: Noted("x"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_never_made(make: object) -> None:
    with pytest.raises(InvalidValue):
        make()  # type: ignore[operator]


EVERY: tuple[Change, ...] = (
    HoursAdded(on(SATURDAY), 360, 840), HoursAdded(Days(MONDAY, None, (6, 7)), 1320, 1800, Group((1,), (2,)), "regular"),
    HoursClosed(on(OFF), name="Raya"), HoursClosed(Days(MONDAY, SATURDAY), 720, 1440, Group((1, 2))),
    MachineLimited(2, on(MONDAY), 480, 720), MachineLimited(2, Days(MONDAY, None, (1,)), 0, 1440 - 60),
    MachineReturns(3, 600), Noted("grease it", machine=1), Noted("call them", job="A"),
)  # fmt: skip
WORDS = (
    "the whole plant also works Sat 26 Jul, 06:00–14:00",
    "type 2, M1 also works every Sat, Sun from Mon 21 Jul on, 22:00–06:00",
    "the whole plant is closed Wed 23 Jul (Raya)",
    "M1, M2 is closed from Mon 21 Jul to Sat 26 Jul, 12:00–24:00",
    "M2 works 08:00–12:00 at most, Mon 21 Jul",
    "M2 works 00:00–23:00 at most, every Mon from Mon 21 Jul on",
    "M3 is back Mon 21 Jul 18:00",
    "M1: grease it",
    "A: call them",
)


def test_their_json_comes_back_and_a_later_plan_reads_the_same_moments() -> None:
    assert changes_from_json(changes_to_json(SHOP, EVERY), SHOP, "it") == EVERY
    later = replace(SHOP, plan_start=datetime(2025, 7, 21, 10))
    for change in EVERY:
        read = change_from_json(change_to_json(SHOP, change), later, "it")
        assert read == (MachineReturns(3, 480) if isinstance(change, MachineReturns) else change)
    assert change_to_json(SHOP, EVERY[0]) == '{"change":"hours-added","date":"2025-07-26","start":"06:00","end":"14:00"}'
    assert change_to_json(SHOP, EVERY[2]) == '{"change":"hours-closed","date":"2025-07-23","name":"Raya"}'


def test_their_words() -> None:
    assert tuple(change_words(SHOP, change) for change in EVERY) == WORDS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"change":"hours-added","start":"06:00","end":"14:00"}', "names no date: give either date, or from and until"),
        ('{"change":"hours-closed","date":"2025-07-26","until":"2025-07-27"}', "names one date, with which until and days"),
        ('{"change":"hours-closed","date":"2025-07-26","start":"14:00","end":"06:00"}', "'06:00' is not after the"),
        ('{"change":"hours-added","date":"2025-07-26","start":"06:00","end":"14:00","kind":"x"}', "'x' is neither"),
        ('{"change":"note","text":"x"}', "a note is on one of both"),
    ],
)  # fmt: skip
def test_json_that_says_no_hours_is_refused_where_it_stands(text: str, words: str) -> None:
    with pytest.raises(InvalidValue, match="it: ") as refused:
        change_from_json(text, SHOP, "it")
    assert words in str(refused.value)


EVE = MONDAY - timedelta(days=1)
"""A shift that began then runs into the first of WEEKS."""


def drawn_calendar(dice: random.Random) -> Calendar:
    """Some windows, also over midnight and over each other, holidays whole and in part, and extra hours."""

    def span(longest: int = 1440) -> Span:
        start = dice.randrange(0, 1440, 60)
        return start, start + dice.randrange(60, longest + 1, 60)

    def when() -> date:
        return MONDAY + timedelta(days=dice.randrange(28))

    week = tuple(WorkWindow(dice.randint(1, 7), *span()) for _ in range(dice.randint(1, 9)))
    parts = [(start, min(end, 1440)) for start, end in (span() for _ in range(3))]
    off = (Holiday(when()), *(Holiday(when(), "part", *part) for part in parts))
    return Calendar("drawn", week, holidays=off, extra=tuple(ExtraHours(when(), *span(600)) for _ in range(2)))


def mask(calendar: Calendar) -> npt.NDArray[np.bool_]:
    """Whether each minute of the five weeks works."""
    found = np.zeros(len(WEEKS) * 1440, np.bool_)
    for number, day in enumerate(WEEKS):
        for start, end in hours_on(calendar, day):
            found[number * 1440 + start : number * 1440 + end] = True
    return found


@pytest.mark.parametrize("seed", range(60))
def test_exactly_the_hours_asked_for_are_won_or_lost(seed: int) -> None:
    dice = random.Random(seed)
    calendar = drawn_calendar(dice)
    first = MONDAY + timedelta(days=dice.randrange(20))
    last = dice.choice((None, first, first + timedelta(days=dice.randrange(7, 14))))
    days = Days(first, last, () if last == first else tuple(dice.sample(range(1, 8), dice.randint(1, 7))))
    start = dice.randrange(0, 1440, 60)
    longest = dice.randrange(start + 60, start + 1441, 60)
    asked, off = np.zeros(len(WEEKS) * 1440, np.bool_), np.zeros(len(WEEKS) * 1440, np.bool_)
    for holiday in calendar.holidays:
        minute = (holiday.date - MONDAY).days * 1440
        off[minute + holiday.start : minute + holiday.end] = True
    before, closing = mask(calendar), dice.random() < 0.5
    end = min(longest, 1440) if closing else longest
    for number, day in enumerate(WEEKS):
        if day.isoweekday() in days.week and first <= day and (last is None or day <= last):
            asked[number * 1440 + start : number * 1440 + end] = True
    if closing:
        made, expected = closed(calendar, days, (start, end), "", EVE), before & ~asked
    else:
        made = opened(calendar, days, start, end, "overtime", EVE)
        expected = before | (asked if last == first else asked & ~off)
    assert np.array_equal(mask(made), expected), (calendar, days, start, end)
    assert (made == calendar) == np.array_equal(before, expected)
