"""The study of generated ERP contents in short, and what it has found, each with a test of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from scheduler_core import interchange
from scheduler_core.data.erp.cells import BadCell, number
from tests.support.erp_contents import Bench, contents
from tests.support.erp_rows import Erp, checked, with_one_job


@pytest.mark.slow
@pytest.mark.parametrize("count", [200])
def test_whatever_stands_in_the_erp_nothing_crashes_and_nothing_vanishes(database_url: str, count: int) -> None:
    bench, pulls = Bench(database_url), 0
    examples = count if database_url.startswith("sqlite") else count // 5

    @seed(2)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(contents())
    def run(content: Erp) -> None:
        nonlocal pulls
        pulls += bench.pull(content) is not None

    try:
        run()
    finally:
        bench.close()
    assert pulls > examples // 3, "most contents hold something to plan"


def test_a_number_next_to_nothing_is_refused_before_something_is_divided_by_it() -> None:
    with pytest.raises(BadCell, match="too small to be meant"):
        number("CapQty_d", "1e-999999")
    assert number("CapQty_d", "0e-999999") == 0


def test_a_machine_with_too_large_a_type_is_refused_alone(tmp_path: Path) -> None:
    erp = with_one_job()
    for machine, kind in enumerate((2**31 + 1, 2**31, -(2**31), -(2**31) - 1), start=900):
        erp.add("tbl_machine", MachineId_i=machine, MachineName_v=f"M{machine}", MachinetypeId_i=kind, Status_i=1)
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    assert [(q.row, q.field, q.value) for q in pull.quarantine] == [
        ("MachineId_i=900", "MachinetypeId_i", "2147483649"), ("MachineId_i=903", "MachinetypeId_i", "-2147483649"),
    ]  # fmt: skip
    assert {901, 902} <= {m.id for m in pull.plant.machines}


def test_names_of_breaks_and_holidays_can_be_kept(tmp_path: Path) -> None:
    erp = with_one_job()
    erp.tables["ai_breaktimes"][0]["name"] = "x" * 5000
    erp.add("ai_holidays", holiday_date="2025-08-31", name=b"\xff\xfe", is_full_day=1, is_active=1)
    erp.add("ai_holidays", holiday_date="2025-09-01", name=None, is_full_day=1, is_active=1)
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    assert [(q.table, q.field, q.reason) for q in pull.quarantine] == [
        ("ai_breaktimes", "name", "is longer than 120 characters")
    ]
    assert [h.name for h in pull.plant.calendars[0].holidays] == ["0xfffe", ""]
    assert interchange.snapshot_from_json(interchange.snapshot_to_json(pull.plant), "pull") == pull.plant


def test_a_blank_cell_is_shown_as_empty(tmp_path: Path) -> None:
    erp = with_one_job()
    erp.job(2)
    erp.step(2, SetupTime_d="")
    erp.add("tbl_machine", MachineId_i="", MachineName_v="?", MachinetypeId_i=5, Status_i=1)
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    assert [(q.row, q.value) for q in pull.quarantine] == [
        ("MachineId_i=(empty)", "(empty)"), ("TxnId_i=2, RowId_i=1", "(empty)"),
    ]  # fmt: skip
