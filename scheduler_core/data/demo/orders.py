"""The demo's orders: open ones in every stage of progress, and closed ones that a pull must leave alone."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from scheduler_core.data.demo.factory import Factory, Product, Row, Rows, Step

OPEN_JOBS = 522
CLOSED_JOBS = 64
LATER_JOBS = 9
"""Open jobs with dates so far away that the pull's horizon leaves them out."""
BASE_DAYS, DAYS_PER_WORKDAY, DAYS_PER_STEP, SPREAD_DAYS = 0.2, 1.0, 0.3, 3.0
"""How customers' dates follow from the work: chosen so that the plain earliest-due-date rule is on time for about 60 %."""
OVERDUE_SHARE, LATE_MATERIAL_SHARE, IMPORTANT_SHARE = 0.05, 0.27, 0.12
BEGUN_SHARE, ASSIGNED_SHARE, TOGETHER_SHARE, LEAD_TIME_SHARE = 0.24, 0.55, 0.02, 0.07
HOURS_PER_WORKDAY = 11.75


class Orders:
    """Grows the rows of tbl_jo_txn, tbl_jo_process and tbl_daily_item. ``now``: the demo's clock, plant time."""

    def __init__(self, rng: random.Random, factory: Factory, now: datetime) -> None:
        self.rows: Rows = {"tbl_jo_txn": [], "tbl_jo_process": [], "tbl_daily_item": []}
        self._rng = rng
        self._factory = factory
        self._now = now
        self._number = 71_200
        self._serial = 118
        self._busy: set[int] = set()
        self._work: dict[int, float] = defaultdict(float)

    def add_all(self) -> None:
        """All regular orders of the demo."""
        kinds = ["open"] * OPEN_JOBS + ["closed"] * CLOSED_JOBS + ["later"] * LATER_JOBS
        self._rng.shuffle(kinds)
        for kind in kinds:
            if kind == "closed":
                self._closed()
            else:
                self._open(later=kind == "later")

    def add_plain(self, **changes: object) -> int:
        """One order that nothing has begun on, with some of its own columns changed; returns its TxnId_i."""
        product = self._rng.choice([p for p in self._factory.products if 2 <= len(p.steps) <= 4])
        number = self._order(product, product.lot, self._today(6), self._today(-2), **changes)
        for sequence, step in enumerate(product.steps, start=1):
            self._step(number, sequence, step, product.lot, product.lot, "", "")
        return number

    def add_new(self, now: datetime) -> int:
        """One order that comes in at ``now``, on which nothing has begun; returns its TxnId_i."""
        self._now = now
        self._open(later=False, new=True)
        return self._number

    def steps_of(self, number: int) -> list[Row]:
        """The operation rows of an order."""
        return [r for r in self.rows["tbl_jo_process"] if r["TxnId_i"] == number]

    def _open(self, later: bool, new: bool = False) -> None:
        rng = self._rng
        product = min(rng.sample(self._factory.products, 3), key=self._fullness)
        quantity = self._quantity(product)
        days = [step.hours * quantity / product.lot / HOURS_PER_WORKDAY for step in product.steps]
        material = self._today(rng.randint(1, 8)) if rng.random() < LATE_MATERIAL_SHARE else self._today(-rng.randint(1, 20))
        begun = rng.random() < BEGUN_SHARE and material <= self._today(0)
        ready = max(material, self._today(0))
        allowance = BASE_DAYS + DAYS_PER_WORKDAY * sum(days) + DAYS_PER_STEP * len(days) + rng.random() ** 1.5 * SPREAD_DAYS
        due = ready + timedelta(days=round(allowance * 7 / 5.5))
        if not new and rng.random() < OVERDUE_SHARE and material <= self._today(-2):
            due = self._today(-rng.randint(1, 6))
            material = min(material, due - timedelta(days=3))
        if later:
            due, begun = self._today(rng.randint(110, 160)), False
        came: Row = {"CreateDate_dt": self._now.isoformat(" ")} if new else {}
        begun = begun and not new
        number = self._order(product, quantity, due, material, **came)
        finished = rng.randint(0, len(product.steps) - 1) if begun else 0
        for sequence, step in enumerate(product.steps, start=1):
            machine = self._machine(step)
            status = ""
            if sequence <= finished:
                status = "FF"
                self._report(number, sequence, quantity, days_ago=rng.randint(1, 6))
            elif begun and sequence == finished + 1:
                machine = self._begin(number, sequence, step, quantity, machine)
            self._step(number, sequence, step, product.lot, quantity, machine, status)
            if not later and not status:
                self._work[step.centre.id] += step.hours * quantity / product.lot

    def _begin(self, number: int, sequence: int, step: Step, quantity: int, machine: str) -> str:
        """Report some output on a machine that runs nothing else yet; without one the operation just waits."""
        free = [m for m in self._factory.machines[step.centre.id] if m not in self._busy]
        if not free or self._rng.random() < 0.25:
            return machine
        chosen = self._rng.choice(free)
        self._busy.add(chosen)
        self._report(number, sequence, max(1, round(quantity * self._rng.uniform(0.08, 0.85))), days_ago=0)
        return str(chosen)

    def _fullness(self, product: Product) -> float:
        """How much of the wanted load the product's work centres have already, so that orders fill up the others."""
        shares = [self._work[s.centre.id] / (s.centre.load * s.centre.machines) for s in product.steps]
        return sum(shares) / len(shares)

    def _closed(self) -> None:
        product = self._rng.choice(self._factory.products)
        quantity = self._quantity(product)
        status, void = self._rng.choice((("CP", "0"), ("CP", "0"), ("CP", "0"), ("CX", "0"), ("OP", "1")))
        due = self._today(-self._rng.randint(2, 40))
        number = self._order(product, quantity, due, due - timedelta(days=14), DocStatus_c=status, Void_c=void)
        for sequence, step in enumerate(product.steps, start=1):
            done = status == "CP"
            self._step(number, sequence, step, product.lot, quantity, self._machine(step), "FF" if done else "")
            if done:
                self._report(number, sequence, quantity, days_ago=self._rng.randint(3, 40))

    def _order(self, product: Product, quantity: int, due: date, material: date, **changes: object) -> int:
        self._number += self._rng.randint(1, 3)
        self._serial += 1
        created = min(material, due, self._today(0)) - timedelta(days=self._rng.randint(5, 25))
        row: Row = {
            "TxnId_i": self._number, "DocRef_v": f"JOST25{created.month:02d}{self._serial:04d}", "JoQty_d": quantity,
            "TargetDate_dd": due.isoformat(), "MaterialDate_dd": material.isoformat(),
            "CreateDate_dt": f"{created.isoformat()} {self._rng.randint(8, 17):02d}:{self._rng.randint(0, 59):02d}:00",
            "IsImportant": int(self._rng.random() < IMPORTANT_SHARE), "Void_c": "0", "DocStatus_c": "OP",
        }  # fmt: skip
        self.rows["tbl_jo_txn"].append({**row, **changes})
        return self._number

    def _step(
        self, number: int, sequence: int, step: Step, lot: int, quantity: int, machine: str, status: str
    ) -> None:  # fmt: skip
        """Time by capacity (pieces per minute), for some steps by lead time in days of eight hours."""
        per_minute = round(lot / (step.hours * 60), 4)
        by_lead_time = per_minute < 0.01 or self._rng.random() < LEAD_TIME_SHARE
        self.rows["tbl_jo_process"].append({
            "TxnId_i": number, "RowId_i": sequence, "Task_v": step.name, "Machine_v": machine,
            "SetupTime_d": step.setup_minutes, "CapMin_d": 0 if by_lead_time else 1,
            "CapQty_d": 0 if by_lead_time else per_minute,
            "LeadTime_d": round(step.hours * quantity / lot / 8, 3) if by_lead_time else 0, "QtyStatus_c": status,
        })  # fmt: skip

    def _report(self, number: int, sequence: int, quantity: int, days_ago: int) -> None:
        """Output in one or two reports."""
        first = quantity if quantity < 10 or self._rng.random() < 0.5 else quantity // 2
        for part in (first, quantity - first):
            if part:
                day = self._today(-days_ago) if days_ago else self._today(0) - timedelta(days=2)
                at = f"{day.isoformat()} {self._rng.randint(7, 18):02d}:{self._rng.randint(0, 59):02d}:00"
                self.rows["tbl_daily_item"].append(
                    {"JoId_i": number, "ProcessrowId_i": sequence, "Qty_d": part, "CreateDate_dt": at}
                )

    def _machine(self, step: Step) -> str:
        machines = self._factory.machines[step.centre.id]
        if len(machines) >= 5 and self._rng.random() < TOGETHER_SHARE * 2.3:
            together = self._rng.sample(machines, self._rng.choice((2, 2, 2, 3, 3, 4, 5)))
            return ",".join(str(m) for m in sorted(together))
        return str(self._rng.choice(machines)) if self._rng.random() < ASSIGNED_SHARE else ""

    def _quantity(self, product: Product) -> int:
        return max(10, round(product.lot * self._rng.choice((0.5, 0.8, 1, 1, 1, 1, 1.2, 1.5)) / 10) * 10)

    def _today(self, days: int) -> date:
        return self._now.date() + timedelta(days=days)
