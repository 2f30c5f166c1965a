"""A mapping that is wrong is refused with file, key and reason; one that does not fit the database names what it has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.data.database import DatabaseUnavailable, open_erp
from scheduler_core.data.erp import ErpConfig, load_config, load_mapping, read
from scheduler_core.errors import InvalidValue
from scheduler_core.settings import environment, locations
from tests.support.erp_dumps import ERPNEXT, load
from tests.support.erp_rows import CONFIG, START, with_one_job

METAL = locations.erp_mappings()["metal_plant"].read_text(encoding="utf-8")
TIMES = """    speed: {column: CapQty_d, unit: pieces per minute}
    lot_time: {column: LeadTime_d, unit: days of 8 hours}
"""


def changed(folder: Path, old: str, new: str) -> Path:
    """The metal plant's mapping with one text changed."""
    assert old in METAL
    file = folder / "own.yaml"
    file.write_text(METAL.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("quantity: JoQty_d", "amount: JoQty_d", "jobs.columns.amount",
         "is no meaning of jobs; there are job, number, quantity"),
        ("    quantity: JoQty_d\n", "", "jobs.columns", "'quantity' is missing (pieces to make)"),
        ("unit: days of 8 hours", "unit: fortnights", "operations.columns.lot_time.unit",
         "must be one of 'minutes', 'seconds', 'hours', 'days of 8 hours', 'days of 24 hours'"),
        ("    number: DocRef_v", "    number: {column: DocRef_v, unit: text}", "jobs.columns.number.unit",
         "is not possible here: number has no unit"),
        ("closed: [CP, CX]", "shut: [CP, CX]", "jobs.codes", "'shut' is no list of codes of jobs; there are closed"),
        ("    status: DocStatus_c\n", "", "jobs.codes", "'closed' needs a column with the meaning status"),
        ("job: JoId_i", "job: {column: JoId_i, unit: name}", "output.columns.job.unit",
         "must be the unit of jobs.columns.job: 'number'"),
        (TIMES, "", "operations.columns", "'speed' and lot_time are both missing"),
        ("table: tbl_machine\n", "table: tbl_machine\n  query: DELETE FROM tbl_machine\n", "machines",
         "has a query that does not begin with SELECT or WITH"),
        ("table: tbl_machine\n", "table: tbl_machine\n  where: 1 = 1\n  query: SELECT 1\n", "machines",
         "has a query and a where"),
        ("table: tbl_machine\n", "tabel: tbl_machine\n", "machines.table",
         "'table' is missing; 'tabel' is not a known setting"),
        ("erp: the metal", "ERP: the metal", "erp",
         "'erp' is missing; 'ERP' is not a known setting"),
        ("closed: [CP, CX]", "closed: CP", "jobs.codes.closed", "'CP' must be a list, such as [A, B]"),
        ("closed: [CP, CX]", "closed: [CP, Off]", "jobs.codes.closed.1", "False is no text: put it in quotes"),
        ("columns:\n    job: TxnId_i\n    number", "columns:\n   job: TxnId_i\n    number", "'own.yaml' is not YAML",
         "line 9, column 11: mapping values are not allowed here"),
        ("    date: holiday_date", "    calendar: plant\n    date: holiday_date", "holidays.columns.calendar",
         "'plant' needs a column hours.columns.calendar beside it"),
        ("    day: arrange_day", "    calendar: plant\n    day: arrange_day", "hours.columns.calendar",
         "'plant' needs a column machines.columns.calendar beside it"),
        ("table: tbl_machine\n", "table: tbl_machine\n  query: SELECT 1; COMMIT; DELETE FROM tbl_machine\n", "machines",
         "has a semicolon in its SQL, which must be one statement"),
        ("table: tbl_machine\n", "table: tbl_machine\n  where: 1 = 1); DROP TABLE tbl_machine --\n", "machines",
         "has a semicolon in its SQL, which must be one statement"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_with_file_key_and_reason(
    old: str, new: str, key: str, reason: str, tmp_path: Path
) -> None:
    file = changed(tmp_path, old, new)
    with pytest.raises(InvalidValue) as caught:
        load_mapping(str(file))
    assert f"{file}: {key}" in str(caught.value)
    assert reason in str(caught.value)


def test_the_settings_name_a_mapping_beside_them_or_one_that_is_shipped(tmp_path: Path) -> None:
    changed(tmp_path, "erp: the metal plant's ERP (MariaDB)", "erp: mine")
    settings = tmp_path / "erp.yaml"
    settings.write_text("plant: P\ntimezone: UTC\nmapping: own.yaml\n")
    assert load_config(settings).tables.erp == "mine"
    for shipped in ("metal_plant", "erpnext", "odoo"):
        settings.write_text(f"plant: P\ntimezone: UTC\nmapping: {shipped}\n")
        assert load_config(settings).tables == load_mapping(shipped)
    settings.write_text("plant: P\ntimezone: UTC\nmapping: sap\n")
    with pytest.raises(InvalidValue, match=r"mapping: 'sap' names no file .*; there are erpnext, metal_plant, odoo"):
        load_config(settings)


def test_the_routing_is_joined_by_columns_that_the_mapping_reads(tmp_path: Path) -> None:
    changed(tmp_path, "process: ProcessDescr_v", "process: Name_v")
    settings = tmp_path / "erp.yaml"
    settings.write_text("plant: P\ntimezone: UTC\nmapping: own.yaml\n")
    with pytest.raises(InvalidValue, match="'ProcessDescr_v' is not a column that the mapping reads of tbl_routing_process"):
        load_config(settings)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "quantity: JoQty_d",
            "quantity: Qty",
            "jobs: columns.quantity: table 'tbl_jo_txn' has no column 'Qty'; there are TxnId_i, ",
        ),
        (
            "table: tbl_machine",
            "table: machines",
            "machines: there is no table 'machines'; the database has ai_arrangable_hour, ",
        ),
    ],
)
def test_a_pull_names_what_the_database_does_not_have(old: str, new: str, said: str, tmp_path: Path) -> None:
    erp = open_erp(with_one_job().write(f"sqlite:///{tmp_path / 'erp.sqlite3'}"))
    own = ErpConfig.model_validate({**CONFIG.model_dump(), "mapping": str(changed(tmp_path, old, new))})
    try:
        with pytest.raises(DatabaseUnavailable) as caught:
            read(erp, own, START)
    finally:
        erp.close()
    assert said in str(caught.value)


def test_the_fingerprint_of_the_metal_plants_rows_stays(tmp_path: Path) -> None:
    """It is stored with every snapshot: a release compares it with the ERP's rows of the day."""
    erp = with_one_job()
    erp.made(3)
    expected = "48a7532e413d193beb9a0adb75b6d956deb14f536db88fc3e60d87293aea9540"
    assert erp.read(f"sqlite:///{tmp_path / 'erp.sqlite3'}").fingerprint == expected


def test_other_units_give_the_same_times(tmp_path: Path) -> None:
    """30 seconds a piece are 2 pieces a minute; the setup of 20 is hours here; a lead time of 1 day has 24 hours."""
    erp = with_one_job()
    erp.tables["tbl_jo_process"][0]["CapQty_d"] = 30
    erp.step(row=2, CapMin_d=0, LeadTime_d=1)
    file = changed(tmp_path, "unit: pieces per minute", "unit: seconds per piece")
    file.write_text(
        file.read_text().replace("unit: days of 8 hours", "unit: days of 24 hours").replace("unit: minutes", "unit: hours")
    )
    own = ErpConfig.model_validate({**CONFIG.model_dump(), "mapping": str(file)})
    (job,) = erp.read(f"sqlite:///{tmp_path / 'erp.sqlite3'}", own).plant.jobs
    assert [(o.minutes, o.setup_minutes) for o in job.operations] == [(50, 1200), (1440, 1200)]


def test_check_says_what_each_column_is_taken_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = "UPDATE `tabWork Order` SET qty = 'many' WHERE name = 'MFG-WO-2026-00004'"
    monkeypatch.setenv(environment.ERP_URL, load(ERPNEXT, f"sqlite:///{tmp_path / 'erp.sqlite3'}", spoiled))
    assert main(["erp", "check", "--mapping", "erpnext"]) == 0
    out = capsys.readouterr().out
    assert "jobs (an order): tabWork Order, 7 rows looked at, a pull reads 4\n" in out
    assert "  expected_delivery_date DATE -> due: when it has to be done, in day; such as '2026-03-05', 1 empty\n" in out
    assert "       'Stopped' 1 times: orders that are not planned\n" in out
    assert "     ? 1 cannot be read: many is not a number\n" in out
    assert "  no column: setup (setup time), " in out
    assert main(["erp", "check", "--mapping", "erpnext", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["fits"] is True
    (hours,) = [s for s in told["subjects"] if s["subject"] == "hours"]
    (start,) = [c for c in hours["columns"] if c["meaning"] == "start"]
    assert (start["column"], start["unit"], start["example"], start["empty"], start["odd"]) == (
        "start_time", "clock", "08:00:00.000000", 0, 0,
    )  # fmt: skip
    assert told["not_read"] == ["routing", "alternatives", "machine_hours", "breaks"]


def test_check_ends_with_1_where_the_mapping_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(environment.ERP_URL, load(ERPNEXT, f"sqlite:///{tmp_path / 'erp.sqlite3'}"))
    assert main(["erp", "check", "--mapping", "odoo"]) == 1
    out = capsys.readouterr().out
    refused = "  !! query: the database refuses it: no such table: mrp_production; it has the tables "
    assert refused + "tabDowntime Entry, tabHoliday, " in out
    assert out.endswith("The mapping does NOT fit the database: see the lines marked with !!\n")
