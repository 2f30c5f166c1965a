"""Spreadsheets read in a process of its own: the same answers, and an end whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.interchange.job_sheet import UndecidedHiddenRows, read_jobs
from scheduler_core.interchange.plant_workbook import read_plant_workbook
from scheduler_core.interchange.reading_process import read_jobs_apart, read_plant_workbook_apart
from scheduler_core.plant import Plant
from tests.support.paths import ROOT
from tests.support.plants import job, machine, operation, plant
from tests.support.sheet_files import as_csv, as_xlsx, job_row, template


@pytest.fixture
def shop() -> Plant:
    return plant(job("OLD", operation(10)), machines=[machine(1), machine(2, type=2)])


def nothing(read: int, expected: int) -> None:
    """Listens to no progress."""


def children() -> set[int]:
    """The processes that this one has started and not seen end."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return {int(line.split()[0]) for line in listed.stdout.splitlines() if "reading_process" in line}


def test_jobs_and_plants_are_what_they_are_in_one_process(shop: Plant) -> None:
    content = as_xlsx([job_row(), job_row(job="N2", minutes="soon")])
    assert read_jobs_apart(content, "a.xlsx", shop, nothing) == read_jobs(content, "a.xlsx", shop)
    now, book = datetime(2025, 7, 21, tzinfo=UTC), template(date(2025, 7, 21))
    assert read_plant_workbook_apart(book, "p.xlsx", now, nothing) == read_plant_workbook(book, "p.xlsx", now)


def test_refusals_and_questions_come_through(shop: Plant) -> None:
    with pytest.raises(InvalidValue) as here:
        read_jobs(b"colour\nred\n", "a.csv", shop)
    with pytest.raises(InvalidValue) as there:
        read_jobs_apart(b"colour\nred\n", "a.csv", shop, nothing)
    assert (there.value.where, there.value.value, there.value.reason) == (
        here.value.where, here.value.value, here.value.reason,
    )  # fmt: skip
    hidden = as_xlsx([job_row(), job_row(job="N2")], hidden=[3])
    with pytest.raises(UndecidedHiddenRows) as asked:
        read_jobs_apart(hidden, "a.xlsx", shop, nothing)
    assert asked.value.hidden == (3,)
    assert read_jobs_apart(hidden, "a.xlsx", shop, nothing, "skip").rows_left_out == 1


def test_cancel_ends_the_process_at_once(shop: Plant) -> None:
    seen: set[int] = set()

    def cancel(read: int, expected: int) -> None:
        seen.update(children())
        if seen:
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        read_jobs_apart(as_csv([job_row(job=f"N{k}") for k in range(20_000)]), "a.csv", shop, cancel)
    assert seen
    assert not children()


def test_it_has_a_limit_of_time(shop: Plant) -> None:
    rows = as_csv([job_row(job=f"N{k}") for k in range(20_000)])
    with pytest.raises(InvalidValue, match=r"a\.csv: '0\.05 s' did not suffice to read it"):
        read_jobs_apart(rows, "a.csv", shop, nothing, seconds=0.05)
    assert not children()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_ends_with_the_process_that_made_it(shop: Plant, tmp_path: Path) -> None:
    script = f"""
import os, sys, threading
from scheduler_core.interchange.reading_process import read_jobs_apart
from tests.core.interchange.test_reading_process import children, shop
from tests.support.plants import job, machine, operation, plant

def die(read, expected):
    found = children()
    if found:
        open({str(tmp_path / "pid")!r}, "w").write(str(found.pop()))
        os._exit(7)

read_jobs_apart(b"job\\n" + b"N\\n" * 20_000, "a.csv", plant(job("OLD", operation(10))), die)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert ended.returncode == 7
    process = Path("/proc") / (tmp_path / "pid").read_text()
    for _ in range(600):
        if not process.exists() or "reading_process" not in (process / "cmdline").read_text():
            return
        time.sleep(0.05)
    pytest.fail("it goes on without anybody to read for")


def test_it_imports_nothing_heavy_and_knows_no_password(shop: Plant) -> None:
    script = "import scheduler_core.interchange.reading_process, sys; print(*sys.modules)"
    listed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    heavy = {"numpy", "pandas", "openpyxl", "sqlalchemy", "streamlit", "torch", "numba", "ortools"}
    assert heavy.isdisjoint(listed.split())
