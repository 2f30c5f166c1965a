"""Numbers, names, codes and flags count as the ERP's database compares them, whatever the type of the column."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.data.database import open_erp
from scheduler_core.data.demo.erp_tables import TABLES
from scheduler_core.data.erp import Pull, read
from scheduler_core.data.erp.source import without_case
from tests.support.erp_rows import CONFIG, START, Erp, change, checked, with_one_job


def pulled(url: str) -> Pull:
    """A pull of what stands there."""
    erp = open_erp(url)
    try:
        return checked(read(erp, CONFIG, START))
    finally:
        erp.close()


@pytest.mark.mariadb
@pytest.mark.parametrize(
    "kind", ["ENUM('0','1')", "ENUM('1','0')", "BIT(1)", "BOOLEAN", "CHAR(1)", "VARCHAR(5)", "INT", "DECIMAL(3,1)"]
)
def test_a_flag_means_the_same_in_every_type_of_column(mariadb_url: str, kind: str) -> None:
    erp = with_one_job()
    for number in (1, 2, 3):
        if number > 1:
            erp.job(number)
            erp.step(number)
        erp.tables["tbl_jo_txn"][-1].update(Void_c=None, IsImportant=None)
    erp.write(mariadb_url)
    no, yes = ("b'0'", "b'1'") if kind == "BIT(1)" else ("'0'", "'1'")
    change(
        mariadb_url,
        *(f"ALTER TABLE {table} MODIFY {column} {kind}" for table, column in (
            ("tbl_jo_txn", "Void_c"), ("tbl_jo_txn", "IsImportant"),
        )),
        f"UPDATE tbl_jo_txn SET Void_c = {no}, IsImportant = {yes} WHERE TxnId_i = 1",
        f"UPDATE tbl_jo_txn SET Void_c = {yes}, IsImportant = {yes} WHERE TxnId_i = 2",
        f"UPDATE tbl_jo_txn SET IsImportant = {no} WHERE TxnId_i = 3",
    )  # fmt: skip
    pull = pulled(mariadb_url)
    assert pull.quarantine == ()
    assert [(j.id, j.important) for j in pull.plant.jobs] == [("JOST0001", True), ("JOST0003", False)]


@pytest.mark.mariadb
@pytest.mark.parametrize("kind", ["ENUM('0','1')", "BIT(1)", "BOOLEAN", "CHAR(1)"])
def test_switches_of_machines_and_times_mean_the_same_in_every_type_of_column(mariadb_url: str, kind: str) -> None:
    erp = with_one_job()
    erp.write(mariadb_url)
    before = pulled(mariadb_url)
    assert [o.minutes for o in before.plant.jobs[0].operations] == [50]
    for table, column in (
        ("tbl_machine", "Status_i"), ("tbl_jo_process", "CapMin_d"), ("ai_arrangable_hour", "is_working"),
        ("ai_breaktimes", "is_active"),
    ):  # fmt: skip
        change(mariadb_url, f"ALTER TABLE {table} ADD COLUMN new_flag {kind}")
        for value in (0, 1):
            literal = f"b'{value}'" if kind == "BIT(1)" else f"'{value}'"
            change(mariadb_url, f"UPDATE {table} SET new_flag = {literal} WHERE {column} = {value}")
        change(
            mariadb_url, f"ALTER TABLE {table} DROP COLUMN {column}",
            f"ALTER TABLE {table} CHANGE COLUMN new_flag {column} {kind}",
        )  # fmt: skip
    assert pulled(mariadb_url).plant == before.plant


def test_codes_count_in_either_case_and_with_trailing_blanks(database_url: str) -> None:
    erp = with_one_job()
    erp.step(row=2, QtyStatus_c="ff")
    erp.job(2, DocStatus_c="cp")
    erp.step(2)
    pull = checked(erp.read(database_url))
    assert [(j.id, [o.sequence for o in j.operations]) for j in pull.plant.jobs] == [("JOST0001", [1])]
    change(database_url, "UPDATE tbl_jo_txn SET DocStatus_c = 'CX' WHERE TxnId_i = 2")
    assert [j.id for j in pulled(database_url).plant.jobs] == ["JOST0001"]


def test_an_order_number_is_kept_without_trailing_blanks(database_url: str) -> None:
    erp = Erp()
    erp.job(DocRef_v="WO-7  ")
    erp.step()
    assert [j.id for j in checked(erp.read(database_url)).plant.jobs] == ["WO-7"]


def test_the_routing_is_joined_as_the_database_compares(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(row=1, Machine_v="", Task_v="CP08-428 CUT")
    erp.routing("CP08-428 CUT ", 5)
    erp.job(2)
    erp.step(2, row=1, Machine_v="", Task_v="CP08-428 bend")
    erp.routing("CP08-428 BEND", 9)
    pull = checked(erp.read(database_url))
    if database_url.startswith("sqlite"):
        assert [(q.job, q.reason) for q in pull.quarantine] == [
            ("JOST0002", "is empty, and no routing line says which machine type it needs")
        ]
    else:
        assert pull.quarantine == ()
        assert [j.operations[0].machine_types for j in pull.plant.jobs] == [(5,), (9,)]
    assert pull.plant.jobs[0].operations[0].machine_types == (5,)


@pytest.mark.parametrize(("collation", "jobs"), [("NOCASE", []), ("BINARY", ["WO-7", "wo-7"])])
def test_the_collation_of_the_column_decides_over_letter_case(tmp_path: Path, collation: str, jobs: list[str]) -> None:
    erp = with_one_job()
    for number, name in ((2, "WO-7"), (3, "wo-7")):
        erp.job(number, DocRef_v=name)
        erp.step(number)
    url = erp.write(f"sqlite:///{tmp_path / 'e.sqlite3'}")
    change(
        url, "CREATE TABLE other AS SELECT * FROM tbl_jo_txn", "DROP TABLE tbl_jo_txn",
        f"CREATE TABLE tbl_jo_txn({TABLES['tbl_jo_txn'].replace('VARCHAR(60)', f'VARCHAR(60) COLLATE {collation}')})",
        "INSERT INTO tbl_jo_txn SELECT * FROM other",
    )  # fmt: skip
    assert [j.id for j in pulled(url).plant.jobs] == ["JOST0001", *jobs]


@pytest.mark.parametrize("word", ["Y", "yes ", "t", "TRUE", "X", "1.0", 1, b"\x01"])
def test_a_void_order_is_left_out_whatever_word_says_so(tmp_path: Path, word: object) -> None:
    erp = with_one_job()
    erp.job(2, Void_c=word)
    erp.step(2)
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    assert ([j.id for j in pull.plant.jobs], pull.counts.jobs_read) == (["JOST0001"], 1)


@pytest.mark.parametrize("word", ["N", "no", " f", "False", "", None, 0, b"\x00"])
def test_an_order_is_live_whatever_word_says_so(tmp_path: Path, word: object) -> None:
    erp = with_one_job()
    erp.job(2, Void_c=word, IsImportant=word)
    erp.step(2)
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    assert [(j.id, j.important) for j in pull.plant.jobs] == [("JOST0001", False), ("JOST0002", False)]


@pytest.mark.parametrize("word", ["?", "void", "2", "-1", "1abc", "10"])
def test_a_void_flag_that_says_neither_is_named(database_url: str, word: str) -> None:
    erp = with_one_job()
    erp.job(2)
    erp.step(2)
    erp.write(database_url)
    change(
        database_url,
        *([] if database_url.startswith("sqlite") else ["ALTER TABLE tbl_jo_txn MODIFY Void_c VARCHAR(9)"]),
        f"UPDATE tbl_jo_txn SET Void_c = '{word}' WHERE TxnId_i = 2",
    )  # fmt: skip
    pull = pulled(database_url)
    assert [j.id for j in pull.plant.jobs] == ["JOST0001"]
    assert [(q.job, q.field, q.value, q.reason) for q in pull.quarantine] == [
        ("JOST0002", "Void_c", word, "is neither 0 nor 1")
    ]


@pytest.mark.parametrize("status", [None, "", 2, "A", "?", -1])
def test_a_machine_whose_status_is_not_known_is_named_and_so_are_its_jobs(tmp_path: Path, status: object) -> None:
    erp = with_one_job()
    erp.tables["tbl_machine"][0]["Status_i"] = status
    erp.tables["tbl_machine"][3]["Status_i"] = status
    erp.job(2)
    erp.step(2, Machine_v="20")
    erp.job(3)
    erp.step(3, Machine_v="6,7")
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    said = "(empty)" if status in (None, "") else str(status)
    reason = "is neither 1 (in service) nor 0 (out of service): the machine is not planned"
    assert [(q.row, q.field, q.value, q.reason) for q in pull.quarantine if q.table == "tbl_machine"] == [
        (f"MachineId_i={number}", "Status_i", said, reason) for number in (6, 20)
    ]
    assert [(q.job, q.reason) for q in pull.quarantine if q.job is not None] == [
        ("JOST0002", "names machine 20 (PB01), of whose type no machine is active"),
        ("JOST0003", "needs machine 6 (CM01) too, whose status in the ERP is not known"),
    ]
    assert [(n.job, n.message) for n in pull.notes] == [
        ("JOST0001", "is assigned to machine 6 (CM01), whose status in the ERP is not known: any other of its type will do")
    ]
    assert pull.out_of_service == {6, 8, 20}


@pytest.mark.parametrize(("status", "active"), [("Y", True), ("true", True), ("1 ", True), ("N", False), ("0", False)])
def test_the_status_of_a_machine_may_be_any_word_for_yes_or_no(tmp_path: Path, status: str, active: bool) -> None:
    erp = with_one_job()
    erp.tables["tbl_machine"][0]["Status_i"] = status
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    assert pull.quarantine == ()
    assert (6 in {m.id for m in pull.plant.machines}) == active


@pytest.mark.parametrize(
    ("collation", "ignored"),
    [
        ("utf8mb4_0900_ai_ci", True),
        ("utf8mb4_0900_as_ci", True),
        ("utf8mb4_0900_as_cs", False),
        ("utf8mb4_0900_bin", False),
        ("utf8mb4_uca1400_ai_ci", True),
        ("utf8mb4_uca1400_nopad_ai_ci", True),
        ("utf8mb4_uca1400_as_cs", False),
        ("latin1_swedish_ci", True),
        ("latin1_general_cs", False),
        ("utf8mb4_nopad_bin", False),
        ("binary", False),
        (None, False),
    ],
)
def test_collations_of_mariadb_and_mysql_say_by_their_name_whether_case_counts(collation: str | None, ignored: bool) -> None:
    assert without_case(collation) == ignored
