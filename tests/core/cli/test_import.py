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

TABLE = "job,family,operation,process,minutes,setup_minutes,machines\nN1,F,1,Cut,5,0,M1\nN2,F,1,Cut,0,0,M1\n"


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
    assert printed["rows"] == {"read": 2, "accepted": 1, "refused": 1}
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
