"""The ERP's tables as the demo creates them: the same statements on SQLite and MariaDB."""

from __future__ import annotations

TABLES: dict[str, str] = {
    "tbl_machine": "MachineId_i INT, MachineName_v VARCHAR(60), MachinetypeId_i INT, Status_i INT",
    "tbl_jo_txn": "TxnId_i INT, DocRef_v VARCHAR(60), JoQty_d DECIMAL(14,4), TargetDate_dd DATE, MaterialDate_dd DATE,"
    " CreateDate_dt DATETIME, IsImportant INT, Void_c CHAR(1), DocStatus_c CHAR(2)",
    "tbl_jo_process": "TxnId_i INT, RowId_i INT, Task_v VARCHAR(6000), Machine_v VARCHAR(200), SetupTime_d DECIMAL(14,4),"
    " CapMin_d DECIMAL(14,4), CapQty_d DECIMAL(14,4), LeadTime_d DECIMAL(14,4), QtyStatus_c CHAR(2)",
    "tbl_daily_item": "JoId_i INT, ProcessrowId_i INT, Qty_d DECIMAL(14,4), CreateDate_dt DATETIME",
    "tbl_routing_process": "BstkId_i INT, RowId_i INT, ProcessId_i INT, ProcessDescr_v VARCHAR(120), MachinetypeId_i INT,"
    " CycleTime_d DECIMAL(14,4), SetupTime_d DECIMAL(14,4)",
    "ai_arrangable_hour": "arrange_day INT, start_time TIME, end_time TIME, is_working INT",
    "ai_breaktimes": "name VARCHAR(60), start_time TIME, end_time TIME, duration_minutes INT, day_of_week INT,"
    " is_active INT",
    "ai_holidays": "holiday_date DATE, name VARCHAR(60), is_full_day INT, is_active INT",
    "shopwright_demo": "setting VARCHAR(60), content VARCHAR(400)",
}
"""Columns by table. The last one is the demo's own: the clock that stands still, and the banner that says so."""

INDEXES: tuple[str, ...] = (
    "CREATE INDEX jo_process_by_job ON tbl_jo_process(TxnId_i)",
    "CREATE INDEX daily_item_by_job ON tbl_daily_item(JoId_i)",
    "CREATE INDEX jo_txn_by_number ON tbl_jo_txn(TxnId_i)",
)
