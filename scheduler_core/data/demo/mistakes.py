"""What a real ERP holds too: deliberately bad rows, one kind each, and odd ones that can be used with a remark."""

from __future__ import annotations

from collections.abc import Callable

from scheduler_core.data.demo.factory import Row
from scheduler_core.data.demo.orders import Orders


def add_mistakes(orders: Orders) -> None:
    """One more order for every kind of mistake (two for the duplicated reference)."""
    for spoil in _SPOILED_STEPS:
        spoil(orders)
    orders.add_plain(JoQty_d=-200)
    orders.add_plain(IsImportant=7)
    orders.add_plain(MaterialDate_dd="2205-07-25")
    orders.add_plain(DocRef_v="JOST25079001")
    orders.add_plain(DocRef_v="JOST25079001")
    empty = orders.add_plain()
    orders.rows["tbl_jo_process"] = [r for r in orders.rows["tbl_jo_process"] if r["TxnId_i"] != empty]


def add_oddities(orders: Orders, scrapped_machine: int) -> None:
    """Orders that can be planned, but that a planner should look at."""
    orders.add_plain(TargetDate_dd=None)
    orders.steps_of(orders.add_plain())[0]["Machine_v"] = str(scrapped_machine)
    reports = orders.rows["tbl_daily_item"]
    begun = next(r for r in orders.rows["tbl_jo_process"] if _runs(orders, r))
    number = orders.add_plain()
    orders.steps_of(number)[0]["Machine_v"] = begun["Machine_v"]
    reports.append({"JoId_i": number, "ProcessrowId_i": 1, "Qty_d": 12, "CreateDate_dt": "2025-07-17 11:20:00"})


def _runs(orders: Orders, step: Row) -> bool:
    """True for a step with output that is open and stands on one machine."""
    key = (step["TxnId_i"], step["RowId_i"])
    reported = {(r["JoId_i"], r["ProcessrowId_i"]) for r in orders.rows["tbl_daily_item"]}
    return step["QtyStatus_c"] == "" and key in reported and str(step["Machine_v"]).isdigit()


def _negative_setup(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[0]["SetupTime_d"] = -30


def _no_capacity(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[1].update(CapMin_d=1, CapQty_d=0, LeadTime_d=0)


def _no_time_at_all(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[0].update(CapMin_d=0, CapQty_d=None, LeadTime_d=None)


def _unknown_machine(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[0]["Machine_v"] = "9041"


def _garbled_machines(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[0]["Machine_v"] = "7,PP02"


def _row_twice(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[1]["RowId_i"] = 1


def _no_routing(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[0].update(Task_v="REWORK see mail", Machine_v="")


def _pasted_text(orders: Orders) -> None:
    orders.steps_of(orders.add_plain())[0]["Task_v"] = "please check drawing rev. C with QA before start; " * 100


def _finished_but_open(orders: Orders) -> None:
    number = orders.add_plain()
    order = orders.rows["tbl_jo_txn"][-1]
    for step in orders.steps_of(number):
        orders.rows["tbl_daily_item"].append({
            "JoId_i": number, "ProcessrowId_i": step["RowId_i"], "Qty_d": order["JoQty_d"],
            "CreateDate_dt": "2025-07-18 16:40:00",
        })  # fmt: skip


_SPOILED_STEPS: tuple[Callable[[Orders], None], ...] = (
    _negative_setup, _no_capacity, _no_time_at_all, _unknown_machine, _garbled_machines, _row_twice, _no_routing,
    _pasted_text, _finished_but_open,
)  # fmt: skip
