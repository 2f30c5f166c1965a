"""Past snapshots: the plan of the time is the released one, else the best kept; engines are judged beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.comparison.replay import Past, past_of_store, replay
from scheduler_core.comparison.spec import parse_spec
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import Objective
from tests.support.seeding import seed_plan, seed_snapshot

SHAPE = PlantShape(12, 4, tightness=0.9, load=5.0)
ENGINES = (parse_spec("greedy"), parse_spec("greedy rule=EDD"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def seeded(store: Store) -> list[tuple[str, dict[str, str]]]:
    """Three snapshots, oldest first: with two plans, with a released worse one, and with none; ids of plans by rule."""
    found = []
    for seed, rules in enumerate((("EDD", "LPT"), ("WATC", "LPT"), ())):
        snapshot = seed_snapshot(store, random_plant(seed, SHAPE), f"snapshot-{seed}")
        found.append((snapshot, {r: seed_plan(store, snapshot, rule=r, request_id=f"{seed}-{r}") for r in rules}))
    lpt = found[1][1]["LPT"]
    store.releases.approve(ApprovalRequest("release", lpt, store.schedules.get(lpt).content_sha256, "Ana"), None)
    return found


def test_the_plan_of_the_time_is_the_released_or_the_best_kept(store: Store) -> None:
    (_, first), (_, second), _ = seeded(store)
    pasts = past_of_store(store, 10, Objective.TARDINESS)
    assert [p.plant.name for p in pasts] == [random_plant(seed, SHAPE).name for seed in range(3)]
    better = min(first.values(), key=lambda i: measure(pasts[0].plant, store.schedules.load(i)).weighted_tardiness_days)
    assert pasts[0].plan == store.schedules.load(better)
    assert (pasts[1].plan, pasts[1].plan_name) == (store.schedules.load(second["LPT"]), "greedy, released as v1")
    assert (pasts[2].plan, pasts[2].plan_name) == (None, "none")
    assert [p.plant.name for p in past_of_store(store, 2, Objective.TARDINESS)] == [p.plant.name for p in pasts[1:]]


def test_an_empty_store_is_named(store: Store) -> None:
    with pytest.raises(InvalidValue, match="the store holds no snapshot"):
        past_of_store(store, 5, Objective.TARDINESS)


def test_engines_stand_beside_the_plan_of_the_time(store: Store) -> None:
    seeded(store)
    pasts = past_of_store(store, 10, Objective.TARDINESS)
    found = replay(pasts, ENGINES, Objective.TARDINESS)
    assert found.violations == 0
    assert [r.past for r in found.rows] == pasts
    assert [r.then is not None for r in found.rows] == [True, True, False]
    assert found.comparable == found.rows[:2]
    then, (best, edd) = found.means()
    values = [measure(p.plant, p.plan).weighted_tardiness_days for p in pasts[:2] if p.plan is not None]
    assert then == pytest.approx(sum(values) / 2)
    assert best <= then
    assert best <= edd
    assert found.ratio(0).value == pytest.approx(best / then)


def test_without_any_plan_of_the_time_there_is_nothing_to_compare() -> None:
    found = replay([Past("alone", random_plant(0, SHAPE))], ENGINES[:1], Objective.MAKESPAN)
    assert found.rows[0].now[0].value is not None
    assert found.comparable == ()
    assert found.ratio(0).value is None
    with pytest.raises(ValueError, match="no snapshot has a plan"):
        found.means()
