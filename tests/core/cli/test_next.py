"""``shopwright next``: from files with what has changed, and from the store with its facts and the plan in force."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.data.store import Store
from scheduler_core.interchange import schedule_to_json, snapshot_sha256, snapshot_to_json
from scheduler_core.judge.kpis import measure
from scheduler_core.reports import LearnedReport
from scheduler_core.scenarios.changes import Breakdown
from scheduler_core.scenarios.changes_file import changes_to_json
from scheduler_core.services.next_operations import floor_now, plan_in_force, prices_of
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.sample_plans import approval, good_schedule, planned, small_plant, snapshot

SHOP = plant(job("A", operation(60, 1), due=60), job("B", operation(60, 1), due=600), machines=(machine(1),))
PLAN = schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 120))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    shop, plan = tmp_path / "plant.json", tmp_path / "plan.json"
    shop.write_text(snapshot_to_json(SHOP))
    plan.write_text(schedule_to_json(SHOP, PLAN, "greedy", measure(SHOP, PLAN), snapshot_sha256(SHOP)))
    return shop, plan


def test_files_are_answered_in_words_and_as_json(shopwright: Shopwright, files: tuple[Path, Path]) -> None:
    ran = shopwright("next", "m1", *files)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == ["M1 is free.", "  1. A op 1 work (planned for 08:00)"]
    told = json.loads(shopwright("next", "M1", *files, "--at", "2025-07-21 08:20", "--json").out)
    assert (told["running"]["job"], told["free"]) == ("A", "2025-07-21T09:00")
    done = shopwright("next", "M1", *files, "--at", "2025-07-21 08:20", "--finished", "A:1").out
    assert done.startswith("M1 is free.\n  1. B op 1")


def test_a_breakdown_in_a_file_of_changes_counts(shopwright: Shopwright, files: tuple[Path, Path], tmp_path: Path) -> None:
    changes = tmp_path / "changes.json"
    changes.write_text(changes_to_json(SHOP, (Breakdown(1, 0, 90),)))
    assert shopwright("next", "M1", *files, "--changes", changes).out.startswith("M1 is down until 09:30")


def test_wrong_questions_are_refused(shopwright: Shopwright, files: tuple[Path, Path]) -> None:
    for arguments, said in (
        (("M2", *files), "'M2' is no machine of tiny; names like it: M1"),
        (("M1", files[0]), "PLANT needs PLAN"),
        (("M1", "--changes", files[0]), "--changes needs PLANT and PLAN"),
        (("M1", *files, "--finished", "A"), "A is not JOB:OP"),
        (("M1", *files, "--finished", "A:2"), "is no open operation"),
        (("M1", *files, "--at", "2025-07-20"), "is before the plan's start"),
    ):
        ran = shopwright("next", *arguments)
        assert ran.status == 2, arguments
        assert said in ran.err


def test_the_store_answers_by_the_plan_in_force_carried_over_to_the_latest_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    name = small_plant().machines[0].name
    with_store = Store.open(url)
    try:
        assert main(["next", name]) == 2
        assert "no snapshot yet" in capsys.readouterr().err
        first = snapshot(with_store)
        assert main(["next", name]) == 2
        assert "make one first" in capsys.readouterr().err
        plan = planned(with_store, good_schedule(), snapshot_id=first)
        with_store.releases.approve(approval(plan), None)
        assert main(["next", name, "--json"]) == 0
        before = json.loads(capsys.readouterr().out)
        assert main(["next", name, "--at", "2020-01-01"]) == 2
        assert "is before the latest pull" in capsys.readouterr().err
        snapshot(with_store)
        assert main(["next", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == before
        latest = with_store.snapshots.needed_latest()
        in_force = plan_in_force(with_store, latest)
        assert in_force.id == plan.schedule
        assert floor_now(with_store, in_force, latest.plan_start).rule == "any"
        found = LearnedReport("standard", "0" * 64, 1, prices=(("type 1", 0.5),))
        assert floor_now(with_store, replace(in_force, report=found), latest.plan_start).rule == "learned"
        damaged = replace(found, prices=(("type 1", float("nan")),))
        assert prices_of(with_store, replace(in_force, report=damaged)) == ()
    finally:
        with_store.close()
