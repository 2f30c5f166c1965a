"""The demo ERP while its shop floor works: orders come in, output is reported, finished orders are closed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scheduler_core.data.demo.catalogue import WORK_CENTRES, WorkCentre
from scheduler_core.data.demo.factory import Row, Rows, build_factory
from scheduler_core.data.demo.orders import Orders
from scheduler_core.data.demo.writer import DEMO_CLOCK, fill, insert, new_file

MACHINES = {"SA": 1, "LC": 2, "PB": 3, "CL": 3, "CM": 3, "DT": 2, "MW": 3, "RW": 2, "DB": 2, "PC": 2, "QI": 2, "AC": 1}
"""Machines by code of the work centres that the small plant with a history has."""
LOAD_HOURS = 60.0
OPEN_ORDERS = 76
ORDERS_A_DAY = 11
"""Orders that come in on a working day, about as many as the plant finishes; fewer on Saturdays."""
ARRIVAL_HOURS = (7, 17)
SATURDAY = 5


@dataclass(frozen=True)
class Progress:
    """What the floor reports of an operation at ``at`` (plant time): the pieces made so far, and whether that is all."""

    order: str
    sequence: int
    machines: tuple[int, ...]
    made: int
    finished: bool
    at: datetime


class WorkingErp:
    """A small demo ERP that goes on from ``start``, in an empty SQLite database. An order that comes in later is void
    until then."""

    def __init__(self, engine: Engine, start: datetime, seed: int, banner: str) -> None:
        self._engine = engine
        rng = random.Random(seed)
        factory = build_factory(rng, _centres())
        orders = Orders(rng, factory, start)
        for _ in range(OPEN_ORDERS):
            orders.add_new(start)
        self._arrivals: list[tuple[datetime, int]] = [(at, orders.add_new(at)) for at in _arrivals(rng, start)]
        self._number: dict[str, int] = {str(r["DocRef_v"]): _whole(r["TxnId_i"]) for r in orders.rows["tbl_jo_txn"]}
        self.quantity: dict[str, int] = {str(r["DocRef_v"]): _whole(r["JoQty_d"]) for r in orders.rows["tbl_jo_txn"]}
        """Pieces by order."""
        self._open: dict[str, set[int]] = {}
        names = {number: name for name, number in self._number.items()}
        for row in orders.rows["tbl_jo_process"]:
            self._open.setdefault(names[_whole(row["TxnId_i"])], set()).add(_whole(row["RowId_i"]))
        self._made: dict[tuple[str, int], int] = {}
        settings: Rows = {
            "shopwright_demo": [
                {"setting": "clock", "content": start.isoformat(" ")}, {"setting": "banner", "content": banner},
            ]
        }  # fmt: skip
        fill(engine, {**factory.rows, **orders.rows, **settings})

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        return str(self._engine.url)

    def hide_later_orders(self) -> None:
        """From here on orders are in the ERP only once they have come in."""
        self._void([number for _, number in self._arrivals], "1")

    def go_on(self, now: datetime, reports: Sequence[Progress]) -> None:
        """Everything that the ERP knows at ``now``: the clock, the orders that have come in, what the floor reports."""
        came = [number for at, number in self._arrivals if at <= now]
        self._arrivals = [(at, number) for at, number in self._arrivals if at > now]
        self._void(came, "0")
        output: list[Row] = []
        with self._engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE shopwright_demo SET content = :at WHERE setting = 'clock'"), {"at": now.isoformat(" ")}
            )
            for one in reports:
                key, order = (one.order, one.sequence), self._number[one.order]
                if one.sequence not in self._open[one.order]:
                    continue
                if more := one.made - self._made.get(key, 0):
                    self._made[key] = one.made
                    output.append({
                        "JoId_i": order, "ProcessrowId_i": one.sequence, "Qty_d": more,
                        "CreateDate_dt": one.at.isoformat(" "),
                    })  # fmt: skip
                    connection.execute(_STATUS, {
                        "machine": ",".join(str(m) for m in sorted(one.machines)), "order": order, "row": one.sequence,
                        "status": "FF" if one.finished else "",
                    })  # fmt: skip
                if one.finished:
                    self._open[one.order].discard(one.sequence)
                    if not self._open[one.order]:
                        connection.execute(_CLOSE, {"order": order})
            insert(connection, "tbl_daily_item", output)

    def _void(self, orders: Sequence[int], void: str) -> None:
        if orders:
            with self._engine.begin() as connection:
                connection.execute(_VOID, [{"void": void, "order": order} for order in orders])


@contextmanager
def working_erp(file: Path, start: datetime, seed: int, banner: str) -> Iterator[WorkingErp]:
    """An ERP that becomes ``file`` at the end, unless something fails. Raises InvalidValue if there is such a file."""
    with new_file(file) as engine:
        yield WorkingErp(engine, start, seed, banner)


_STATUS = sa.text(
    "UPDATE tbl_jo_process SET Machine_v = :machine, QtyStatus_c = :status WHERE TxnId_i = :order AND RowId_i = :row"
)
_CLOSE = sa.text("UPDATE tbl_jo_txn SET DocStatus_c = 'CP' WHERE TxnId_i = :order")
_VOID = sa.text("UPDATE tbl_jo_txn SET Void_c = :void WHERE TxnId_i = :order")


def _centres() -> tuple[WorkCentre, ...]:
    return tuple(replace(c, machines=MACHINES[c.code], load=LOAD_HOURS) for c in WORK_CENTRES if c.code in MACHINES)


def _arrivals(rng: random.Random, start: datetime) -> list[datetime]:
    """When orders come in, ascending, from ``start`` to the demo's clock."""
    found: list[datetime] = []
    day = start.replace(hour=0, minute=0)
    while day < DEMO_CLOCK:
        if day.weekday() <= SATURDAY:
            count = ORDERS_A_DAY if day.weekday() < SATURDAY else ORDERS_A_DAY // 2
            first, last = ARRIVAL_HOURS
            found += [day + timedelta(minutes=rng.randrange(first * 60, last * 60)) for _ in range(count)]
        day += timedelta(days=1)
    return sorted(at for at in found if start < at < DEMO_CLOCK)


def _whole(cell: object) -> int:
    assert isinstance(cell, int)
    return cell
