"""A few ERP rows, easily spoiled one cell at a time, in either database."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from scheduler_core.data.database import open_erp
from scheduler_core.data.demo.erp_tables import TABLES
from scheduler_core.data.erp import ErpConfig, Pull, fingerprint, read

START = datetime(2025, 7, 21, 6, 30)
"""A Monday, start of shift."""
CONFIG = ErpConfig(plant="test", timezone="Asia/Kuala_Lumpur")

Row = dict[str, object]


class Erp:
    """Machines CM01 (6), CM02 (7) of type 5, PB01 (20) of type 9, an inactive CM03 (8); Mon-Sat, tea and lunch; no jobs."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        for number, name, kind, status in ((6, "CM01", 5, 1), (7, "CM02", 5, 1), (8, "CM03", 5, 0), (20, "PB01", 9, 1)):
            self.add("tbl_machine", MachineId_i=number, MachineName_v=name, MachinetypeId_i=kind, Status_i=status)
        for day in range(1, 7):
            end = "19:30:00" if day < 6 else "13:00:00"
            self.add("ai_arrangable_hour", arrange_day=day, start_time="06:30:00", end_time=end, is_working=1)
        self.add(
            "ai_breaktimes", name="lunch", start_time="12:30:00", end_time="13:15:00", duration_minutes=45, day_of_week=None,
            is_active=1,
        )  # fmt: skip

    def add(self, table: str, **row: object) -> Row:
        """Append a row; the row itself is returned, to be changed before it is written."""
        self.tables[table].append(row)
        return row

    def job(self, number: int = 1, **changes: object) -> Row:
        """An open job of 100 pieces, due on Friday, material there since Sunday."""
        row: Row = {
            "TxnId_i": number, "DocRef_v": f"JOST{number:04d}", "JoQty_d": 100, "TargetDate_dd": "2025-07-25",
            "MaterialDate_dd": "2025-07-20", "CreateDate_dt": "2025-07-01 10:00:00", "IsImportant": 0, "Void_c": "0",
            "DocStatus_c": "OP",
        }  # fmt: skip
        return self.add("tbl_jo_txn", **(row | changes))

    def step(self, number: int = 1, row: int = 1, **changes: object) -> Row:
        """An operation: 2 pieces a minute (50 minutes), 20 minutes of setup, assigned to CM01."""
        cells: Row = {
            "TxnId_i": number, "RowId_i": row, "Task_v": f"CP08-428-{row}/3", "Machine_v": "6", "SetupTime_d": 20,
            "CapMin_d": 1, "CapQty_d": 2, "LeadTime_d": 0, "QtyStatus_c": "",
        }  # fmt: skip
        return self.add("tbl_jo_process", **(cells | changes))

    def made(self, quantity: object, number: int = 1, row: int = 1, at: str = "2025-07-19 10:00:00") -> Row:
        """A report of output."""
        return self.add("tbl_daily_item", JoId_i=number, ProcessrowId_i=row, Qty_d=quantity, CreateDate_dt=at)

    def routing(self, task: str, machine_type: object, row: int = 1, bstk: int = 1) -> Row:
        """A routing line."""
        return self.add(
            "tbl_routing_process", BstkId_i=bstk, RowId_i=row, ProcessId_i=4, ProcessDescr_v=task,
            MachinetypeId_i=machine_type, CycleTime_d=1, SetupTime_d=1,
        )  # fmt: skip

    def write(self, url: str) -> str:
        """Create the tables anew with the rows as they are now."""
        # Not by the store: it refuses numbers that an ERP may well hold.
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for table, columns in TABLES.items():
                if table == "shopwright_demo" and not self.tables[table]:
                    continue
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
                charset = "" if engine.dialect.name == "sqlite" else " CHARACTER SET utf8mb4"
                connection.exec_driver_sql(f"CREATE TABLE {table}({columns}){charset}")
                for row in self.tables[table]:
                    names = ", ".join(row)
                    values = ", ".join(f":{name}" for name in row)
                    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)
        engine.dispose()
        return url

    def read(self, url: str, config: ErpConfig = CONFIG, start: datetime | None = START) -> Pull:
        """Write the rows and pull them."""
        self.write(url)
        erp = open_erp(url)
        try:
            return read(erp, config, start)
        finally:
            erp.close()

    def fingerprint(self, url: str, config: ErpConfig = CONFIG, start: datetime = START) -> str:
        """Write the rows and take their fingerprint."""
        self.write(url)
        erp = open_erp(url)
        try:
            return fingerprint(erp, config, start)
        finally:
            erp.close()


def with_one_job() -> Erp:
    """One good job with one operation."""
    erp = Erp()
    erp.job()
    erp.step()
    return erp


def change(url: str, *statements: str) -> None:
    """Run statements on a database."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def checked(pull: Pull) -> Pull:
    counts = pull.counts
    assert counts.jobs_accepted + counts.jobs_quarantined == counts.jobs_read
    assert counts.rows_accepted + counts.rows_quarantined == counts.rows_read
    assert counts.jobs_accepted == len(pull.plant.jobs)
    return pull
