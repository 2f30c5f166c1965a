"""A snapshot file as a plant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from scheduler_core.clock import Clock
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.clock_times import minute_at, start_at
from scheduler_core.interchange.files import check_format, check_row_count, check_size, content
from scheduler_core.interchange.strict_json import Fields, Node, parse
from scheduler_core.limits import MAX_JOBS, MAX_MACHINES, MAX_OPERATIONS
from scheduler_core.plant import (
    CLOCK_RULES,
    MAX_DURATION,
    MINUTES_PER_DAY,
    Break,
    Calendar,
    ClockRule,
    Downtime,
    ExtraHours,
    Fixed,
    Holiday,
    Job,
    Machine,
    MachineType,
    Operation,
    Plant,
    SetupEntry,
    WindowKind,
    WorkWindow,
    end_after,
)

SNAPSHOT_FORMAT = "factory-snapshot/1"
MAX_MINUTES = 2 * MAX_DURATION
"""Farthest that a time may lie from plan_start, in minutes."""
FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Years in which plan_start may lie."""

P = ParamSpec("P")
T = TypeVar("T")
_TOO_FAR = f"is more than {MAX_MINUTES} minutes (19 years) from plan_start"


def read_snapshot(path: str | Path) -> Plant:
    """The plant of a snapshot file. Raises InvalidValue for what is wrong in it, OSError if it can't be opened."""
    return snapshot_from_json(content(Path(path)), str(path))


def snapshot_from_json(text: str | bytes, where: str, clock: ClockRule = "zone") -> Plant:
    """The plant of a snapshot's text; ``where`` is what messages call the file. Raises InvalidValue.

    ``clock``: the rule of a snapshot that names none.
    """
    check_size(text, where)
    check_row_count(text, where, "operations", MAX_JOBS, "jobs")
    check_row_count(text, where, "sequence", MAX_OPERATIONS, "operations")
    top = parse(text, where)
    check_format(top, SNAPSHOT_FORMAT)
    fields = top.fields(
        ("format", "name", "timezone", "plan_start", "calendars", "machine_types", "machines", "jobs"),
        ("setup_matrix", "clock"),
    )
    start = fields["plan_start"].stamp()
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        fields["plan_start"].refuse(f"is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    named = fields.given("clock")
    rule = clock if named is None else cast(ClockRule, named.text())
    if named is not None and rule not in CLOCK_RULES:
        named.refuse(f"must be one of {', '.join(CLOCK_RULES)}")
    begin = start_at(fields["plan_start"], fields["timezone"])
    if rule == "even-days" and not begin.is_even:
        return SnapshotReader(Clock(begin.zone, begin.start)).plant(fields, rule)
    return SnapshotReader(begin).plant(fields, "zone")


class SnapshotReader:
    """Reads a snapshot's parts; all that needs the plant's clock to turn stamps into minutes. Raises InvalidValue."""

    def __init__(self, clock: Clock, *, of_another_plan: bool = False) -> None:
        """``of_another_plan``: stamps were checked when they were written, for a plan that may have begun elsewhere; none is
        refused for its offset or its distance."""
        self._clock = clock
        self._of_another_plan = of_another_plan
        self._start = clock.start

    def plant(self, f: Fields, rule: ClockRule) -> Plant:
        """The whole snapshot's object."""
        _check_counts(f["jobs"])
        machines = sum(1 for _ in f["machines"].items())
        if machines > MAX_MACHINES:
            f["machines"].refuse(f"machines are more than the limit of {MAX_MACHINES}", machines)
        return _build(
            f.node,
            Plant,
            name=f["name"].text(),
            timezone=f["timezone"].text(),
            plan_start=self._start,
            calendars=tuple(self._calendar(n) for n in f["calendars"].items()),
            machine_types=tuple(_machine_type(n) for n in f["machine_types"].items()),
            machines=tuple(self._machine(n) for n in f["machines"].items()),
            jobs=tuple(self.job(n) for n in f["jobs"].items()),
            setup_matrix=tuple(_setup_entry(n) for n in f.items("setup_matrix")),
            clock_rule=rule,
        )

    def day(self, node: Node) -> int:
        """A date as days from that of plan_start."""
        return (node.day() - self._start.date()).days

    def minute(self, node: Node) -> int:
        """A time stamp as minutes from plan_start."""
        minute = minute_at(node, self._clock, any_offset=self._of_another_plan)
        if abs(minute) > MAX_MINUTES and not self._of_another_plan:
            node.refuse(_TOO_FAR)
        return minute

    def _maybe_minute(self, node: Node | None) -> int | None:
        return None if node is None else self.minute(node)

    def _calendar(self, node: Node) -> Calendar:
        f = node.fields(("id", "week"), ("breaks", "holidays", "extra"))
        return _build(
            node,
            Calendar,
            f["id"].text(),
            tuple(_window(n) for n in f["week"].items()),
            tuple(_break(n) for n in f.items("breaks")),
            tuple(self._holiday(n) for n in f.items("holidays")),
            tuple(self._extra(n) for n in f.items("extra")),
        )

    def _holiday(self, node: Node) -> Holiday:
        f = node.fields(("date",), ("name", "start", "end"))
        start, end = f.given("start"), f.given("end")
        first = 0 if start is None else start.time_of_day()
        last = 0 if end is None else end.time_of_day()
        # Midnight as an end is that of the date itself: a day off closes no other date.
        return _build(node, Holiday, self._date(f["date"]), f.text("name"), first, last or MINUTES_PER_DAY)

    def _extra(self, node: Node) -> ExtraHours:
        f = node.fields(("date", "start", "end"), ("kind",))
        kind = f.given("kind")
        return _build(node, ExtraHours, self._date(f["date"]), *hours_of(f), "overtime" if kind is None else _kind(kind))

    def _date(self, node: Node) -> date:
        """A date near enough to plan_start."""
        day = node.day()
        if abs((datetime.combine(day, time()) - self._start).total_seconds()) > MAX_MINUTES * 60:
            node.refuse(_TOO_FAR)
        return day

    def _machine(self, node: Node) -> Machine:
        f = node.fields(("id", "name", "type", "calendar"), ("available_from", "initial_family", "downtime"))
        family = f.maybe("initial_family")
        return _build(
            node,
            Machine,
            id=f["id"].whole(),
            name=f["name"].text(),
            type=f["type"].whole(),
            calendar=f["calendar"].text(),
            available_from=self._maybe_minute(f.maybe("available_from")),
            initial_family=None if family is None else family.text(),
            downtime=tuple(self._downtime(n) for n in f.items("downtime")),
        )

    def _downtime(self, node: Node) -> Downtime:
        f = node.fields(("start", "end"), ("reason",))
        return _build(node, Downtime, self.minute(f["start"]), self.minute(f["end"]), f.text("reason"))

    def job(self, node: Node) -> Job:
        """One row of jobs."""
        f = node.fields(("id", "family", "operations"), ("product", "quantity", "important", "release", "due"))
        family, product, quantity = f.maybe("family"), f.maybe("product"), f.maybe("quantity")
        operations = [self._operation(n) for n in f["operations"].items()]
        return _build(
            node,
            Job,
            id=f["id"].text(),
            operations=tuple(sorted(operations, key=lambda o: o.sequence)),
            family=None if family is None else family.text(),
            product=None if product is None else product.text(),
            quantity=None if quantity is None else _quantity(quantity),
            important=f.flag("important"),
            release=self._maybe_minute(f.maybe("release")) or 0,
            due=self._maybe_minute(f.maybe("due")),
        )

    def _operation(self, node: Node) -> Operation:
        f = node.fields(
            ("sequence", "process", "minutes", "setup_minutes"),
            ("minutes_by_machine", "machine_types", "machines", "requires_all", "preferred_machine", "fixed"),
        )
        by_machine, preferred, fixed = f.given("minutes_by_machine"), f.maybe("preferred_machine"), f.maybe("fixed")
        return _build(
            node,
            Operation,
            sequence=f["sequence"].whole(),
            process=f["process"].text(),
            minutes=f["minutes"].whole(),
            setup_minutes=f["setup_minutes"].whole(),
            machine_types=f.wholes("machine_types"),
            machines=f.wholes("machines"),
            minutes_by_machine={} if by_machine is None else dict(_by_machine(by_machine)),
            requires_all=f.flag("requires_all"),
            preferred_machine=None if preferred is None else preferred.whole(),
            fixed=None if fixed is None else self._fixed(fixed),
        )

    def _fixed(self, node: Node) -> Fixed:
        f = node.fields(("machines", "start", "end"))
        return _build(node, Fixed, f["machines"].wholes(), self.minute(f["start"]), self.minute(f["end"]))


def hours_of(f: Fields) -> tuple[int, int]:
    """The hours of the keys ``start`` and ``end`` in minutes after midnight; an end at or before the start lies on the next
    day, and 00:00 and 24:00 as an end both mean the midnight that follows."""
    start, end = f["start"].time_of_day(), f["end"].time_of_day()
    return start, end_after(start, end)


def _window(node: Node) -> WorkWindow:
    f = node.fields(("day", "start", "end", "kind"))
    return _build(node, WorkWindow, f["day"].whole(), *hours_of(f), _kind(f["kind"]))


def _kind(node: Node) -> WindowKind:
    return cast(WindowKind, node.text())  # the type refuses any other text


def _break(node: Node) -> Break:
    f = node.fields(("start", "end"), ("name", "day"))
    start, end = hours_of(f)
    if end - start == MINUTES_PER_DAY and f["end"].value != "24:00":
        f["end"].refuse("is the break's start too: a break has a length")
    day = f.maybe("day")
    return _build(node, Break, f.text("name"), start, end, None if day is None else day.whole())


def _machine_type(node: Node) -> MachineType:
    f = node.fields(("id", "name"))
    return _build(node, MachineType, f["id"].whole(), f["name"].text())


def _setup_entry(node: Node) -> SetupEntry:
    f = node.fields(("machine_type", "from", "to", "minutes"))
    return _build(node, SetupEntry, f["machine_type"].whole(), f["from"].text(), f["to"].text(), f["minutes"].whole())


def _quantity(node: Node) -> int | float:
    quantity = node.number()
    if quantity < 0:
        node.refuse("is a negative quantity")
    return quantity


def _by_machine(node: Node) -> Iterable[tuple[int, int]]:
    for key, minutes in node.entries():
        if not re.fullmatch(r"0|-?[1-9][0-9]{0,9}", key):
            minutes.refuse(f"stands under {key!r}, which is not a machine id")
        yield int(key), minutes.whole()


def _build(node: Node, make: Callable[P, T], *args: P.args, **fields: P.kwargs) -> T:
    """What ``make`` makes; a value that the type refuses is named by its path and as it stands in the file."""
    try:
        return make(*args, **fields)
    except InvalidValue as error:
        raw = node.value.get(error.where) if isinstance(node.value, dict) else None
        value = raw if isinstance(raw, str | int | float) else error.value
        where = f"{node.path}.{error.where}" if node.path else _as_in_file(error.where, node)
        raise InvalidValue(f"{node.file}: {where}", value, error.reason) from None


def _as_in_file(where: str, top: Node) -> str:
    """A path in the plant as a path in the file, where a job's operations may stand in any order."""
    found = re.match(r"jobs\[(\d+)\]\.operations\[(\d+)\]", where)
    if not found:
        return where
    job, place = int(found[1]), int(found[2])
    rows = cast(Any, top.value)["jobs"][job]["operations"]  # the jobs were read: their form is right
    sequences = [o["sequence"] for o in rows]
    return f"jobs[{job}].operations[{sequences.index(sorted(sequences)[place])}]{where[found.end() :]}"


def _check_counts(jobs: Node) -> None:
    count = operations = 0
    for job in jobs.items():
        count += 1
        steps = job.value.get("operations") if isinstance(job.value, dict) else None
        operations += len(steps) if isinstance(steps, list) else 0
    if count > MAX_JOBS:
        jobs.refuse(f"jobs are more than the limit of {MAX_JOBS}", count)
    if operations > MAX_OPERATIONS:
        jobs.refuse(f"operations are more than the limit of {MAX_OPERATIONS}", operations)
