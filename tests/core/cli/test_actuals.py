"""``shopwright actuals``, and odds whose durations vary as the plant's own did."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.floor.events import Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.floor.snapshot import snapshot as seen_at
from scheduler_core.interchange import schedule_to_json, snapshot_sha256, snapshot_to_json
from scheduler_core.judge.kpis import measure
from scheduler_core.schedule import Schedule
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright
from tests.support.plants import at, job, machine, operation, plant
from tests.support.sample_plans import FINGERPRINT, approval, fresh, planned

LINES = 34
SHOP = plant(
    *(
        job(f"J{i}", operation(100, i, process="mill"), operation(900, i, process="test"), due=1100, quantity=100)
        for i in range(1, LINES)
    ),
    machines=[machine(i) for i in range(1, LINES)],
)
PLAN = Schedule(tuple(
    a for i in range(1, LINES) for a in (at(f"J{i}", 1, i, 0, 100), at(f"J{i}", 2, i, 100, 1000))
))  # fmt: skip


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store without snapshots."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The plant and its plan."""
    plant_file, plan_file = tmp_path / "plant.json", tmp_path / "plan.json"
    plant_file.write_text(snapshot_to_json(SHOP), encoding="utf-8")
    text = schedule_to_json(SHOP, PLAN, "greedy", measure(SHOP, PLAN), snapshot_sha256(SHOP))
    plan_file.write_text(text, encoding="utf-8")
    return plant_file, plan_file


def _pulled(store: Store, minute: int, real: Schedule) -> str:
    stream = Stream(SHOP)
    begun = Schedule(tuple(a for a in real.assignments if a.start < minute))
    plant = seen_at(stream, Floor(SHOP, stream.durations), begun, minute)
    return store.snapshots.save(plant, request_id=fresh(), source=Source.DEMO, fingerprint=FINGERPRINT, banner="demo")


def _worked(store: Store) -> None:
    """The plan is released, everything begins within ten minutes, and a pull is made every ten minutes."""
    draw = random.Random(5)
    lengths = [draw.randint(75, 135) for _ in range(1, LINES)]
    real = Schedule(tuple(
        a for i, length in enumerate(lengths, 1)
        for a in (at(f"J{i}", 1, i, 5, 5 + length), at(f"J{i}", 2, i, 5 + length, 905 + length))
    ))  # fmt: skip
    first = _pulled(store, 0, real)
    store.releases.approve(approval(planned(store, PLAN, first)), FINGERPRINT)
    for minute in range(10, 151, 10):
        _pulled(store, minute, real)


def test_adherence_durations_and_noise_of_a_plant(store: Store, shopwright: Shopwright, files: tuple[Path, Path]) -> None:
    _worked(store)
    ran = shopwright("actuals")
    assert ran.status == 0
    assert "16 pulls compared\n33 operations ended, 33 run" in ran.out
    rows = {line[:13].strip(): line[13:].split() for line in ran.out.splitlines() if line.startswith(("within", "in the"))}
    assert int(rows["within 15 min"][0]) >= 33, "all first operations; of the second ones it depends"
    assert "Noise: fitted to the plant's actuals (33 of 33 ended operations have a duration that is known to a" in ran.out
    assert "J1 1" not in ran.out
    assert "J1 1" in shopwright("actuals", "--all").out
    told = json.loads(shopwright("actuals", "--json").out)
    assert told["adherence"]["within_15_minutes"]["kept"] >= 33
    assert [(one["process"], one["count"]) for one in told["durations_by_process"]] == [("mill", 33)]
    assert 0.9 < told["durations_by_process"][0]["mean"] < 1.2
    assert len(told["operations"]) == 66
    assert told["operations"][0]["planned"]["start"] == "2025-07-21T08:00"

    odds = shopwright("odds", *files, "--runs", "10", "--actuals")
    assert odds.status == 0
    assert "10 runs of the plan, durations: fitted to the plant's actuals (33 of 33" in odds.out
    own = json.loads(shopwright("odds", *files, "--runs", "10", "--actuals", "--json").out)
    assert own["actuals"] == {
        "fitted": True, "used": 33, "ended": 33, "by_process": {"mill": told["noise"]["by_process"]["mill"]},
    }  # fmt: skip


def test_odds_say_that_the_stated_variation_is_used_where_the_store_has_nothing(
    files: tuple[Path, Path], shopwright: Shopwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "none.sqlite3"
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{missing}")
    ran = shopwright("odds", *files, "--runs", "5", "--actuals")
    assert ran.status == 0
    assert "durations: the stated default of 20%: 0 of 0 ended operations" in ran.out
    assert not missing.exists()
    assert shopwright("odds", *files, "--actuals", "--variation", "30").status == 2


def test_nothing_is_claimed_of_a_single_pull(store: Store, shopwright: Shopwright) -> None:
    ran = shopwright("actuals")
    assert (ran.status, "no snapshot yet" in ran.err) == (2, True)
    _pulled(store, 0, PLAN)
    ran = shopwright("actuals")
    assert "1 pull compared\nNo operation is known to have begun" in ran.out
    assert json.loads(shopwright("actuals", "--json").out)["adherence"]["within_1_hour"]["share"] is None
