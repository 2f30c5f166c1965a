"""How available the service was, from its probes: pure functions on lines that were read.

A stretch counts as up only if a probe in it succeeded and none in it failed. So missing probes count as down, and of two
probers, or of an hour that came twice because the clock was set back, the worse one counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from scheduler_core.monitoring.availability import spans
from scheduler_core.monitoring.availability.maintenance import Window
from scheduler_core.monitoring.availability.probe_log import OK, ClockJump, Line, Probe
from scheduler_core.monitoring.availability.spans import Span, Spans

DAY = 86400
NO_PROBE = "no probe"
USUAL_EVERY = 10


class Verdict(StrEnum):
    """Whether the target was reached in the whole period. MISSED is certain even with too few data: no probe to come can
    give the error budget back."""

    KEPT = "kept"
    MISSED = "missed"
    TOO_FEW = "too few data"


@dataclass(frozen=True)
class Outage:
    """A stretch in which a door was down, or several. ``causes``: for each door what probes found, ``no probe`` among it;
    ``planned``: seconds of it in declared maintenance."""

    start: int
    end: int
    causes: Mapping[str, tuple[str, ...]]
    planned: int = 0

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True)
class Availability:
    """Of one door or of all together. ``measured``: from its first probe on, within the period; all in seconds.

    ``planned``: measured seconds in declared maintenance; ``down_planned``: down seconds within them, part of ``down``.
    """

    since: int
    measured: int
    down: int
    planned: int
    down_planned: int
    outages: tuple[Outage, ...]

    @property
    def share(self) -> float:
        """The share of the measured time in which it was up, maintenance counting like any other time."""
        return 1 - self.down / self.measured if self.measured else 0.0

    @property
    def share_outside_maintenance(self) -> float:
        """The same of the time outside declared maintenance."""
        time = self.measured - self.planned
        return 1 - (self.down - self.down_planned) / time if time else 0.0

    @property
    def longest(self) -> Outage | None:
        """The longest outage, the earliest of equals."""
        return max(self.outages, key=lambda outage: outage.seconds, default=None)

    def budget(self, target: float, period: int) -> float:
        """Seconds that may still be down in a period of so many seconds at a target such as 0.999; negative: overdrawn."""
        return (1 - target) * period - self.down

    def verdict(self, target: float, period: int) -> Verdict:
        """Whether the target was reached."""
        if self.budget(target, period) < -1e-6:
            return Verdict.MISSED
        return Verdict.KEPT if self.measured >= period else Verdict.TOO_FEW


@dataclass(frozen=True)
class Report:
    """The availability in ``start`` to ``end``. ``whole``: every door has to be up; None without any probe.

    ``every``: seconds between probes; ``unreadable``, ``future``: lines that count as no probe; ``doubled``: probes of a
    stretch that had one already.
    """

    start: int
    end: int
    every: int
    whole: Availability | None
    doors: Mapping[str, Availability] = field(default_factory=dict)
    jumps: tuple[ClockJump, ...] = ()
    unreadable: int = 0
    future: int = 0
    doubled: int = 0

    @property
    def period(self) -> int:
        """The length asked for."""
        return self.end - self.start


@dataclass
class _Seen:
    """What was seen of one door: stretches with a success, and with a failure (with why)."""

    up: list[Span] = field(default_factory=list)
    failed: list[tuple[Span, str]] = field(default_factory=list)


def period_of(days: int, now: int, every: int) -> Span:
    """The last so many days of 24 hours that are complete: the stretch under way and the one before it, whose probe may
    not be written yet, are not part of it."""
    end = (now // every - 1) * every
    return end - days * DAY, end


def report(
    lines: Iterable[Line],
    period: Span,
    now: int,
    *,
    before: frozenset[str] = frozenset(),
    declared: Sequence[Window] = (),
    only: frozenset[str] = frozenset(),
) -> Report:
    """What the probes say of the period.

    ``before``: doors that were probed before it, so that a gap at its beginning is an outage and not a late installation;
    ``only``: the doors that count (empty: all that were probed).
    """
    seen: dict[str, _Seen] = {}
    jumps: list[ClockJump] = []
    unreadable = future = doubled = every = 0
    slots: set[tuple[int, int]] = set()
    for line in lines:
        if isinstance(line, Probe):
            if line.at >= now + line.every:
                future += 1
                continue
            slot = line.slot
            if slot[1] <= period[0] or slot[0] >= period[1]:
                continue
            every = line.every
            doubled += slot in slots
            slots.add(slot)
            for name, answer in line.answers.items():
                if not only or name in only:
                    door = seen.setdefault(name, _Seen())
                    if answer == OK:
                        door.up.append(slot)
                    else:
                        door.failed.append((slot, answer))
        elif isinstance(line, ClockJump):
            if period[0] <= line.at < period[1]:
                jumps.append(line)
        else:
            unreadable += 1
    for name in before:
        if not only or name in only:
            seen.setdefault(name, _Seen())
    planned = spans.merged(window.planned for window in declared)
    doors = {name: _of_door(name, seen[name], period, planned, name in before) for name in sorted(seen)}
    return Report(
        *period, every or USUAL_EVERY, _together(doors, period, planned), doors, tuple(jumps), unreadable, future, doubled
    )


def _of_door(name: str, seen: _Seen, period: Span, planned: Spans, before: bool) -> Availability:
    failed = spans.merged(slot for slot, _ in seen.failed)
    up = spans.without(spans.merged(seen.up), failed)
    first = period[0] if before else max(period[0], min(slot[0] for slot in [*seen.up, *(slot for slot, _ in seen.failed)]))
    measured: Spans = ((first, period[1]),)
    down = spans.without(measured, up)
    reasons = sorted(seen.failed)
    starts = [slot[0] for slot, _ in reasons]
    outages = []
    for start, end in down:
        inside = reasons[bisect_left(starts, start) : bisect_left(starts, end)]
        found = list(dict.fromkeys(reason for _, reason in inside))
        if spans.without(((start, end),), failed):
            found.append(NO_PROBE)
        outages.append(Outage(start, end, {name: tuple(found)}, spans.seconds(spans.within(planned, (start, end)))))
    return _availability(first, period[1], down, planned, tuple(outages))


def _together(doors: Mapping[str, Availability], period: Span, planned: Spans) -> Availability | None:
    if not doors:
        return None
    first = min(door.since for door in doors.values())
    every_outage = sorted(((o.start, o.end, o) for door in doors.values() for o in door.outages), key=lambda one: one[:2])
    down = spans.merged((start, end) for start, end, _ in every_outage)
    outages, at = [], 0
    for start, end in down:
        causes: dict[str, tuple[str, ...]] = {}
        while at < len(every_outage) and every_outage[at][0] < end:
            for name, reasons in every_outage[at][2].causes.items():
                causes[name] = tuple(dict.fromkeys((*causes.get(name, ()), *reasons)))
            at += 1
        outages.append(Outage(start, end, causes, spans.seconds(spans.within(planned, (start, end)))))
    return _availability(first, period[1], down, planned, tuple(outages))


def _availability(first: int, last: int, down: Spans, planned: Spans, outages: tuple[Outage, ...]) -> Availability:
    inside = spans.within(planned, (first, last))
    return Availability(
        first, last - first, spans.seconds(down), spans.seconds(inside), spans.seconds(spans.common(down, inside)), outages
    )
