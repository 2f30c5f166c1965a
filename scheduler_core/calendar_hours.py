"""The hours of single dates: which a calendar has, and a plant in which some machines have more or fewer of them.

A change for some machines becomes a calendar of their own; where they are all that follow one, that calendar itself changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MINUTES_PER_DAY, Calendar, Downtime, ExtraHours, Holiday, Machine, Plant

NO_EXTRA_HOURS = "no extra hours"
"""Reason of downtimes in stored plants where hours of one date were a weekly window, closed in every other week."""
NAMED = 3
"""Machines that a calendar of their own is called after."""

OVERTIME_MINUTES = 180
"""Hours that a working day is made longer by where nobody says by how much, in minutes."""
EXTRA_SHIFT_MINUTES = 480
"""Length of an extra shift on a day without one, in minutes."""

Span = tuple[int, int]
"""[start, end) in minutes, here mostly after a date's midnight."""


def hours_on(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """The hours of a date by windows, holidays and extra hours, breaks included: disjoint, ascending, in minutes after its
    midnight. Hours that began the evening before count from midnight on."""
    return _inside_day(without(_windows_of(calendar, day), _closed_on(calendar, day)) + _extra_of(calendar, day))


def hours_between(calendar: Calendar, day: date, start: int, end: int) -> tuple[Span, ...]:
    """``hours_on`` from ``start`` to ``end``, both minutes after the date's midnight; beyond 1440 those of the next date."""
    tomorrow = day + timedelta(days=1)
    later = (
        [(s + MINUTES_PER_DAY, e + MINUTES_PER_DAY) for s, e in hours_on(calendar, tomorrow)]
        if end > MINUTES_PER_DAY
        else []
    )
    return tuple(
        (max(s, start), min(e, end)) for s, e in _joined([*hours_on(calendar, day), *later]) if s < end and e > start
    )


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The spans without what is taken."""
    left = list(spans)
    for start, end in taken:
        left = [piece for s, e in left for piece in ((s, min(e, start)), (max(s, end), e)) if piece[0] < piece[1]]
    return left


def in_breaks(calendar: Calendar, hours: ExtraHours) -> bool:
    """Whether the calendar has breaks in all of the hours, so that nobody would work in them."""
    pauses: list[Span] = []
    for day in (-1, 0, 1):
        weekday = (hours.date + timedelta(days=day)).isoweekday()
        shift = day * MINUTES_PER_DAY
        pauses += [(b.start + shift, b.end + shift) for b in calendar.breaks if b.day in (None, weekday)]
    return not without([(hours.start, hours.end)], pauses)


def works_already(plant: Plant, machine: int, hours: ExtraHours) -> tuple[Span, ...]:
    """The parts of the hours that the machine's calendar has anyway, in minutes after the date's midnight."""
    row, midnight = plant.machine_by_id[machine], plant.midnight(hours.date)
    planned = hours_between(plant.calendar_by_id[row.calendar], hours.date, hours.start, hours.end)
    closed = [(d.start - midnight, d.end - midnight) for d in row.downtime if d.reason == NO_EXTRA_HOURS]
    return tuple(without(planned, closed))


def with_extra_hours(plant: Plant, machines: Collection[int], hours: ExtraHours) -> Plant:
    """The plant in which these machines (ids) also work in the hours. Raises InvalidValue for an unknown machine."""
    return with_all_extra_hours(plant, [(machines, hours)])


def with_all_extra_hours(plant: Plant, opened: Iterable[tuple[Collection[int], ExtraHours]]) -> Plant:
    """``with_extra_hours`` for many machines and dates at once."""
    machines, calendars = dict(plant.machine_by_id), dict[int, Calendar]()
    for chosen, hours in opened:
        span = plant.hours(hours.date, hours.start, hours.end)
        for m in chosen:
            machines[m] = _reopened(_known(machines, m), span)
            calendar = calendars.get(m) or plant.calendar_by_id[machines[m].calendar]
            more = () if hours in calendar.extra else (hours,)
            calendars[m] = replace(calendar, extra=(*calendar.extra, *more))
    return _with_calendars(plant, tuple(machines.values()), calendars)


def closed_on(calendar: Calendar, day: date, start: int, end: int, name: str = "") -> Calendar:
    """The calendar that does not work on a date from ``start`` to ``end``, minutes after its midnight (beyond 1440: on the
    next date), extra hours there included. Raises InvalidValue for hours of no length."""
    tomorrow = day + timedelta(days=1)
    days_off = [Holiday(day, name, start, min(end, MINUTES_PER_DAY))]
    days_off += [Holiday(tomorrow, name, 0, end - MINUTES_PER_DAY)] if end > MINUTES_PER_DAY else []
    holidays = (*calendar.holidays, *(h for h in days_off if h not in calendar.holidays))
    return replace(calendar, holidays=holidays, extra=tuple(_less_extra(calendar.extra, day, (start, end))))


def with_own_calendars(plant: Plant, wanted: Mapping[int, Calendar]) -> Plant:
    """The plant in which machines (ids) have the hours of a calendar, whatever its id; equal ones are shared."""
    return _with_calendars(plant, plant.machines, wanted) if wanted else plant


def with_changed_calendars(plant: Plant, machines: Collection[int], change: Callable[[Calendar], Calendar]) -> Plant:
    """The plant in which the calendars of these machines (ids), and of no other, are changed. ``change`` keeps the id.

    Raises InvalidValue for an unknown machine, and what ``change`` raises.
    """
    wanted = {m: change(plant.calendar_by_id[_known(plant.machine_by_id, m).calendar]) for m in machines}
    return _with_calendars(plant, plant.machines, wanted)


def _known(machines: Mapping[int, Machine], machine: int) -> Machine:
    if machine not in machines:
        raise InvalidValue("machines", machine, "is not a known machine")
    return machines[machine]


def _with_calendars(plant: Plant, machines: Sequence[Machine], wanted: Mapping[int, Calendar]) -> Plant:
    """The plant with these machines, those of ``wanted`` (ids) on calendars like that."""
    calendars: list[Calendar] = []
    moved: dict[int, str] = {}
    taken = set(plant.calendar_by_id)
    for calendar in plant.calendars:
        groups: dict[Calendar | None, list[Machine]] = {}
        for machine in (m for m in machines if m.calendar == calendar.id):
            own = wanted.get(machine.id)
            groups.setdefault(None if own == calendar else own, []).append(machine)
        if len(groups) == 1:
            calendars += [own or calendar for own in groups]
            continue
        calendars.append(calendar)
        for own, theirs in groups.items():
            if own is not None:
                name = _own_name(calendar.id, theirs, taken)
                taken.add(name)
                calendars.append(replace(own, id=name))
                moved.update((m.id, name) for m in theirs)
    rows = tuple(replace(m, calendar=moved[m.id]) if m.id in moved else m for m in machines)
    return replace(plant, calendars=tuple(calendars), machines=rows)


def _own_name(calendar: str, machines: Sequence[Machine], taken: Collection[str]) -> str:
    names = ", ".join(m.name for m in machines[:NAMED])
    more = f" +{len(machines) - NAMED}" if len(machines) > NAMED else ""
    name = f"{calendar}: {names}{more}"
    number = 2
    while name in taken:
        name = f"{calendar}: {names}{more} ({number})"
        number += 1
    return name


def _windows_of(calendar: Calendar, day: date) -> list[Span]:
    today, before = day.isoweekday(), (day - timedelta(days=1)).isoweekday()
    own = [(w.start, w.end) for w in calendar.week if w.day == today]
    return own + [(w.start - MINUTES_PER_DAY, w.end - MINUTES_PER_DAY) for w in calendar.week if w.day == before]


def _extra_of(calendar: Calendar, day: date) -> list[Span]:
    before = day - timedelta(days=1)
    own = [(e.start, e.end) for e in calendar.extra if e.date == day]
    return own + [(e.start - MINUTES_PER_DAY, e.end - MINUTES_PER_DAY) for e in calendar.extra if e.date == before]


def _closed_on(calendar: Calendar, day: date) -> list[Span]:
    return [(h.start, h.end) for h in calendar.holidays if h.date == day]


def _inside_day(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(_joined((max(0, s), min(e, MINUTES_PER_DAY)) for s, e in spans))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans as disjoint ones, ascending; those that touch are one, empty ones vanish."""
    joined: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _less_extra(extra: Iterable[ExtraHours], day: date, closed: Span) -> Iterable[ExtraHours]:
    """Extra hours without those that are closed from this date's midnight on."""
    for hours in extra:
        shift = (day - hours.date).days * MINUTES_PER_DAY
        for start, end in without([(hours.start, hours.end)], [(closed[0] + shift, closed[1] + shift)]):
            days, first = divmod(start, MINUTES_PER_DAY)
            yield replace(hours, date=hours.date + timedelta(days=days), start=first, end=first + end - start)


def _reopened(machine: Machine, span: Span) -> Machine:
    """The machine without the part of its downtimes that an older plant needed to keep these hours closed."""
    if all(down.reason != NO_EXTRA_HOURS for down in machine.downtime):
        return machine
    downtime: list[Downtime] = []
    for down in machine.downtime:
        pieces = without([(down.start, down.end)], [span]) if down.reason == NO_EXTRA_HOURS else [(down.start, down.end)]
        downtime += [replace(down, start=start, end=end) for start, end in pieces]
    return replace(machine, downtime=tuple(downtime))
