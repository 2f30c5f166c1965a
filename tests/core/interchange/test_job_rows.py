"""What everyday tables hold: a job number written once, hidden rows, dates and numbers of other countries, odd blanks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from scheduler_core.interchange.job_columns import EXAMPLE_JOB, NAMES
from scheduler_core.interchange.job_sheet import HIDDEN_ROWS, JobSheet, UndecidedHiddenRows, jobs_of, read_jobs, with_jobs
from scheduler_core.interchange.job_template import job_template
from scheduler_core.interchange.sheet_rows import Cell, Row
from scheduler_core.interchange.sheet_table import Table
from scheduler_core.plant import MachineType, Plant
from tests.support.plants import DAY, HOUR, job, machine, operation, plant
from tests.support.sheet_files import Cells, as_csv, as_ods, as_xlsx, job_row, ods_cell, packed_ods

NIGHT = -8 * HOUR
"""Midnight of the first day: the plan starts on Monday 2025-07-21 at 08:00."""


@pytest.fixture
def shop() -> Plant:
    """Work centres "type 1" (M1, M2) and "type 2" (M3)."""
    return plant(job("OLD", operation(10)), machines=[machine(1), machine(2), machine(3, type=2)])


def steps(sheet: JobSheet) -> dict[str, list[int]]:
    return {j.id: [o.sequence for o in j.operations] for j in sheet.jobs}


def refusals(sheet: JobSheet) -> list[tuple[int, str, str]]:
    assert sheet.rows_accepted + sheet.rows_refused + sheet.rows_left_out == sheet.rows_read
    return [(r.number, r.field, r.reason) for r in sheet.refused]


# ---------------------------------------------------------------- a job number that is written once
def once(*operations: int) -> list[Cells]:
    """A job whose number stands in its first row only."""
    first, *rest = operations
    return [job_row(job="R7", operation=first), *(job_row(job="", family="", operation=o) for o in rest)]


def test_a_merged_job_number_holds_for_every_row_that_it_covers(shop: Plant) -> None:
    rows = [*once(10, 20, 30), job_row(job="R8", operation=5)]
    rows[1] = {**rows[1], "family": None}
    found = read_jobs(as_xlsx(rows, merged=["A2:A4", f"{'ABCDEFG'[NAMES.index('family')]}2:D4"]), "a.xlsx", shop)
    assert (steps(found), found.refused, found.notes) == ({"R7": [10, 20, 30], "R8": [5]}, (), ())


def test_the_same_in_an_opendocument_spreadsheet(shop: Plant) -> None:
    columns = ("job", "family", "operation", "process", "minutes", "setup_minutes", "machine_types")
    lines = [f"<table:table-row>{''.join(ods_cell(c) for c in columns)}</table:table-row>"]
    for number in (1, 2):
        first = ods_cell("R7", 'table:number-rows-spanned="2"') if number == 1 else "<table:covered-table-cell/>"
        cells = "".join(ods_cell(v) for v in ("F", number, "Cut", 60.0, 0, "type 1"))
        lines.append(f"<table:table-row>{first}{cells}</table:table-row>")
    found = read_jobs(packed_ods(f'<table:table table:name="x">{"".join(lines)}</table:table>'), "a.ods", shop)
    assert (steps(found), found.refused) == ({"R7": [1, 2]}, ())


def test_rows_without_a_job_number_go_on_with_the_job_above_with_a_note(shop: Plant) -> None:
    found = read_jobs(as_csv([*once(1, 2, 3), job_row(job="R8")]), "a.csv", shop)
    assert (steps(found), found.refused) == ({"R7": [1, 2, 3], "R8": [1]}, ())
    (note,) = found.notes
    assert (note.number, note.job) == (3, "R7")
    assert note.note == "rows 3–4 without a job number were read as operations of this job"


@pytest.mark.parametrize("operations", [(10, 20, 10), (10, 5), (30, 10, 20), (10, 20, 20)])
def test_where_they_do_not_go_on_with_it_the_whole_job_is_refused(shop: Plant, operations: tuple[int, ...]) -> None:
    found = read_jobs(as_csv([*once(*operations), job_row(job="R8")]), "a.csv", shop)
    assert steps(found) == {"R8": [1]}, "never half a job"
    assert "is empty, and the row's operation does not follow those of job R7 above it" in {r[2] for r in refusals(found)}
    assert found.rows_refused == len(operations)


@pytest.mark.parametrize("bad", ["=A2", "x" * 121])
def test_a_job_number_that_cannot_be_read_refuses_the_job_that_it_may_belong_to(shop: Plant, bad: str) -> None:
    rows = [job_row(job="R7", operation=1), job_row(job=bad, operation=2), job_row(job="R8")]
    assert steps(read_jobs(as_xlsx(rows), "a.xlsx", shop)) == {"R8": [1]}
    rows[1] = {**rows[1], "operation": 1}
    assert steps(read_jobs(as_xlsx(rows), "a.xlsx", shop)) == {"R7": [1], "R8": [1]}, "it is another job's first row"


def test_a_first_row_without_a_number_and_the_template_s_example_refuse_nothing_else(shop: Plant) -> None:
    rows = [job_row(job="", operation=1), job_row(job="R7"), job_row(job=EXAMPLE_JOB, operation=2)]
    found = read_jobs(as_csv(rows), "a.csv", shop)
    assert steps(found) == {"R7": [1]}
    assert [(number, reason) for number, _, reason in refusals(found)] == [
        (2, "is empty"), (4, "is the template's example: delete the row"),
    ]  # fmt: skip


def test_a_time_that_is_merged_over_several_operations_is_refused(shop: Plant) -> None:
    place = "ABCDEFGHIJKLMNO"[NAMES.index("minutes")]
    rows = [job_row(operation=1), job_row(operation=2, minutes=None), job_row(job="R8")]
    found = read_jobs(as_xlsx(rows, merged=[f"{place}2:{place}3"]), "a.xlsx", shop)
    assert steps(found) == {"R8": [1]}
    assert refusals(found)[0] == (2, "minutes", "is one cell over the rows 2 to 3: write the time of each operation")


# ---------------------------------------------------------------- hidden rows
HIDING = [job_row(job="R1"), job_row(job="R2"), job_row(job="R3", operation=1), job_row(job="R3", operation=2)]


@pytest.mark.parametrize(("write", "name"), [(as_xlsx, "a.xlsx"), (as_ods, "a.ods")])
def test_nobody_guesses_whether_hidden_rows_count(shop: Plant, write: object, name: str) -> None:
    assert callable(write)
    content = write(HIDING, hidden=[3, 5])
    with pytest.raises(UndecidedHiddenRows, match="say whether to read or to skip them") as undecided:
        read_jobs(content, name, shop)
    assert undecided.value.hidden == (3, 5)
    assert steps(read_jobs(content, name, shop, hidden_rows="read")) == {"R1": [1], "R2": [1], "R3": [1, 2]}
    skipped = read_jobs(content, name, shop, hidden_rows="skip")
    assert steps(skipped) == {"R1": [1]}, "R2 is hidden, and R3 would be half a job"
    assert (skipped.rows_left_out, skipped.jobs_refused) == (2, 1)
    assert refusals(skipped) == [
        (4, "job", "has hidden rows (5), and without them it would be half a job: show them, or read hidden rows")
    ]


def test_a_hidden_job_number_is_not_that_of_the_job_above(shop: Plant) -> None:
    rows = [job_row(job="R1", operation=1), *once(1, 2)]
    found = read_jobs(as_xlsx(rows, hidden=[3]), "a.xlsx", shop, hidden_rows="skip")
    assert steps(found) == {"R1": [1]}
    assert [(number, field) for number, field, _ in refusals(found)] == [(4, "job")]


# ---------------------------------------------------------------- dates
def with_formats(values: Sequence[datetime], formats: Sequence[str]) -> bytes:
    """Jobs D1, D2, ... whose due dates are cells with a number format each."""
    rows = [job_row(job=f"D{k}", due=value) for k, value in enumerate(values, 1)]
    book = load_workbook(BytesIO(as_xlsx(rows)))
    assert book.active is not None
    for k, number_format in enumerate(formats, 2):
        book.active.cell(k, NAMES.index("due") + 1).number_format = number_format
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_date_means_its_day_s_end_whatever_its_number_format_is_called(shop: Plant) -> None:
    formats = ["yyyy-mm-dd", "[$-th-TH]d mmm yyyy", '[$-he-IL]d"/"m/yyyy', "[White]dd.mm.yyyy", 'd "th of" mmmm', r"d\h m"]
    found = read_jobs(with_formats([datetime(2025, 7, 22)] * len(formats), formats), "a.xlsx", shop)
    assert [j.due for j in found.jobs] == [NIGHT + 2 * DAY - 1] * len(formats)
    assert found.notes == ()


@pytest.mark.parametrize("number_format", ["yyyy-mm-dd hh:mm:ss", "[$-de-CH]dd.mm.yyyy h:mm"])
def test_midnight_means_the_day_s_end_too_with_a_note(shop: Plant, number_format: str) -> None:
    found = read_jobs(
        with_formats([datetime(2025, 7, 22), datetime(2025, 7, 22, 0, 30)], [number_format] * 2), "a.xlsx", shop
    )
    assert [j.due for j in found.jobs] == [NIGHT + 2 * DAY - 1, NIGHT + DAY + 30]
    assert [(n.number, n.job, n.note) for n in found.notes] == [
        (2, "D1", "due 2025-07-22 00:00 was read as the end of that day, 23:59")
    ]


@pytest.mark.parametrize(
    ("written", "due", "release"),
    [
        ("2025-07-22", 2 * DAY - 1, DAY), ("2025-07-22 23:59:59", 2 * DAY - 1, 2 * DAY),
        ("2025-07-22 24:00", 2 * DAY, 2 * DAY), ("2025-07-22T14:30:29.9", DAY + 870, DAY + 871),
        ("2025-07-22 00:00:00", 2 * DAY - 1, DAY), ("2025-07-22 00:01:01", DAY + 1, DAY + 2),
    ],
)  # fmt: skip
def test_seconds_are_rounded_so_that_nothing_is_due_later_or_there_earlier(
    shop: Plant, written: str, due: int, release: int
) -> None:
    (late,) = read_jobs(as_csv([job_row(due=written)]), "a.csv", shop).jobs
    (there,) = read_jobs(as_csv([job_row(release=written)]), "a.csv", shop).jobs
    assert (late.due, there.release) == (NIGHT + due, NIGHT + release)


def test_placeholder_dates_stand_for_none_with_a_note(shop: Plant) -> None:
    rows = [job_row(job="R1", due="9999-12-31", release="1970-01-01"), job_row(job="R2", due="1900-01-01 00:00:00")]
    found = read_jobs(as_csv(rows), "a.csv", shop)
    assert [(j.due, j.release) for j in found.jobs] == [(None, 0), (None, 0)]
    assert [(n.number, n.note) for n in found.notes] == [
        (2, "has the material date 1970-01-01, which stands for none: its material counts as there"),
        (2, "has the target date 9999-12-31, which stands for none: it is never late"),
        (3, "has the target date 1900-01-01, which stands for none: it is never late"),
    ]


def test_material_after_the_due_date_is_planned_late_with_a_note(shop: Plant) -> None:
    found = read_jobs(as_csv([job_row(release="2025-07-25", due="2025-07-24"), job_row(operation=2)]), "a.csv", shop)
    assert [(j.release, j.due) for j in found.jobs] == [(NIGHT + 4 * DAY, NIGHT + 4 * DAY - 1)]
    assert [(n.number, n.note) for n in found.notes] == [
        (2, "due 2025-07-24 23:59 is before the material's date 2025-07-25 00:00: it is planned late")
    ]


# ---------------------------------------------------------------- numbers, names and texts
def test_a_milestone_is_left_out_with_a_note(shop: Plant) -> None:
    rows = [job_row(operation=1), job_row(operation=2, minutes=0, setup_minutes=0, machine_types=""), job_row(operation=3)]
    found = read_jobs(as_csv(rows), "a.csv", shop)
    assert steps(found) == {"N1": [1, 3]}
    assert [(n.number, n.operation, n.note) for n in found.notes] == [
        (3, 2, "takes no time: it is a milestone and left out")
    ]
    twice = read_jobs(as_csv([*rows, job_row(operation=2)]), "a.csv", shop)
    assert refusals(twice)[-1] == (5, "operation", "stands twice in this job")


@pytest.mark.parametrize(("written", "minutes"), [(0.1 * 3 * 200, 60), ("29.999999999999996", 30), (60.02, 61), ("7.2", 8)])
def test_rounding_noise_is_no_minute(shop: Plant, written: object, minutes: int) -> None:
    (made,) = read_jobs(as_xlsx([job_row(minutes=written, setup_minutes=written)]), "a.xlsx", shop).jobs
    assert (made.operations[0].minutes, made.operations[0].setup_minutes) == (minutes, minutes)


def test_one_point_four_four_zero_is_never_guessed_at(shop: Plant) -> None:
    def minutes(*written: object) -> list[int]:
        rows = [job_row(job=f"R{k}", minutes=value) for k, value in enumerate(written)]
        for content, name in ((as_csv(rows, ";"), "a.csv"), (as_csv(rows, "\t"), "a.txt"), (as_csv(rows), "a.csv")):
            found = read_jobs(content, name, shop)
            assert {r.reason for r in found.refused} <= {
                "may be 1440 or 1.44: write it without separators of thousands",
                "is not a number (write it with a decimal point and without separators)",
            }
        return [o.minutes for j in found.jobs for o in j.operations]

    assert minutes("1.440", "15") == [15]
    assert minutes("1.440", "12.5") == [2, 13], "another number of the table shows that it writes decimal points"
    assert minutes("1.440", "12.5", "7,5") == [13], "two ways to write numbers in one table"
    assert minutes("0.125", "1440") == [1, 1440]
    (typed,) = read_jobs(as_xlsx([job_row(minutes=12.375)]), "a.xlsx", shop).jobs
    assert typed.operations[0].minutes == 13, "a number of the spreadsheet is one whatever the country"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Cut\u00a0to size", "Cut to size"), ("下料\u3000粗", "下料 粗"), ("Fr\u00e4s\u00adteil", "Fr\u00e4steil"),
        ("می\u200cبرد", "میبرد"), ("Cut\r\nand deburr", "Cut and deburr"), ("\ufeffCut", "Cut"), ("A  B", "A  B"),
    ],
)  # fmt: skip
def test_blanks_are_blanks_and_signs_that_nobody_sees_are_left_out(shop: Plant, written: str, read: str) -> None:
    for content, name in ((as_csv([job_row(process=written)]), "a.csv"), (as_ods([job_row(process=written)]), "a.ods")):
        found = read_jobs(content, name, shop)
        assert [o.process for j in found.jobs for o in j.operations] == [read], found.refused


def test_a_name_with_a_comma_is_one_name(shop: Plant) -> None:
    from dataclasses import replace

    kinds = (
        MachineType(1, "Welding, MIG"),
        MachineType(2, "Press\u00a0line"),
        MachineType(3, "Welding"),
        MachineType(4, "TIG"),
    )
    park = (*shop.machines, machine(4, type=3), machine(5, type=4))
    welding = replace(shop, machine_types=kinds, machines=park)

    def types(written: str) -> tuple[int, ...] | str:
        found = read_jobs(as_csv([job_row(machine_types=written)]), "a.csv", welding)
        return found.jobs[0].operations[0].machine_types if found.jobs else found.refused[0].reason

    assert types("Welding, MIG") == (1,)
    assert types("Welding,MIG; Press line") == (1, 2)
    assert types("Press line, Welding, MIG, TIG") == (2, 1, 4)
    assert types("Welding, TIG") == (3, 4)
    assert types("Welding, WIG") == "names “WIG”, which is no work centre of the plant"
    both = replace(welding, machine_types=(*kinds, MachineType(5, "MIG")), machines=(*park, machine(6, type=5)))
    found = read_jobs(as_csv([job_row(machine_types="Welding, MIG")]), "a.csv", both)
    assert found.refused[0].reason == "may be the one name “Welding, MIG” or several: write numbers (#1) instead"


def test_the_template_comes_back_where_names_hold_commas_and_odd_blanks(shop: Plant) -> None:
    from dataclasses import replace

    odd = replace(shop, machine_types=(MachineType(1, "Welding,\u00a0MIG"), MachineType(2, "Saw; cold")))
    book = load_workbook(BytesIO(job_template(odd)))
    book["Jobs"]["A2"] = "R1"
    stream = BytesIO()
    book.save(stream)
    assert [j.operations[0].machine_types for j in read_jobs(stream.getvalue(), "a.xlsx", odd).jobs] == [(1,)]
    assert read_jobs(as_csv([job_row(machine_types="Saw; cold")]), "a.csv", odd).jobs[0].operations[0].machine_types == (2,)


ODD: tuple[str | int | float | bool | datetime | None, ...] = (
    None, "", "R1", "R2", "OLD", EXAMPLE_JOB, 0, 1, 2, 2.5, -1, "1.440", "12,5", "1e400", True, datetime(2025, 7, 22),
    datetime(9999, 12, 31), "9999-12-31 24:00", "0000-00-00", "type 1", "M1;M3", "x" * 121, "\u200c", "\x00",
    float("inf"), "#1",
)  # fmt: skip


def test_whatever_stands_in_a_table_its_rows_add_up_and_no_job_is_half(shop: Plant) -> None:
    drawn = random.Random(16)
    accepted = 0
    for _ in range(300):
        rows = []
        for number in range(2, drawn.randint(3, 9)):
            usual = job_row(job=drawn.choice(("R1", "R2", None)), operation=number, setup_minutes=0)
            odd = {drawn.choice(NAMES): drawn.choice(ODD) for _ in range(drawn.choice((0, 0, 0, 1, 3)))}
            cells = tuple(Cell({**usual, **odd}.get(name)) for name in NAMES)
            rows.append(Row(number, cells, hidden=drawn.random() < 0.1, fault="is bad" if drawn.random() < 0.05 else None))
        found = jobs_of(Table(NAMES, tuple(rows)), "a.csv", shop, drawn.choice(HIDDEN_ROWS))
        refused = {number for number, *_ in refusals(found)}
        assert len(refused) == found.rows_refused
        named: dict[str, set[int]] = {}
        for row in rows:
            named.setdefault(str(row.cells[0].value), set()).add(row.number)
        for made in found.jobs:
            assert not refused & named[made.id], "a job with a refused row is not accepted"
        with_jobs(shop, found.jobs)
        accepted += len(found.jobs)
    assert accepted > 100, "or the tables are too odd to show anything"
