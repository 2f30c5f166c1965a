"""``shopwright workbook``: template, check, and a plant in a file or in the store."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.data.store import Store
from scheduler_core.interchange import read_snapshot
from scheduler_core.settings import environment
from tests.support.sheet_files import template_with


def test_the_template_is_written_once_and_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, out = tmp_path / "plant.xlsx", tmp_path / "plant.json"
    assert main(["workbook", "template", str(book)]) == 0
    assert main(["workbook", "template", str(book)]) == 2, "a workbook that somebody has filled is not overwritten"
    assert main(["workbook", "template", str(tmp_path / "plant.ods")]) == 2
    assert main(["workbook", "template", str(tmp_path / "no" / "plant.xlsx")]) == 4
    assert main(["workbook", "load", str(book), "--out", str(out)]) == 0
    assert len(read_snapshot(out).jobs) == 3
    assert "Example plant: 4 machines, 2 calendars" in capsys.readouterr().err


def test_bad_cells_are_said_and_nothing_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = tmp_path / "plant.xlsx"
    book.write_bytes(template_with({("Machines", "D2"): "Never"}, date(2025, 7, 23)))
    assert main(["workbook", "check", str(book), "--json"]) == 2
    said = capsys.readouterr()
    assert "sheet Machines, row 2, column calendar: 'Never' is no calendar of the sheet Calendars" in said.err
    printed = json.loads(said.out)
    assert [(f["sheet"], f["row"], f["column"]) for f in printed["faults"]] == [("Machines", 2, "calendar")]
    assert printed["jobs"] is None
    assert main(["workbook", "load", str(book), "--out", str(tmp_path / "x.json")]) == 2
    assert not (tmp_path / "x.json").exists()


def test_a_plant_is_loaded_into_an_empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    book = tmp_path / "plant.xlsx"
    book.write_bytes(template_with({("Plant", "B2"): "Kiel"}, date(2025, 7, 23)))
    assert main(["workbook", "load", str(book)]) == 0
    store = Store.open(url)
    latest = store.snapshots.latest()
    store.close()
    assert latest is not None
    assert (latest.plant, latest.counts.jobs_accepted) == ("Kiel", 3)


@pytest.mark.parametrize(
    "arguments", [["check", "a.xlsx", "--out", "x"], ["load", "no.xlsx"], ["check", "a.csv"], ["paint", "a"]]
)
def test_wrong_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("job,process\n")
    assert main(["workbook", *arguments]) == 2
