"""An ERP of any size, written fast: the demo's machines and calendar, open jobs of five operations, and closed history."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.demo import DEMO_CLOCK
from scheduler_core.data.demo.erp_tables import INDEXES, TABLES
from scheduler_core.data.demo.factory import Factory, Row, Rows, build_factory

OPERATIONS_PER_JOB = 5
FAULTY_EVERY = 50
"""Every so many jobs one has a negative setup and ends in quarantine."""


def erp_rows(jobs: int, closed: int, seed: int = 1) -> Rows:
    """Rows by table: ``jobs`` open jobs and ``closed`` that a pull must pass over. A third has output, half no machine."""
    rng = random.Random(seed)
    factory = build_factory(rng)
    rows: Rows = {**factory.rows, "tbl_jo_txn": [], "tbl_jo_process": [], "tbl_daily_item": []}
    for number in range(1, jobs + closed + 1):
        # Closed jobs are older, so they have the smaller numbers, as in an ERP that has run for years.
        _add_job(rng, factory, rows, number, is_open=number > closed)
    return rows


def _add_job(rng: random.Random, factory: Factory, rows: Rows, number: int, is_open: bool) -> None:
    today = DEMO_CLOCK.date()
    due, material = today + timedelta(days=rng.randint(-5, 90)), today - timedelta(days=rng.randint(5, 30))
    rows["tbl_jo_txn"].append({
        "TxnId_i": number, "DocRef_v": f"JOST25{number:07d}", "JoQty_d": rng.randint(10, 900), "TargetDate_dd": str(due),
        "MaterialDate_dd": str(material), "CreateDate_dt": f"{material} 10:00:00", "IsImportant": int(rng.random() < 0.1),
        "Void_c": "0", "DocStatus_c": "OP" if is_open else "CP",
    })  # fmt: skip
    product = rng.choice([p for p in factory.products if len(p.steps) >= 2])
    reported = rng.random() < 1 / 3
    for sequence in range(1, OPERATIONS_PER_JOB + 1):
        place = (sequence - 1) % len(product.steps)
        step = product.steps[place]
        begun = reported and sequence == 1
        setup = -1 if number % FAULTY_EVERY == 0 and sequence == 2 else step.setup_minutes
        routed = place == sequence - 1 and not begun and rng.random() < 0.5
        rows["tbl_jo_process"].append({
            "TxnId_i": number, "RowId_i": sequence, "Task_v": step.name,
            "Machine_v": "" if routed else str(rng.choice(factory.machines[step.centre.id])), "SetupTime_d": setup,
            "CapMin_d": 1, "CapQty_d": f"{product.lot / (step.hours * 60):.4f}", "LeadTime_d": 0,
            "QtyStatus_c": "" if is_open else "FF",
        })  # fmt: skip
        if begun or not is_open:
            report = {"JoId_i": number, "ProcessrowId_i": sequence, "Qty_d": 2, "CreateDate_dt": "2025-07-19 10:00:00"}
            rows["tbl_daily_item"] += [report, {**report, "CreateDate_dt": "2025-07-20 10:00:00"}]


def write_rows(url: str, rows: Rows, indexes: Sequence[str] = INDEXES) -> None:
    """Create the ERP's tables with these rows and indexes; the demo's own table is left out."""
    database = open_store(url)
    try:
        with database.engine.begin() as connection:
            for table, columns in TABLES.items():
                if table != "shopwright_demo":
                    suffix = "" if database.dialect == "sqlite" else " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
                    connection.exec_driver_sql(f"CREATE TABLE {table}({columns}){suffix}")
            for statement in indexes:
                connection.exec_driver_sql(statement)
            for table, content in rows.items():
                _insert(connection, table, content)
    finally:
        database.close()


def _insert(connection: sa.Connection, table: str, content: list[Row]) -> None:
    if content:
        names = list(content[0])
        values = ", ".join(f":{name}" for name in names)
        connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), content)
