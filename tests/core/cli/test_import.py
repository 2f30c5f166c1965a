"""``shopwright import``: into a snapshot file and into the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.interchange import read_snapshot, snapshot_to_json
from scheduler_core.settings import environment
from tests.support.plants import job, operation, plant
from tests.support.sheet_files import as_xlsx, job_row

TABLE = "job,family,operation,process,minutes,setup_minutes,machines\nN1,F,1,Cut,5,0,M1\nN2,F,1,Cut,0,0,M1\n"
LATE = f"due,{TABLE}".replace("\nN1", "\n2025-07-22 00:00,N1").replace("\nN2", "\n,N2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jobs.csv").write_text(TABLE)
    (tmp_path / "plant.json").write_text(snapshot_to_json(plant(job("OLD", operation(10)))))
    return tmp_path


def test_a_snapshot_file_gets_the_jobs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["import", str(folder / "jobs.csv"), "--into", str(folder / "plant.json"), "--out", str(folder / "new.json")]
    assert main([*arguments, "--json"]) == 0
    assert [j.id for j in read_snapshot(folder / "new.json").jobs] == ["OLD", "N1"]
    said = capsys.readouterr()
    printed = json.loads(said.out)
    assert printed["rows"] == {"read": 2, "accepted": 1, "refused": 1, "left_out": 0}
    assert printed["notes"] == []
    assert [(r["number"], r["field"], r["value"]) for r in printed["refused"]] == [(3, "minutes", "0")]
    assert "1 rows accepted + 1 refused = 2 read" in said.err
    assert main(["import", str(folder / "jobs.csv"), "--into", str(folder / "new.json"), "--out", "-"]) == 2


def test_the_store_gets_a_new_snapshot_unless_it_is_only_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{folder / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    assert main(["import", str(folder / "jobs.csv")]) == 2, "there is no snapshot yet"
    store = Store.open(url)
    store.snapshots.save(plant(job("OLD", operation(10))), request_id="one", source=Source.FILE)
    assert main(["import", str(folder / "jobs.csv"), "--check"]) == 0
    assert len(store.snapshots.newest()) == 1
    assert main(["import", str(folder / "jobs.csv")]) == 0
    latest = store.snapshots.latest()
    assert latest is not None
    assert [j.id for j in store.snapshots.plant(latest.id).jobs] == ["OLD", "N1"]
    store.close()


def test_notes_are_printed_and_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "late.csv").write_text(LATE)
    arguments = ["import", str(folder / "late.csv"), "--into", str(folder / "plant.json"), "--check"]
    assert main([*arguments, "--json"]) == 0
    said = capsys.readouterr()
    note = "due 2025-07-22 00:00 was read as the end of that day, 23:59"
    assert json.loads(said.out)["notes"] == [{"number": 2, "job": "N1", "note": note, "operation": None}]
    assert f"note on row 2, job N1: {note}" in said.err


def test_hidden_rows_are_read_or_left_out_as_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [job_row(job="N1", machine_types="", machines="M1"), job_row(job="N2", machine_types="", machines="M1")]
    (folder / "some.xlsx").write_bytes(as_xlsx(rows, hidden=[3]))
    arguments = [
        "import",
        str(folder / "some.xlsx"),
        "--into",
        str(folder / "plant.json"),
        "--out",
        str(folder / "new.json"),
    ]
    assert main(arguments) == 2
    assert "with --hidden-rows read, or --hidden-rows skip" in capsys.readouterr().err
    assert main([*arguments, "--hidden-rows", "skip"]) == 0
    assert [j.id for j in read_snapshot(folder / "new.json").jobs] == ["OLD", "N1"]
    assert "1 rows accepted + 0 refused + 1 hidden and left out = 2 read" in capsys.readouterr().err
    assert main([*arguments, "--hidden-rows", "read"]) == 0
    assert [j.id for j in read_snapshot(folder / "new.json").jobs] == ["OLD", "N1", "N2"]


def test_the_template_is_written_for_a_plant(folder: Path) -> None:
    target = folder / "template.xlsx"
    assert main(["import", "--template", str(target), "--into", str(folder / "plant.json")]) == 0
    assert target.read_bytes()[:2] == b"PK"
    assert main(["import", "--template", str(folder / "no" / "x.xlsx"), "--into", str(folder / "plant.json")]) == 4


@pytest.mark.parametrize(
    "arguments", [[], ["a.csv", "--template", "b.xlsx"], ["a.csv", "--out", "x"], ["a.csv", "--into", "p.json"], ["no.csv"]]
)
def test_wrong_arguments(folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{folder / 'empty.sqlite3'}")
    assert main(["import", *arguments]) == 2
