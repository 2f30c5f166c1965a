from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler_core.data import erp
from scheduler_core.data.demo import DEMO_CLOCK
from scheduler_core.data.erp import load_config
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo, Source
from scheduler_core.errors import InvalidValue
from scheduler_core.services import demo_history, pulling
from scheduler_core.services.demo_history import SIMULATED, UnevenDurations, pulls, write_history
from scheduler_core.settings import locations

DAYS = 3
CONFIG = locations.root() / "configs" / "demo_erp.yaml"


@dataclass(frozen=True)
class Made:
    store: Store
    erp_file: Path

    @property
    def snapshots(self) -> tuple[SnapshotInfo, ...]:
        return self.store.snapshots.newest(500)[::-1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("history")
    with closing(Store.open(f"sqlite:///{folder / 'store.sqlite3'}")) as store:
        write_history(store, folder / "erp.sqlite3", DAYS, config=load_config(CONFIG))
        yield Made(store, folder / "erp.sqlite3")


def test_all_of_it_lies_in_the_demos_past_and_ends_at_its_clock(made: Made) -> None:
    starts = [one.plan_start for one in made.snapshots]
    assert starts == list(pulls(DEMO_CLOCK - timedelta(days=DAYS)))
    assert starts[-1] == DEMO_CLOCK
    clock = DEMO_CLOCK.replace(tzinfo=ZoneInfo("Asia/Kuala_Lumpur"))
    *past, last = made.snapshots
    assert all(one.taken_at < clock for one in past)
    assert last.taken_at > clock, "the jobs that the board opens on are as old as the demo"
    releases = made.store.releases.newest(last.plant)
    assert [r.number for r in releases] == [2, 1], "a Friday and a Saturday"
    assert all(r.approved_at < clock for r in releases)


def test_everything_says_that_it_is_simulated(made: Made) -> None:
    assert all(one.source is Source.DEMO and "simulated" in (one.banner or "") for one in made.snapshots)
    for release in made.store.releases.newest(made.snapshots[0].plant):
        assert release.approver == SIMULATED
        assert "Simulated" in release.comment
    assert {line.actor for line in made.store.audit.newest(1000)} == {SIMULATED}


def test_the_audit_trail_is_whole(made: Made) -> None:
    assert made.store.audit.verify() is None


def test_a_pull_goes_on_where_the_history_ends(made: Made) -> None:
    assert pulling.look(made.snapshots[-1], f"sqlite:///{made.erp_file}", load_config(CONFIG)) is None


def test_orders_come_in_begin_and_are_finished(made: Made) -> None:
    plants = [made.store.snapshots.plant(one.id) for one in made.snapshots]
    known = [set(plant.job_by_id) for plant in plants]
    assert known[0] - known[-1], "some were finished"
    assert known[-1] - known[0], "some came in"
    running = {job.id for plant in plants for job in plant.jobs for op in job.operations if op.fixed is not None}
    assert len(running) > 10


def test_some_machines_take_longer_than_planned() -> None:
    durations = UnevenDurations(1, 0.0, {7: 1.5})
    assert durations.factor("A", 1, (7,)) == 1.5
    assert durations.factor("A", 1, (8,)) == 1.0


def test_pulls_keep_to_working_hours() -> None:
    found = list(pulls(datetime(2025, 7, 18, 6, 30)))
    hours = [*range(6, 19)], [*range(6, 13)]
    said = [f"{day} {hour:02d}:30" for day, each in zip(("Fri", "Sat"), hours, strict=True) for hour in each]
    assert [f"{at:%a %H:%M}" for at in found] == [*said, "Mon 06:30"]


@pytest.mark.parametrize("days", [0, demo_history.MOST_DAYS + 1])
def test_a_history_is_some_days_long(made: Made, days: int) -> None:
    with pytest.raises(InvalidValue, match="must be between 1 and 60"):
        write_history(made.store, made.erp_file, days)


def test_jobs_that_are_there_stay(made: Made, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"needs a store without jobs.*after an interrupted history"):
        write_history(made.store, tmp_path / "erp.sqlite3", DAYS, config=erp.load_config(CONFIG))
    assert not (tmp_path / "erp.sqlite3").exists()
