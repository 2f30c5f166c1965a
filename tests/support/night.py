"""A night in a demo ERP: the clock goes on, the shop floor reports what the released plan has done, and things go wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours


def pass_night(erp: Path, plant: Plant, plan: Schedule, until: datetime) -> None:
    """Play the demo ERP's night by the plan: its clock stands at ``until`` (plant time, without a zone) afterwards, what the
    plan had ended by then is reported as finished, and what it had begun has output in proportion to the time worked."""
    minute = plant.minute_of(until.replace(tzinfo=plant.plan_start.tzinfo))
    hours = OpenHours(plant, plan)
    with closing(sqlite3.connect(erp)) as connection, connection:
        numbers = dict(connection.execute("SELECT DocRef_v, TxnId_i FROM tbl_jo_txn"))
        quantities = dict(connection.execute("SELECT TxnId_i, JoQty_d FROM tbl_jo_txn"))
        for a in plan.assignments:
            number = numbers[a.job]
            if a.end <= minute:
                connection.execute(
                    "UPDATE tbl_jo_process SET QtyStatus_c = 'FF' WHERE TxnId_i = ? AND RowId_i = ?", (number, a.sequence)
                )
            elif a.start < minute:
                share = hours.working(a.machines, a.start, minute) / max(1, hours.working(a.machines, a.start, a.end))
                (before,) = connection.execute(
                    "SELECT COALESCE(SUM(Qty_d), 0) FROM tbl_daily_item WHERE JoId_i = ? AND ProcessrowId_i = ?",
                    (number, a.sequence),
                ).fetchone()
                made = int((quantities[number] - before) * share)
                if made > 0:
                    connection.execute(
                        "INSERT INTO tbl_daily_item VALUES (?, ?, ?, ?)", (number, a.sequence, made, until.isoformat(" "))
                    )
                    connection.execute(
                        "UPDATE tbl_jo_process SET Machine_v = ? WHERE TxnId_i = ? AND RowId_i = ?",
                        (",".join(str(m) for m in a.machines), number, a.sequence),
                    )
        connection.execute(
            "UPDATE tbl_jo_txn SET DocStatus_c = 'CP' WHERE TxnId_i NOT IN"
            " (SELECT TxnId_i FROM tbl_jo_process WHERE COALESCE(QtyStatus_c, '') <> 'FF')"
        )
        connection.execute("UPDATE shopwright_demo SET content = ? WHERE setting = 'clock'", (until.isoformat(" "),))


def break_down(erp: Path, machines: Sequence[str]) -> None:
    """Put these machines (names) out of service."""
    with closing(sqlite3.connect(erp)) as connection, connection:
        for name in machines:
            changed = connection.execute("UPDATE tbl_machine SET Status_i = 0 WHERE MachineName_v = ?", (name,))
            assert changed.rowcount == 1, name


def delay_material(erp: Path, job: str, until: datetime) -> None:
    """The material of this order (its document number) arrives on the day of ``until``."""
    with closing(sqlite3.connect(erp)) as connection, connection:
        changed = connection.execute(
            "UPDATE tbl_jo_txn SET MaterialDate_dd = ? WHERE DocRef_v = ?", (until.date().isoformat(), job)
        )
        assert changed.rowcount == 1, job
