"""``shopwright facts``: every kind recorded, listed, undone; and a snapshot of the ERP says which facts it has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.data.erp import ErpConfig
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewScenario
from scheduler_core.scenarios.changes import DueChanged, ImportanceChanged, apply_all
from scheduler_core.scenarios.changes_file import changes_to_json
from scheduler_core.services import facts
from scheduler_core.services.pulling import pull
from scheduler_core.settings import environment
from tests.support.erp_dumps import ERPNEXT, load
from tests.support.sample_plans import fresh, planned, small_plant, snapshot


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with one snapshot of two jobs, whose clock stands still."""
    made = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, made)
    opened = Store.open(made)
    snapshot(opened)
    yield opened
    opened.close()


def newest(store: Store) -> str:
    found = store.snapshots.latest()
    assert found is not None
    return found.id


M1, JOB = small_plant().machines[0].name, small_plant().jobs[0].id
FIRST = small_plant().jobs[0].operations[0]
STARTS_ON = str(small_plant().eligible_machines(FIRST)[0])
KINDS = {
    ("down", "--machine", M1, "--from", "2025-07-22 06:00", "--until", "2025-07-22 08:00"): "breakdown",
    ("closed", "--from", "2025-08-01", "--weekday", "fri", "--start", "12:00"): "hours-closed",
    ("hours", "--date", "2025-08-08", "--start", "22:00", "--stop", "06:00", "--machine", M1, "--regular"): "hours-added",
    ("closed", "--date", "2025-08-04", "--work-centre", small_plant().machine_types[0].name): "hours-closed",
    ("limited", "--machine", M1, "--from", "2025-07-22", "--until", "2025-07-25", "--start", "08:00", "--stop", "12:00"):
        "machine-limited",
    ("important", "--order", JOB): "importance",
    ("due", "--order", JOB, "--at", "2025-08-01 12:00"): "due",
    ("hold", "--order", JOB, "--until", "2025-07-23"): "order-held",
    ("note", "--order", JOB, "--text", "call them"): "note",
    ("material", "--order", small_plant().jobs[1].id, "--at", "2025-07-23"): "material-late",
    ("started", "--order", JOB, "--operation", str(FIRST.sequence), "--machine", STARTS_ON): "operation-started",
    ("finished", "--order", JOB, "--operation", str(FIRST.sequence)): "operation-finished",
}  # fmt: skip


def test_every_kind_is_recorded_listed_and_undone(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.snapshots.plant(newest(store))
    assert main(["facts"]) == 0
    assert "no fact is in force" in capsys.readouterr().err
    for kind in KINDS:
        assert main(["facts", "add", *kind, "--reason", "seen"]) == 0, (kind, capsys.readouterr().err)
    capsys.readouterr()
    assert main(["facts", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["facts"]
    assert [fact["kind"] for fact in reversed(listed)] == list(KINDS.values())
    assert {(fact["state"], fact["reason"], fact["idle"]) for fact in listed} == {("active", "seen", None)} | {
        ("coming", "seen", None)
    }
    assert all(fact["by"].startswith("command line: ") for fact in listed)
    night = next(fact for fact in listed if fact["kind"] == "hours-added")
    assert night["change"] == {
        "change": "hours-added", "machines": [1], "date": "2025-08-08", "start": "22:00", "end": "06:00", "kind": "regular"
    }  # fmt: skip
    assert main(["facts"]) == 0
    shown = capsys.readouterr().out
    assert f"{M1} also works Fri 8 Aug, 22:00–06:00" in shown
    for fact in listed:
        assert main(["facts", "undo", fact["id"][:12], "--reason", "no longer so"]) == 0
    assert "undone: " in capsys.readouterr().out
    assert store.snapshots.plant(newest(store)) == before
    assert main(["facts", "list", "--all"]) == 0
    assert capsys.readouterr().out.count("undone ") >= len(KINDS)
    assert store.audit.verify() is None


def test_a_file_of_changes_and_a_what_if_become_facts(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "known.json"
    plant = small_plant()
    file.write_text(changes_to_json(plant, (ImportanceChanged(JOB, True), DueChanged(JOB, 900))))
    assert main(["facts", "add", "file", str(file), "--reason", "told by phone"]) == 0
    assert len(store.facts.of_plant(plant.name)) == 2
    changes = (DueChanged(plant.jobs[1].id, 800),)
    plan = planned(store, snapshot_id=newest(store)).schedule
    made = store.scenarios.save(NewScenario(fresh(), plan, apply_all(plant, changes), changes_to_json(plant, changes), 0, 0))
    assert main(["facts", "from-what-if", made, "--reason", "it is so"]) == 0
    assert "1 fact recorded" in capsys.readouterr().out
    assert facts.known(store, plant, plant.plan_start)[0].scenario_id == made


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "down", "--machine", "XX", "--reason", "x"), "--machine: 'XX' is no machine of the plant"),
        (("add", "important", "--order", "XX", "--reason", "x"), "job: 'XX' is not a known job"),
        (("add", "important", "--order", JOB), "the following arguments are required: --reason"),
        (("add", "closed", "--reason", "x"), "one of the arguments --date --from is required"),
        (("add", "closed", "--date", "soon", "--reason", "x"), "--date: 'soon' is not a date YYYY-MM-DD"),
        (("add", "closed", "--date", "2025-08-01", "--weekday", "fri", "--reason", "x"), "--weekday go with --from"),
        (("add", "hours", "--date", "2025-08-02", "--start", "25:00", "--stop", "1:00", "--reason", "x"), "'25:00' is no"),
        (("add", "due", "--order", JOB, "--at", "1 August", "--reason", "x"), "--at: '1 August' is not YYYY-MM-DD or"),
        (("add", "closed", "--date", "2025-08-01", "--work-centre", "XX", "--reason", "x"), "'XX' is none of the plant's"),
        (("add", "down", "--machine", M1, "--until", "2024-01-01", "--reason", "x"), "--until: '2024-01-01' is not after"),
        (("undo", "0123"), "0123 is no fact"),
        (("from-what-if", "0123", "--reason", "x"), "scenario '0123' is not in the store"),
        (("add", "file", "/nowhere.json", "--reason", "x"), "cannot read /nowhere.json"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_usage_error(
    store: Store, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:  # fmt: skip
    assert main(["facts", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert store.facts.of_plant("tiny") == ()


def test_a_due_date_without_a_time_ends_with_its_day(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["facts", "add", "due", "--order", JOB, "--at", "2025-08-01", "--reason", "x"]) == 0
    job = store.snapshots.plant(newest(store)).job_by_id[JOB]
    assert job.due is not None
    assert f"{small_plant().time_of(job.due):%Y-%m-%d %H:%M}" == "2025-08-01 23:59"
    assert "is due by Fri 1 Aug 23:59" in capsys.readouterr().out


def test_a_note_changes_no_plan_and_says_so(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["facts", "add", "note", "--machine", M1, "--text", "oil"]) == 0
    assert capsys.readouterr().err.endswith("it is read at once, no plan changes\n")
    (note,) = store.facts.of_plant("tiny")
    assert main(["facts", "undo", note.id]) == 0
    assert capsys.readouterr().err.endswith("no plan changes\n")


def test_a_machine_that_the_erp_has_out_of_service_is_asked_for_and_answered_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The question is a command to copy, the answer counts from the next pull, and so does taking it back."""
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    erp_url = load(ERPNEXT, f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    config = ErpConfig(plant="P", timezone="UTC", mapping="erpnext", overtime_begins=None)
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    with closing(opened):
        pull(opened, erp_url, request_id=fresh(), config=config)
        assert main(["facts"]) == 0
        asked = capsys.readouterr().err
        assert "when is Paint 1 back? Orders that wait for it: MFG-WO-2026-00008." in asked
        assert "shopwright facts add back --machine 'Paint 1' --at " in asked
        tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d} 06:00"
        assert main(["facts", "add", "back", "--machine", "Paint 1", "--at", tomorrow, "--reason", "part"]) == 0
        told = capsys.readouterr()
        assert "  Paint 1 is back " in told.out
        assert told.err.endswith("it counts from the next pull on\n")
        assert main(["facts"]) == 0
        assert "Paint 1 is back " in capsys.readouterr().out
        plant = opened.snapshots.plant(pull(opened, erp_url, request_id=fresh(), config=config))
        assert "Paint 1" in {machine.name for machine in plant.machines}
        (fact,) = opened.facts.of_plant("P")
        assert main(["facts", "undo", fact.id]) == 0
        assert capsys.readouterr().err.endswith("it counts until the next pull\n")


def test_without_a_snapshot_there_is_nothing_to_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert main(["facts"]) == 2
    assert "pull the jobs first" in capsys.readouterr().err
