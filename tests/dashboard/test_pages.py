"""Every page as a script: on an empty store, on a seeded one, and with hostile text from the ERP."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.presentation.xlsx import XLSX
from dashboard.state import supervision
from scheduler_core.data.store import Store
from scheduler_core.interchange.workbook_template import plant_template
from scheduler_core.settings import environment, locations
from tests.support.erp_rows import with_one_job
from tests.support.hostile_text import NASTY
from tests.support.opening import PAGES, Seeded, open_page, release
from tests.support.page_runs import without_slots
from tests.support.paths import ROOT
from tests.support.sheet_files import template_with


def test_without_an_erp_the_first_plant_comes_from_a_workbook(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    monkeypatch.delenv(environment.ERP_URL, raising=False)
    template = plant_template(date(2025, 7, 21))
    bad = template_with({("Machines", "D2"): "Never", ("Calendars", "E3"): "soon"}, date(2025, 7, 21))
    page = open_page("jobs")
    page = page.file_uploader(key="workbook_file_").upload("bad.xlsx", bad, XLSX).run()
    assert page.error[-1].value == "Nothing is loaded: 2 cells must be corrected."
    assert [tuple(row) for row in page.dataframe[0].value[["Sheet", "Row", "Field", "Value"]].to_numpy()] == [
        ("Calendars", 3, "start", "soon"), ("Machines", 2, "calendar", "Never"),
    ]  # fmt: skip
    page = page.file_uploader(key="workbook_file_").upload("plant.xlsx", template, XLSX).run()
    page.button(key="workbook_load").click().run()
    assert not page.exception
    snapshot = store.snapshots.latest()
    assert snapshot is not None
    assert (snapshot.plant, snapshot.counts.jobs_accepted) == ("Example plant", 3)
    assert sorted(r.engine for r in store.runs.newest(snapshot_id=snapshot.id)) == ["greedy", "learned"]
    pull = next(b for b in page.button if b.label == "Pull again")
    assert pull.disabled, "there is no ERP but the demo's, which is another plant"
    assert page.file_uploader(key=f"workbook_file_{snapshot.id}") is not None, "the workbook can be loaded again"


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_store_says_what_to_do(store: Store, name: str) -> None:
    page = open_page(name)
    assert not page.exception
    assert page.title[0].value == "Welcome to Shopwright"
    assert [b.label for b in page.button] == ["Pull the open jobs and make two plans"]


def test_the_first_click_pulls_the_demo_and_queues_both_engines(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "var", lambda: tmp_path)
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    page = open_page("today")
    page.button[0].click().run()
    assert not page.exception
    snapshot = store.snapshots.latest()
    assert snapshot is not None
    assert snapshot.counts.jobs_accepted + snapshot.counts.jobs_quarantined == snapshot.counts.jobs_read
    assert sorted(r.engine for r in store.runs.newest(snapshot_id=snapshot.id)) == ["greedy", "learned"]
    assert page.subheader[0].value == "Making the first plans…"
    assert [b.label for b in page.button if b.label == "Cancel"] == ["Cancel", "Cancel"]


def test_an_erp_of_which_nothing_can_be_planned_is_said_with_every_reason(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp = with_one_job()
    erp.tables["tbl_jo_txn"][0]["JoQty_d"] = None
    erp.tables["tbl_machine"][1]["Status_i"] = "?"
    monkeypatch.setenv(environment.ERP_URL, erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}"))
    page = open_page("today")
    page.button[0].click().run()
    assert not page.exception
    assert store.snapshots.latest() is None
    assert "no usable open job: 1 read, 1 in quarantine" in page.error[0].value.replace("\\", "")
    assert list(page.dataframe[0].value["What is wrong"]) == [
        "Machine 7: the status “?” is neither 1 (in service) nor 0 (out of service); the machine is not planned",
        "The order: “(empty)” is not a quantity to make",
    ]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_a_seeded_store(seeded: Seeded, name: str) -> None:
    page = open_page(name)
    assert not page.exception
    strip = "\n".join(m.value.replace("\\", "") for m in page.markdown)
    assert "Nothing released: " in strip
    assert "Mon 21 Jul 08:00 · Kuala Lumpur time" in strip


def test_a_database_that_is_away_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path}/no/such/folder/store.sqlite3")
    page = AppTest.from_file(str(ROOT / "dashboard" / "board.py"), default_timeout=60).run()
    assert not page.exception
    assert "folder" in page.error[0].value


@pytest.mark.parametrize("name", PAGES)
def test_erp_text_never_reaches_markdown_unescaped(seeded: Seeded, name: str) -> None:
    job4 = {"job": "J4", "op": "1"} if name == "gantt" else {}
    release(seeded[0], seeded[1], approver=NASTY)
    page = open_page(name, **job4)
    assert not page.exception
    for group in (page.markdown, page.caption, page.info, page.success, page.warning, page.error, page.title):
        for element in group:
            assert not re.search(r"(?<!\\)<img|\]\(", str(element.value)), element
            assert "**bold**" not in str(element.value), element
    for metric in page.metric:
        assert "<img" not in metric.label


def test_the_start_page_is_the_app_itself(seeded: Seeded) -> None:
    page = AppTest.from_file(str(ROOT / "dashboard" / "board.py"), default_timeout=60).run()
    assert not page.exception
    assert page.title[0].value == "Today"
