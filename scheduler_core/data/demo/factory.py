"""The demo's lasting things: machines with gaps in their numbers, products with routings, and the calendar."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler_core.data.demo.catalogue import BREAKS, FAMILY_LETTERS, HOLIDAYS, WORK_CENTRES, WorkCentre

Row = dict[str, object]
Rows = dict[str, list[Row]]

ROUTING_LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9)
ROUTING_WEIGHTS = (10, 23, 26, 19, 11, 6, 3, 1.4, 0.8)
"""1 to 9 operations, 3.3 on average."""


@dataclass(frozen=True)
class Step:
    """One operation of a product: where, pieces per minute if it is counted by pieces, else days of eight hours."""

    centre: WorkCentre
    name: str
    setup_minutes: int
    hours: float


@dataclass(frozen=True)
class Product:
    """A part with its routing; ``lot`` is its usual quantity. ``Step.hours`` are for one usual lot."""

    code: str
    routing_id: int
    lot: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Factory:
    """Machine ids by work centre id, products, and the rows of the tables that rarely change."""

    machines: dict[int, list[int]]
    products: list[Product]
    rows: Rows


def build_factory(rng: random.Random, centres: Sequence[WorkCentre] = WORK_CENTRES) -> Factory:
    """Machines, routings and calendar of the demo. ``centres``: at least as many as the longest routing has operations."""
    rows: Rows = {"tbl_machine": [], "tbl_routing_process": []}
    machines = _machines(rng, rows["tbl_machine"], centres)
    products = _products(rng, centres)
    process_id = 1000
    for product in products:
        for number, step in enumerate(product.steps, start=1):
            process_id += rng.randint(1, 4)
            rows["tbl_routing_process"].append({
                "BstkId_i": product.routing_id, "RowId_i": number, "ProcessId_i": process_id, "ProcessDescr_v": step.name,
                "MachinetypeId_i": step.centre.id, "CycleTime_d": round(step.hours * 3600 / product.lot, 2),
                "SetupTime_d": step.setup_minutes,
            })  # fmt: skip
    rows |= _calendar_rows()
    return Factory(machines, products, rows)


def _machines(rng: random.Random, rows: list[Row], centres: Sequence[WorkCentre]) -> dict[int, list[int]]:
    ids: dict[int, list[int]] = {}
    next_id = 3
    for centre in centres:
        ids[centre.id] = []
        for number in range(1, centre.machines + 1):
            # Machines come and go, so their numbers have gaps.
            next_id += rng.choice((1, 1, 1, 1, 2, 3))
            ids[centre.id].append(next_id)
            rows.append(_machine(next_id, f"{centre.code}{number:02d}", centre.id, 1))
        if centre.machines >= 6:
            next_id += 1
            rows.append(_machine(next_id, f"{centre.code}{centre.machines + 1:02d} (scrapped)", centre.id, 0))
    return ids


def _machine(number: int, name: str, centre: int, status: int) -> Row:
    return {"MachineId_i": number, "MachineName_v": name, "MachinetypeId_i": centre, "Status_i": status}


def _products(rng: random.Random, park: Sequence[WorkCentre]) -> list[Product]:
    families = [f"{letters}{number:02d}" for letters in FAMILY_LETTERS for number in sorted(rng.sample(range(1, 40), 6))]
    products: list[Product] = []
    for routing_id in range(1, 181):
        code = f"{rng.choice(families)}-{rng.randint(100, 999)}"
        if any(p.code == code for p in products):
            continue
        length = rng.choices(ROUTING_LENGTHS, ROUTING_WEIGHTS)[0]
        centres = sorted(_draw_centres(rng, length, park), key=lambda c: (c.stage, rng.random()))
        steps = tuple(
            Step(centre, f"{code}-{i}/{length}", rng.choice((10, 15, 20, 20, 30, 30, 45, 60)), _hours(rng))
            for i, centre in enumerate(centres, start=1)
        )
        products.append(Product(code, routing_id, rng.choice((50, 100, 120, 200, 250, 300, 500, 800, 1000)), steps))
    return products


def _draw_centres(rng: random.Random, count: int, park: Sequence[WorkCentre]) -> list[WorkCentre]:
    drawn: list[WorkCentre] = []
    while len(drawn) < count:
        centre = rng.choices(park, [c.machines * c.load for c in park])[0]
        if centre not in drawn:
            drawn.append(centre)
    return drawn


def _hours(rng: random.Random) -> float:
    """Hours of one usual lot, mostly two or three; orders of half to one and a half lots take 0.3 to 65."""
    return min(43.0, max(0.62, rng.lognormvariate(1.08, 0.92)))


def _calendar_rows() -> Rows:
    days: list[Row] = [
        {"arrange_day": day, "start_time": "06:30:00", "end_time": "19:30:00", "is_working": 1} for day in range(1, 6)
    ]
    days.append({"arrange_day": 6, "start_time": "06:30:00", "end_time": "13:00:00", "is_working": 1})
    days.append({"arrange_day": 7, "start_time": "06:30:00", "end_time": "13:00:00", "is_working": 0})
    breaks: list[Row] = [
        {
            "name": name, "start_time": start, "end_time": end, "duration_minutes": minutes, "day_of_week": None,
            "is_active": 1,
        }
        for name, start, end, minutes in BREAKS
    ]  # fmt: skip
    breaks.append({
        "name": "Friday prayer", "start_time": "13:15:00", "end_time": "14:15:00", "duration_minutes": 60,
        "day_of_week": 5, "is_active": 1,
    })  # fmt: skip
    breaks.append({
        "name": "old supper break", "start_time": "18:00:00", "end_time": "18:30:00", "duration_minutes": 30,
        "day_of_week": None, "is_active": 0,
    })  # fmt: skip
    holidays: list[Row] = [{"holiday_date": date, "name": name, "is_full_day": 1, "is_active": 1} for date, name in HOLIDAYS]
    # Not a whole day, so a plan cannot hold it: it ends in quarantine.
    holidays.append({"holiday_date": "2025-09-15", "name": "Half day before the feast", "is_full_day": 0, "is_active": 1})
    return {"ai_arrangable_hour": days, "ai_breaktimes": breaks, "ai_holidays": holidays}
