"""ERP contents as plants have them: each order with up to two oddities of everyday, and the fate that each must have.

One seed gives one content. An oddity changes one part of an order (``PARTS``), so that two of them never meet, and says what
must become of the order: it is planned, planned with a note, put into quarantine, or not read at all.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from scheduler_core.data.database import open_erp
from scheduler_core.data.erp import NothingToPlan, read
from scheduler_core.data.store.records import PullCounts, PullNote, QuarantinedRow
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import Unschedulable
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Job, Plant
from tests.support.erp_rows import CONFIG, START, Erp, Row

SETTINGS = CONFIG.model_copy(update={"horizon_days": 180})


class Fate(IntEnum):
    """What becomes of an order; of two oddities the higher one counts."""

    PLANNED = 0
    EITHER = 1
    """Planned, with a note or without: it depends on the other orders."""
    NOTED = 2
    QUARANTINED = 3
    LATER = 4
    CLOSED = 5


@dataclass
class Order:
    """An order's rows while it is made; ``steps`` has two operations at least."""

    number: int
    head: Row
    steps: list[Row]
    erp: Erp
    fate: Fate = Fate.PLANNED
    odd: list[str] = field(default_factory=list)

    def made(self, quantity: object, at: object = "2025-07-19 10:00:00", row: int = 1) -> None:
        """A report of output of its operation ``row``."""
        self.erp.add("tbl_daily_item", JoId_i=self.number, ProcessrowId_i=row, Qty_d=quantity, CreateDate_dt=at)

    def routed(self, task: str, *types: object) -> None:
        """Its last operation has no machine, and routing lines name these types."""
        self.steps[-1].update(Machine_v=random.Random(task).choice(("", None, "  ")), Task_v=task)
        for kind in types:
            self.erp.routing(task, kind, row=int(str(self.steps[-1]["RowId_i"])))


Oddity = tuple[Fate, Callable[[Order], object]]


def _head(fate: Fate, **cells: object) -> Oddity:
    return fate, lambda order: order.head.update(cells)


def _first(fate: Fate, **cells: object) -> Oddity:
    return fate, lambda order: order.steps[0].update(cells)


def _last(fate: Fate, **cells: object) -> Oddity:
    return fate, lambda order: order.steps[-1].update(cells)


PLANNED, EITHER, NOTED, QUARANTINED, LATER, CLOSED = Fate
TWIN = "one number in two orders"
PARTS: Mapping[str, Mapping[str, Oddity]] = {
    "dates": {
        "no due date": _head(NOTED, TargetDate_dd=None),
        "zero due date": _head(NOTED, TargetDate_dd="0000-00-00"),
        "due date for never": _head(NOTED, TargetDate_dd="9999-12-31"),
        "due in 1970": _head(NOTED, TargetDate_dd="1970-01-01"),
        "due date with a time": _head(PLANNED, TargetDate_dd="2025-07-30 00:00:00"),
        "due long ago": _head(PLANNED, TargetDate_dd="2024-01-15", MaterialDate_dd="2024-01-02"),
        "due in 1990": _head(QUARANTINED, TargetDate_dd="1990-05-05"),
        "due after the horizon": _head(LATER, TargetDate_dd="2026-09-01"),
        "no date at all": _head(QUARANTINED, TargetDate_dd="soon"),
        "31 February": _head(QUARANTINED, TargetDate_dd="2025-02-31"),
        "material after due": _head(NOTED, MaterialDate_dd="2025-08-14"),
        "no material date": _head(PLANNED, MaterialDate_dd=None),
        "zero material date": _head(NOTED, MaterialDate_dd="0000-00-00"),
        "material in 1900": _head(NOTED, MaterialDate_dd="1900-01-01"),
        "material never": _head(QUARANTINED, MaterialDate_dd="9999-12-31"),
        "no created date": _head(PLANNED, CreateDate_dt=None),
    },
    "flags": {
        "not void in a word": _head(PLANNED, Void_c="N"),
        "void flag empty": _head(PLANNED, Void_c=None),
        "void": _head(CLOSED, Void_c="1"),
        "void in a word": _head(CLOSED, Void_c="y "),
        "void byte": _head(CLOSED, Void_c=b"\1"),
        "live byte": _head(PLANNED, Void_c=b"\0"),
        "void or not": _head(QUARANTINED, Void_c="?"),
        "completed": _head(CLOSED, DocStatus_c="cp"),
        "cancelled": _head(CLOSED, DocStatus_c="CX "),
        "important in a word": _head(PLANNED, IsImportant="True"),
        "no importance": _head(PLANNED, IsImportant=None),
        "importance 7": _head(QUARANTINED, IsImportant=7),
        "no status": _head(PLANNED, DocStatus_c=None),
    },
    "number": {
        "trailing blanks": (PLANNED, lambda o: o.head.update(DocRef_v=f"{o.head['DocRef_v']}   ")),
        "small letters": (PLANNED, lambda o: o.head.update(DocRef_v=str(o.head["DocRef_v"]).lower())),
        "no number": _head(QUARANTINED, DocRef_v=" "),
        "signs of every kind": (PLANNED, lambda o: o.head.update(DocRef_v=f"部品 ß😀 <b>&'{o.number}")),
        "half a sign": (QUARANTINED, lambda o: o.head.update(DocRef_v=b"WO\xff\xfe" + str(o.number).encode())),
        "number of 200 signs": (QUARANTINED, lambda o: o.head.update(DocRef_v=f"{o.number}" * 200)),
        TWIN: (QUARANTINED, lambda o: o.erp.step(_twin(o), 1)),
    },
    "quantity": {
        "no quantity": _head(QUARANTINED, JoQty_d=None),
        "nothing to make": _head(QUARANTINED, JoQty_d=0),
        "huge quantity": _head(QUARANTINED, JoQty_d=10**11),
        "half a piece": _head(PLANNED, JoQty_d=0.5),
        "quantity as text": _head(PLANNED, JoQty_d="120.0000"),
        "quantity in words": _head(QUARANTINED, JoQty_d="many"),
    },
    "first operation": {
        "rate with noise": _first(PLANNED, CapQty_d=1.9999999999),
        "a third": _first(PLANNED, CapQty_d="0.3333"),
        "lead time": _first(PLANNED, CapMin_d=0, CapQty_d=0, LeadTime_d=0.5),
        "setup with noise": _first(PLANNED, SetupTime_d=30.000000000000004),
        "no setup": _first(QUARANTINED, SetupTime_d=None),
        "setup below zero": _first(QUARANTINED, SetupTime_d=-1),
        "setup of a century": _first(QUARANTINED, SetupTime_d=10**8),
        "no time at all": _first(QUARANTINED, CapQty_d=0),
        "next to no rate": _first(QUARANTINED, CapQty_d=1e-9),
        "milestone": _first(NOTED, SetupTime_d=0, CapMin_d=0, CapQty_d=0, LeadTime_d=0),
        "finished": _first(PLANNED, QtyStatus_c="ff "),
        "row number below zero": _first(QUARANTINED, RowId_i=-1),
        "some made": (EITHER, lambda o: o.made(7)),
        "made in two reports": (EITHER, lambda o: (o.made(5), o.made("3.5", "0000-00-00"))),
        "all made": (NOTED, lambda o: (o.steps[0].update(CapQty_d=2), o.made(10**9))),
        "made below zero": (QUARANTINED, lambda o: o.made(-3)),
        "report without quantity": (QUARANTINED, lambda o: o.made(None)),
        "report at no time": (QUARANTINED, lambda o: o.made(3, "yesterday")),
        "report of no operation": (QUARANTINED, lambda o: o.made(1, row=77)),
    },
    "last operation": {
        "long text": _last(PLANNED, Task_v="CP08-428 " + "x" * 3900),
        "too long a text": _last(QUARANTINED, Task_v="y" * 4001),
        "no name": _last(QUARANTINED, Task_v=""),
        "machine out of service": _last(NOTED, Machine_v="8"),
        "status not known": _last(NOTED, Machine_v="9"),
        "no such machine": _last(QUARANTINED, Machine_v="99"),
        "two machines": _last(PLANNED, Machine_v=" 7, 6"),
        "one of two out of service": _last(QUARANTINED, Machine_v="6,8"),
        "machine by name": _last(QUARANTINED, Machine_v="CM01"),
        "one machine twice": _last(QUARANTINED, Machine_v="6,6"),
        "routed": (PLANNED, lambda o: o.routed(f"CP08-428-{o.number}/R", 5)),
        "routed to two types": (NOTED, lambda o: o.routed(f"CP08-428-{o.number}/A", 5, 9)),
        "routed to a dead type": (QUARANTINED, lambda o: o.routed(f"CP08-428-{o.number}/D", 77)),
        "not routed": (QUARANTINED, lambda o: o.routed(f"CP08-428-{o.number}/N")),
        "operation twice": (QUARANTINED, lambda o: o.erp.tables["tbl_jo_process"].append(dict(o.steps[-1]))),
    },
}  # fmt: skip
CALENDAR: Mapping[str, Callable[[Erp], object]] = {
    "night shift": lambda e: _hours(e, 2, "22:00:00", "06:00:00"),
    "until midnight": lambda e: _hours(e, 3, "20:00:00", "00:00:00"),
    "until 24:00": lambda e: _hours(e, 4, "20:00:00", "24:00:00"),
    "until 23:59:59": lambda e: _hours(e, 5, "20:00:00", "23:59:59"),
    "handover": lambda e: _hours(e, 1, "19:00:00", "21:30:00"),
    "no such weekday": lambda e: _hours(e, 8, "06:00:00", "14:00:00"),
    "window without end": lambda e: _hours(e, 2, "06:00:00", None),
    "day off": lambda e: _day_off(e, "2025-07-23", "Merdeka", 1),
    "half day": lambda e: _day_off(e, "2025-07-24", None, 0),
    "day off twice": lambda e: (_day_off(e, "2025-07-22", "a"), _day_off(e, "2025-07-22", "b")),
    "zero day off": lambda e: _day_off(e, "0000-00-00", "?", 1),
    "break of no length": lambda e: _pause(e, "10:00:00", "10:15:00", None),
    "break that disagrees": lambda e: _pause(e, "10:00:00", "10:15:00", 20),
    "break over midnight": lambda e: _pause(e, "23:45:00", "00:15:00", 30),
    "two breaks at once": lambda e: (_pause(e, "15:00:00", "15:30:00", 30), _pause(e, "15:15:00", "15:45:00", 30)),
    "operations of no order": lambda e: e.step(9999, 1),
    "machine without a name": lambda e: _machine(e, 30, None, 5),
    "machine twice": lambda e: (_machine(e, 31, "a"), _machine(e, 31, "b")),
    "type in words": lambda e: _machine(e, 32, "X", "saw"),
}  # fmt: skip
"""Oddities of the plant itself: no order depends on them."""


def _twin(order: Order) -> int:
    number = order.number + 500
    order.erp.job(number, DocRef_v=f"{order.head['DocRef_v']}  ")
    return number


def _hours(erp: Erp, day: int, start: str, end: str | None) -> None:
    erp.add("ai_arrangable_hour", arrange_day=day, start_time=start, end_time=end, is_working="Y")


def _day_off(erp: Erp, date: str, name: str | None, full: int = 1) -> None:
    erp.add("ai_holidays", holiday_date=date, name=name, is_full_day=full, is_active=1)


def _machine(erp: Erp, number: int, name: str | None, kind: object = 5) -> None:
    erp.add("tbl_machine", MachineId_i=number, MachineName_v=name, MachinetypeId_i=kind, Status_i="1")


def _pause(erp: Erp, start: str, end: str, minutes: int | None) -> None:
    erp.add(
        "ai_breaktimes",
        name="tea",
        start_time=start,
        end_time=end,
        duration_minutes=minutes,
        day_of_week=None,
        is_active="1",
    )


@dataclass(frozen=True)
class Content:
    """An ERP and the fate of each of its orders by TxnId_i; ``odd`` names what is odd in it."""

    erp: Erp
    orders: tuple[Order, ...]
    odd: tuple[str, ...]


def content(seed: int) -> Content:
    """Three to six orders of two or three operations, with up to two oddities each and up to three of the plant."""
    draw = random.Random(seed)
    erp = Erp()
    erp.add("tbl_machine", MachineId_i=9, MachineName_v="CM09", MachinetypeId_i=5, Status_i=draw.choice((None, 2, "A")))
    orders = []
    for number in range(1, draw.randint(3, 6) + 1):
        head = erp.job(number)
        steps = [erp.step(number, row, Machine_v=draw.choice(("6", "7", "20"))) for row in range(1, draw.randint(2, 3) + 1)]
        orders.append(Order(number, head, steps, erp))
    for order in orders:
        for part in draw.sample(sorted(PARTS), draw.choice((0, 1, 1, 2))):
            name = draw.choice(sorted(PARTS[part]))
            fate, change = PARTS[part][name]
            change(order)
            order.fate = max(order.fate, fate)
            order.odd.append(name)
    plant = draw.sample(sorted(CALENDAR), draw.randint(0, 3))
    for name in plant:
        CALENDAR[name](erp)
    # What a database returns has no order of its own.
    for rows in erp.tables.values():
        draw.shuffle(rows)
    return Content(erp, tuple(orders), (*plant, *(f"{o.number}: {name}" for o in orders for name in o.odd)))


class EverydayBench:
    """An SQLite file that is filled with one content after the other, pulled and planned."""

    def __init__(self, folder: Path) -> None:
        file = folder / "erp.sqlite3"
        Erp().write(f"sqlite:///{file}")
        self._writer = sqlite3.connect(file)
        self._reader = open_erp(f"sqlite:///{file}")

    def close(self) -> None:
        """Close the connections."""
        self._writer.close()
        self._reader.close()

    def look(self, wanted: Content) -> Seen:
        """Pull, plan and judge a content. Raises AssertionError for whatever is not as it must be."""
        self._fill(wanted.erp)
        try:
            pull = read(self._reader, SETTINGS, START)
        except NothingToPlan as nothing:
            found = fates((), nothing.notes, nothing.quarantine)
            check_rows(nothing.counts, nothing.notes)
            check_fates(wanted, found)
            return Seen(nothing.counts, found, _noted_rows(nothing.notes), None)
        found = fates(pull.plant.jobs, pull.notes, pull.quarantine)
        check_rows(pull.counts, pull.notes)
        check_fates(wanted, found)
        return Seen(pull.counts, found, _noted_rows(pull.notes), check_plan(pull.plant))

    def _fill(self, erp: Erp) -> None:
        with self._writer:
            for table, rows in erp.tables.items():
                if table == "shopwright_demo":
                    continue
                self._writer.execute(f"DELETE FROM {table}")
                for row in rows:
                    # Bytes in a column of text: what another program has written there in another encoding.
                    cast = isinstance(row.get("DocRef_v"), bytes)
                    values = ", ".join("CAST(? AS TEXT)" if cast and name == "DocRef_v" else "?" for name in row)
                    self._writer.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})", tuple(row.values()))


@dataclass(frozen=True)
class Seen:
    """What became of a content: counts, the orders' fates, rows that notes name, and whether it was planned (None: there is
    nothing to plan; False: no plan exists)."""

    counts: PullCounts
    fates: Mapping[str, Fate]
    rows_noted: int
    planned: bool | None


def fates(jobs: Sequence[Job], notes: Sequence[PullNote], quarantine: Sequence[QuarantinedRow]) -> dict[str, Fate]:
    """What the pull made of the orders that it read, by DocRef_v without trailing blanks (by row where it has none)."""
    noted = {note.job for note in notes if note.job is not None}
    found = {job.id: NOTED if job.id in noted else PLANNED for job in jobs}
    return found | {row.job: QUARANTINED for row in quarantine if row.job is not None}


def check_rows(counts: PullCounts, notes: Sequence[PullNote]) -> None:
    """Accepted + noted + quarantined = read. Raises AssertionError."""
    assert counts.jobs_accepted + counts.jobs_quarantined == counts.jobs_read
    assert counts.rows_accepted + counts.rows_quarantined == counts.rows_read
    assert _noted_rows(notes) <= counts.rows_accepted, "a note names a row that is not used"


def _noted_rows(notes: Sequence[PullNote]) -> int:
    """Rows that notes name; a note on a column of all orders is none."""
    return len({(note.table, note.row, note.job) for note in notes if note.job is not None or "=" in note.row})


def check_fates(wanted: Content, found: Mapping[str, Fate]) -> None:
    """Every order has the fate that its oddities ask for, and no other is there. Raises AssertionError naming it."""
    left = dict(found)
    for order in wanted.orders:
        number = order.head["DocRef_v"]
        text = number.decode("utf-8", "surrogateescape") if isinstance(number, bytes) else str(number)
        fate = left.pop(text.strip() or f"TxnId_i={order.number}", None)
        if order.fate in (LATER, CLOSED):
            # Of two orders with one number the other is alone then.
            fits = fate is (PLANNED if TWIN in order.odd else None)
        elif order.fate is EITHER:
            fits = fate in (PLANNED, NOTED)
        else:
            fits = fate is order.fate
        odd = ", ".join(order.odd) or "nothing odd"
        assert fits, f"order {order.number} ({odd}): {order.fate.name} is wanted, found {fate!r}"
    assert not left, f"of no order: {left}"


def check_plan(plant: Plant) -> bool:
    """Greedy plans it and the judge finds nothing wrong; False where no plan exists. Raises AssertionError."""
    try:
        plan = greedy.schedule(plant, EngineConfig(rule="EDD", workers=1)).schedule
    except Unschedulable:
        return False
    faults = violations(plant, plan)
    assert not faults, f"the judge: {faults[0].message}"
    assert len(plan.assignments) == plant.operation_count
    return True
