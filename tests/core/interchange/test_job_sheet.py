"""Tables of jobs: what is accepted is what was written, and every refused row says why."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.interchange import packed_files, sheet_table, snapshot_from_json, snapshot_to_json
from scheduler_core.interchange.job_columns import EXAMPLE_JOB, NAMES
from scheduler_core.interchange.job_sheet import JobSheet, read_jobs, with_jobs
from scheduler_core.interchange.job_template import job_template
from scheduler_core.plant import Job, Operation, Plant
from tests.support.plants import DAY, HOUR, job, machine, operation, plant
from tests.support.sheet_files import Cells, as_csv, as_ods, as_xlsx
from tests.support.sheet_files import job_row as row


@pytest.fixture
def shop() -> Plant:
    """Work centres "type 1" (M1, M2) and "type 2" (M3); the plan starts on Monday 2025-07-21 at 08:00."""
    return plant(job("OLD", operation(10)), machines=[machine(1), machine(2), machine(3, type=2)])


def read(shop: Plant, *rows: Cells) -> JobSheet:
    found = read_jobs(as_xlsx(rows), "jobs.xlsx", shop)
    assert found.rows_accepted + found.rows_refused == found.rows_read == len(rows)
    assert len({r.number for r in found.refused}) == found.rows_refused
    return found


# ---------------------------------------------------------------- accepted
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.xlsx", as_xlsx),
        ("a.ods", as_ods),
        ("a.csv", as_csv),
        ("a.CSV", lambda r: as_csv(r, ";")),
        ("a.txt", lambda r: as_csv(r, "\t")),
    ],
)
def test_what_is_written_is_what_is_read(shop: Plant, name: str, write: Callable[[Sequence[Cells]], bytes]) -> None:
    rows = [
        row(job="N1", product="P-1", quantity=12.5, important="yes", release="2025-07-22", due="2025-07-23", operation=20,
            minutes="61.2", setup_minutes=0, machines="M3", machine_types="type 1", preferred_machine="M3"),
        row(job="N2", due="2025-07-21 10:30", minutes=1),
        row(job="N1", family="", operation=10, process="Cut", machine_types="", machines="M1; M3", all_machines="Yes"),
    ]  # fmt: skip
    found = read_jobs(write(rows), name, shop)
    assert found.refused == ()
    assert found.jobs == (
        Job(
            "N1",
            (
                Operation(10, "Cut", 60, 5, machines=(1, 3), requires_all=True),
                Operation(20, "Bend", 62, 0, machine_types=(1,), machines=(3,), preferred_machine=3),
            ),
            "F", "P-1", 12.5, True, 16 * HOUR, 3 * DAY - 8 * HOUR - 1,
        ),
        Job("N2", (Operation(1, "Bend", 1, 5, machine_types=(1,)),), "F", due=150),
    )  # fmt: skip
    merged = with_jobs(shop, found.jobs)
    assert [j.id for j in merged.jobs] == ["OLD", "N1", "N2"]
    assert snapshot_from_json(snapshot_to_json(merged), "merged") == merged


def test_dates_of_a_spreadsheet_are_dates_and_those_with_a_time_keep_it(shop: Plant) -> None:
    book = load_workbook(
        BytesIO(as_xlsx([row(job="A", due=datetime(2025, 7, 22)), row(job="B", due=datetime(2025, 7, 22, 10, 30))]))
    )
    sheet = book.active
    assert sheet is not None
    place = NAMES.index("due") + 1
    sheet.cell(2, place).number_format = "dd/mm/yyyy"
    sheet.cell(3, place).number_format = "dd/mm/yyyy hh:mm"
    stream = BytesIO()
    book.save(stream)
    found = read_jobs(stream.getvalue(), "a.xlsx", shop)
    assert [j.due for j in found.jobs] == [2 * DAY - 8 * HOUR - 1, DAY - 8 * HOUR + 630]
    assert found.notes == ()


def test_numbers_of_machines_tell_equal_names_apart(shop: Plant) -> None:
    from dataclasses import replace

    twins = replace(shop, machines=(*shop.machines, replace(shop.machines[0], id=9)))
    assert "which are several machines: write one as #1" in read(twins, row(machines="M1")).refused[0].reason
    assert read(twins, row(machines="#9")).jobs[0].operations[0].machines == (9,)


def test_empty_rows_are_no_rows(shop: Plant) -> None:
    found = read_jobs(as_xlsx([{}, row(), {}, row(job="N2", minutes=0, setup_minutes=0)]), "a.xlsx", shop)
    assert (found.rows_read, found.rows_accepted) == (2, 1)
    assert [(r.number, r.field, r.value, r.reason) for r in found.refused] == [
        (5, "minutes", "0", "in every row of the job: nothing is left of it that takes time")
    ]


# ---------------------------------------------------------------- refused
@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"job": "OLD"}, "job", "is in the plan already"),
        ({"job": EXAMPLE_JOB}, "job", "is the template's example: delete the row"),
        ({"job": "x" * 121}, "job", "is longer than 120 characters"),
        ({"job": "a\ue000b"}, "job", "holds a sign that cannot be printed"),
        ({"family": ""}, "family", "is empty in every row of the job"),
        ({"quantity": 0}, "quantity", "is not a quantity to make"),
        ({"quantity": "1,5"}, "quantity", "is not a number (write it with a decimal point and without separators)"),
        ({"quantity": "nan"}, "quantity", "is not a finite number"),
        ({"important": "maybe"}, "important", "is neither yes nor no"),
        ({"due": "25/07/2025"}, "due", "is not a date such as 2025-07-25, or 2025-07-25 14:30"),
        ({"due": "2025-02-30"}, "due", "is not a date such as 2025-07-25, or 2025-07-25 14:30"),
        ({"due": "2025-07-25 14:30:61"}, "due", "is not a date such as 2025-07-25, or 2025-07-25 14:30"),
        ({"due": "2025-07-25 24:01"}, "due", "is not a date such as 2025-07-25, or 2025-07-25 14:30"),
        ({"due": 45000}, "due", "is a number and not a date"),
        ({"due": "2199-01-01"}, "due", "is more than 19 years from the plan's start"),
        ({"release": "9999-12-31 24:00"}, "release", "is not a date that can be meant"),
        ({"release": "9999-12-31 23:59:30"}, "release", "is not a date that can be meant"),
        ({"release": "9999-12-31"}, "release", "is more than 19 years from the plan's start"),
        ({"operation": ""}, "operation", "is empty"),
        ({"operation": 1.5}, "operation", "is not a whole number from 0 to 2147483647"),
        ({"process": " "}, "process", "is empty"),
        ({"minutes": 0}, "minutes", "is 0, and the operation has a setup: write its time"),
        ({"minutes": 0, "setup_minutes": 0}, "minutes", "in every row of the job: nothing is left of it that takes time"),
        ({"minutes": -3}, "minutes", "is not a time from 0 to 5000000 minutes"),
        ({"minutes": 5_000_001}, "minutes", "is not a time from 0 to 5000000 minutes"),
        ({"minutes": "1.440"}, "minutes", "may be 1440 or 1.44: write it without separators of thousands"),
        ({"minutes": True}, "minutes", "is not a number"),
        ({"setup_minutes": ""}, "setup_minutes", "is empty"),
        ({"machine_types": "Type 1"}, "machine_types", "names “Type 1”, which is no work centre of the plant"),
        ({"machines": "M1;M99"}, "machines", "names “M99”, which is no machine of the plant"),
        ({"machine_types": ""}, "machines", "and machine_types name no machine"),
        ({"all_machines": "yes"}, "machine_types", "must be empty with requires_all"),
        ({"preferred_machine": "M3"}, "preferred_machine", "is none of the machines that can do the operation"),
        ({"minutes": "=6*10"}, "minutes", "is a formula: paste its value instead"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_refused_with_its_reason(shop: Plant, change: Cells, field: str, reason: str) -> None:
    found = read(shop, row(job="GOOD"), row(**change))
    assert [j.id for j in found.jobs] == ["GOOD"]
    assert [(r.number, r.field, r.reason) for r in found.refused] == [(3, field, reason)]


def test_a_job_shares_the_fate_of_its_rows(shop: Plant) -> None:
    found = read(shop, row(), row(operation=2, minutes="soon"), row(job="N2"), row(operation=3))
    assert [j.id for j in found.jobs] == ["N2"]
    assert found.jobs_refused == 1
    assert [(r.number, r.field, r.value) for r in found.refused] == [
        (2, "job", "N1"), (3, "minutes", "soon"), (5, "job", "N1"),
    ]  # fmt: skip
    assert found.refused[0].reason == "is refused with its job, because of row 3"


def test_rows_of_a_job_must_not_contradict_each_other(shop: Plant) -> None:
    found = read(shop, row(product="A", quantity=2), row(operation=2, product="B", quantity="2.0"), row(operation=2))
    assert [(r.number, r.field) for r in found.refused] == [(2, "job"), (3, "product"), (4, "job")]
    assert found.refused[1].reason == "is another value than in row 2 of the same job"
    twice = read(shop, row(), row())
    assert twice.refused[-1].reason == "stands twice in this job"


def test_hostile_texts_stay_texts(shop: Plant) -> None:
    name = "<script>alert(1)</script> ' OR 1=1 --"
    found = read_jobs(as_csv([row(job=name, product="=cmd|'/C calc'!A0")]), "a.csv", shop)
    assert (found.jobs[0].id, found.jobs[0].product) == (name, "=cmd|'/C calc'!A0")


# ---------------------------------------------------------------- files that are none
@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.csv", "has no row at all"),
        (b"job,colour\n", "a.csv", "is no column of a table of jobs"),
        (b"job,job\n", "a.csv", "stands twice"),
        (b"job,product\n", "a.csv", "are columns that are missing"),
        (b"job\n\xff\xfe", "a.csv", "is not UTF-8"),
        (b'job,"open\n', "a.csv", "has a quotation mark that is not closed or not doubled (the header)"),
        (b"no zip", "a.xlsx", "is not a workbook (XLSX)"),
        (b"old", "a.xls", "use XLSX, ODS or CSV"),
        (b"x" * (sheet_table.MAX_SHEET_BYTES + 1), "a.csv", "bytes are more than the limit of 10000000"),
    ],
)
def test_what_is_no_table_of_jobs_is_refused(shop: Plant, content: bytes, name: str, reason: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_jobs(content, name, shop)
    assert reason in str(refused.value)
    assert "a." in str(refused.value)


def test_a_zip_that_is_no_workbook_and_one_that_bursts_are_refused(shop: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "0" * 100_000)
    with pytest.raises(InvalidValue, match="is not a workbook that can be opened"):
        read_jobs(stream.getvalue(), "a.xlsx", shop)
    monkeypatch.setattr(packed_files, "MAX_UNPACKED_BYTES", 99_999)
    with pytest.raises(InvalidValue, match="unpacked content are more than the limit"):
        read_jobs(stream.getvalue(), "a.xlsx", shop)


def test_a_row_beyond_the_limit_refuses_the_table(shop: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_table, "MAX_SHEET_ROWS", 2)
    rows = [row(operation=k) for k in (1, 2, 3)]
    assert len(read_jobs(as_csv(rows[:2]), "a.csv", shop).jobs[0].operations) == 2
    with pytest.raises(InvalidValue, match="beyond the limit of 2 rows"):
        read_jobs(as_csv(rows), "a.csv", shop)


def test_several_sheets_need_one_called_jobs(shop: Plant) -> None:
    book = load_workbook(BytesIO(as_xlsx([row()])))
    book.create_sheet("More")
    stream = BytesIO()
    book.save(stream)
    with pytest.raises(InvalidValue, match="none is called “Jobs”"):
        read_jobs(stream.getvalue(), "a.xlsx", shop)


def test_values_in_a_column_without_a_name_are_not_lost(shop: Plant) -> None:
    text = as_csv([row()]).decode("utf-8-sig").replace("\r\n", ",\r\n", 1).replace("type 1,,,\r\n", "type 1,,,,stray\r\n")
    (refused,) = read_jobs(text.encode(), "a.csv", shop).refused
    assert (refused.field, refused.value, refused.reason) == ("column 16", "stray", "stands in a column without a name")


# ---------------------------------------------------------------- template
def test_the_template_comes_back_refused_until_its_example_is_replaced(shop: Plant) -> None:
    template = job_template(shop)
    found = read_jobs(template, "template.xlsx", shop)
    assert [(r.number, r.reason) for r in found.refused] == [(2, "is the template's example: delete the row")]
    book = load_workbook(BytesIO(template))
    assert book.sheetnames == ["Jobs", "Columns", "Machines"]
    assert [c.value for c in book["Columns"]["A"]][1:-1] == list(NAMES)
    book["Jobs"]["A2"] = "N7"
    stream = BytesIO()
    book.save(stream)
    again = read_jobs(stream.getvalue(), "template.xlsx", shop)
    assert again.refused == ()
    (made,) = again.jobs
    assert (made.id, made.quantity, made.due) == ("N7", 50, 5 * DAY - 8 * HOUR - 1)
    assert made.operations == (Operation(1, "Bending", 120, 15, machine_types=(1,)),)


def test_progress_is_told_and_may_stop_the_reading(shop: Plant) -> None:
    rows = [row(job=f"N{k}") for k in range(2 * sheet_table.REPORT_EVERY)]

    def stop(read: int, expected: int) -> None:
        raise Cancelled(f"{read} of {expected}")

    for name, content in (("a.csv", as_csv(rows)), ("a.xlsx", as_xlsx(rows)), ("a.ods", as_ods(rows))):
        told: list[tuple[int, int]] = []
        read_jobs(content, name, shop, lambda *one, told=told: told.append(one))
        assert [read for read, _ in told] == [500, 1000]
        assert all(0 <= expected - len(rows) <= 2 for _, expected in told), name
        with pytest.raises(Cancelled, match=r"^500 of 100\d$"):
            read_jobs(content, name, shop, stop)
