"""A fresh store per test, and a small plant with something late, something running and something down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.background import progress
from dashboard.loaded_plan import Plan, build_plan
from dashboard.state import plan_odds, supervision
from scheduler_core.data.store import Store
from scheduler_core.plant import Downtime, Fixed, MachineType, Plant
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.settings import environment
from tests.support.browsing import browser, page, planned, shown, window
from tests.support.hostile_text import NASTY
from tests.support.plants import job, machine, operation, plant
from tests.support.seeding import seed_plan, seed_snapshot

__all__ = ["browser", "page", "planned", "shown", "window"]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages wait in place for whatever they begin, so that a busy machine shows what a quick one does."""
    monkeypatch.setattr(progress, "AT_ONCE_SECONDS", 60.0)


class _NoProcess:
    """One that never ends: odds are there where a test keeps them in the store."""

    def poll(self) -> int | None:
        return None


@pytest.fixture(autouse=True)
def _no_odds_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page of a test starts a process that computes odds."""
    monkeypatch.setattr(plan_odds, "start_process", lambda *_: _NoProcess())


@pytest.fixture(autouse=True)
def _no_waiting_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page of a test starts workers that wait for runs."""
    monkeypatch.setattr(supervision, "new_supervisor", Supervisor)


@pytest.fixture
def small_plant() -> Plant:
    """Two presses and a lathe; five jobs, of which one runs, one is important and at least one is late."""
    made = plant(
        job("J1", operation(240, 1, 2, setup_minutes=30), operation(120, 3), product="AA-1", due=300, family="A"),
        job("J2", operation(300, 1, 2, setup_minutes=30), product="BB-2", due=360, family="B", important=True, quantity=12),
        job("J3", operation(60, 3, fixed=Fixed((3,), -30, 60)), product="CC-3", due=5000, family="A"),
        job("J4", operation(400, 1, 2), operation(400, 3), product=NASTY, due=2000, family="B", release=100),
        job("J5", operation(500, 1, 3, requires_all=True), family="C"),
        machines=[
            machine(1, calendar="office"),
            machine(2, downtime=(Downtime(600, 700, NASTY),)),
            machine(3, type=2, available_from=0),
        ],
    )
    return replace(made, machine_types=(MachineType(1, "Press"), MachineType(2, "Lathe")))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store that the pages open as well."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    opened = Store.open(url)
    yield opened
    supervision.close()
    opened.close()


@pytest.fixture
def seeded(store: Store, small_plant: Plant) -> tuple[Store, str, str]:
    """(store, greedy plan's id, RL plan's id) on one snapshot; nothing is released."""
    snapshot_id = seed_snapshot(store, small_plant)
    return store, seed_plan(store, snapshot_id, "greedy", "LPT"), seed_plan(store, snapshot_id, "learned", "WATC")


@pytest.fixture
def plans(seeded: tuple[Store, str, str]) -> tuple[Plan, Plan]:
    """The two seeded plans, loaded."""
    store, greedy, learned = seeded

    def load(schedule_id: str) -> Plan:
        stored = store.schedules.get(schedule_id)
        info = store.snapshots.get(stored.snapshot_id)
        return build_plan(stored, info, store.snapshots.plant(info.id), store.schedules.load(schedule_id))

    return load(greedy), load(learned)
