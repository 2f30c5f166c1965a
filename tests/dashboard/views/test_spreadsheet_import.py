"""Jobs from a spreadsheet on the Jobs page: preview, then a new snapshot."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.presentation.formatting import number
from dashboard.presentation.sheet_tables import accepted_frame, refused_frame
from dashboard.presentation.xlsx import XLSX
from dashboard.views.jobs import spreadsheet_import
from scheduler_core.data.store import Store
from scheduler_core.interchange.job_sheet import HiddenRows, JobSheet, read_jobs
from scheduler_core.interchange.sheet_table import Progress
from scheduler_core.plant import Plant
from scheduler_core.services.planner_additions import SHEET_ROW
from scheduler_core.services.planner_additions import TABLE as SHEET
from tests.support.hostile_text import NASTY
from tests.support.opening import open_page, texts
from tests.support.sheet_files import as_xlsx, job_row

Seeded = tuple[Store, str, str]
HEADER = "job,product,family,operation,process,minutes,setup_minutes,machine_types\n"
TABLE = f"{HEADER}N1,{NASTY},A,1,Bend,60,5,Press\nN2,P,A,1,Bend,soon,5,Press\nJ1,P,A,1,Bend,60,5,Press\n"


def upload(page: AppTest, content: str, name: str = "more.csv") -> AppTest:
    return page.file_uploader[0].upload(name, content.encode(), "text/csv").run()


def test_the_preview_changes_nothing_and_the_button_makes_a_new_snapshot(seeded: Seeded) -> None:
    store = seeded[0]
    before = store.snapshots.latest()
    assert before is not None
    page = upload(open_page("jobs"), TABLE)
    assert not page.exception
    assert "Rows: 1 accepted + 2 refused = 3 read. Jobs: 1 accepted, 2 refused." in texts(page)
    assert list(page.dataframe[1].value["Row"]) == [3, 4]
    assert list(page.dataframe[2].value["Part"]) == [NASTY]
    assert store.snapshots.latest() == before
    page.button(key="import_add").click().run()
    assert not page.exception
    after = store.snapshots.latest()
    assert after is not None
    assert [j.id for j in store.snapshots.plant(after.id).jobs] == ["J1", "J2", "J3", "J4", "J5", "N1"]
    assert after.counts.jobs_accepted == before.counts.jobs_accepted + 1
    assert [q.reason for q in store.snapshots.quarantine(after.id)] == [
        "is not a number (write it with a decimal point and without separators)", "is in the plan already",
    ]  # fmt: skip
    assert len(page.dataframe[0].value) == 6
    assert len(page.dataframe) == 1, "the box is empty again"


def test_thousands_are_set_apart_in_what_was_read(seeded: Seeded) -> None:
    rows = "".join(f"N{n},P,A,1,Bend,60,5,Press\n" for n in range(1200))
    page = upload(open_page("jobs"), HEADER + rows)
    assert not page.exception
    read, refused, most = number(1200, 0), number(0, 0), number(20_000, 0)
    assert read != "1200"
    shown = texts(page)
    assert f"Rows: {read} accepted + {refused} refused = {read} read. Jobs: {read} accepted, {refused} refused." in shown
    assert f"at most {most} rows" in shown


def test_a_job_from_a_table_says_where_it_is_from_and_is_removed(seeded: Seeded) -> None:
    page = upload(open_page("jobs"), TABLE)
    page.button(key="import_add").click().run()
    assert "1 job from tables. They stay until the ERP delivers a job with the same number:" in texts(page)
    assert page.selectbox(key="imported_job").options == [f"{NASTY} · N1 (from more.csv)"]
    page.button(key="imported_remove").click().run()
    assert not page.exception
    latest = seeded[0].snapshots.latest()
    assert latest is not None
    assert [j.id for j in seeded[0].snapshots.plant(latest.id).jobs] == ["J1", "J2", "J3", "J4", "J5"]


def test_hidden_rows_are_asked_about_and_notes_are_shown_and_kept(seeded: Seeded) -> None:
    store = seeded[0]
    usual = {"machine_types": "Press"}
    rows = [job_row(job="N1", due="2025-07-22 00:00:00", **usual), job_row(job="N2", **usual), job_row(job="N3", **usual)]
    page = open_page("jobs").file_uploader[0].upload("some.xlsx", as_xlsx(rows, hidden=[3, 4]), XLSX).run()
    assert page.warning[-1].value == "The table has hidden rows: 3, 4. Are they orders to plan?"
    assert "import_add" not in {b.key for b in page.button}, "nothing is read before that is answered"
    page.segmented_control[-1].set_value("skip").run()
    assert not page.exception
    assert "Rows: 1 accepted + 0 refused = 1 read. Jobs: 1 accepted, 0 refused." in texts(page)
    assert "Hidden rows that were left out: 2." in texts(page)
    noted = page.dataframe[1].value
    assert list(noted["Note"]) == ["The due date 2025-07-22 00:00 was read as the end of that day, 23:59."]
    page.button(key="import_add").click().run()
    latest = store.snapshots.latest()
    assert latest is not None
    assert "N1" in store.snapshots.plant(latest.id).job_by_id
    assert "N2" not in store.snapshots.plant(latest.id).job_by_id
    notes = [(n.table, n.row, n.job) for n in store.snapshots.notes(latest.id) if n.job == "N1"]
    assert notes == [(SHEET, "some.xlsx", "N1"), (SHEET_ROW, "some.xlsx, row 2", "N1")]


@pytest.mark.slow
@pytest.mark.parametrize("content", ["job,colour\n", f"job,{NASTY}\n", ""])
def test_a_file_that_is_no_table_says_why(seeded: Seeded, content: str) -> None:
    page = upload(open_page("jobs"), content)
    assert not page.exception
    assert page.error[0].value.startswith("Not read: ")
    assert "<img" not in page.error[0].value.replace("\\<img", "")
    assert len(seeded[0].snapshots.newest()) == 1


def test_without_a_usable_job_nothing_can_be_added(seeded: Seeded) -> None:
    page = upload(open_page("jobs"), f"{HEADER}J1,P,A,1,Bend,60,5,Press\n")
    assert page.button(key="import_add").disabled


def test_frames_of_nothing_have_their_columns(small_plant: Plant) -> None:
    sheet = read_jobs(HEADER.encode(), "a.csv", small_plant)
    assert list(refused_frame(sheet.refused).columns) == ["Row", "Job", "What is wrong", "Field", "Value"]
    assert accepted_frame(small_plant, sheet.jobs).empty


# ---------------------------------------------------------------- who may, and how long
class SlowReading:
    """A reading that goes on until it is let or cancelled."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.files: list[str] = []
        self.ended: list[str] = []

    def __call__(self, content: bytes, file: str, plant: Plant, progress: Progress, hidden: HiddenRows | None) -> JobSheet:
        self.files.append(file)
        try:
            while not self.go_on.wait(0.02):
                progress(500, 20_000)
        finally:
            self.ended.append(file)
        return read_jobs(content, file, plant, progress, hidden)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowReading]:
    monkeypatch.setattr(progress, "AT_ONCE_SECONDS", 0.05)
    reading = SlowReading()
    monkeypatch.setattr(spreadsheet_import, "read_jobs_apart", reading)
    yield reading
    reading.go_on.set()


def ended(reading: SlowReading, files: list[str]) -> bool:
    for _ in range(500):
        if reading.ended == files:
            return True
        threading.Event().wait(0.02)
    return False


def test_a_long_reading_shows_its_progress_and_is_cancelled_and_begun_again(seeded: Seeded, slow: SlowReading) -> None:
    page = upload(open_page("jobs"), TABLE)
    assert not page.exception
    assert not page.button(key="cancel_waiting").disabled, "above every page"
    page.button(key="sheet_import_cancel").click().run()
    assert "Reading the file was cancelled: nothing was added." in texts(page)
    assert ended(slow, ["more.csv"]), "the work has ended, too"
    slow.go_on.set()
    page.button(key="import_again").click().run()
    while "_waits_for" in page.session_state:
        page.session_state["_waits_for"].task.wait(60)
        page.run()
    assert not page.exception
    assert "Rows: 1 accepted + 2 refused = 3 read. Jobs: 1 accepted, 2 refused." in texts(page)


def test_another_file_takes_the_place_of_the_one_that_is_read(seeded: Seeded, slow: SlowReading) -> None:
    page = upload(open_page("jobs"), TABLE)
    upload(page, TABLE, "other.csv")
    assert not page.exception
    assert ended(slow, ["more.csv"])
    assert slow.files == ["more.csv", "other.csv"]


def test_nothing_is_read_for_who_may_not_add_jobs(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> JobSheet:
        raise AssertionError("read")

    monkeypatch.setattr(spreadsheet_import, "read_jobs_apart", never)
    monkeypatch.setattr(current_user, "may_not", lambda store, action: f"vic may not {action.value}")
    page = open_page("jobs")
    assert page.file_uploader[0].disabled
    assert "vic may not pull or add jobs" in texts(page)
    page.file_uploader[0].proto.disabled = False  # a browser may send it all the same
    upload(page, TABLE)
    assert not page.exception
    assert "_waits_for" not in page.session_state
    assert "import_add" not in {b.key for b in page.button}
