"""The odds of plans for pages: no page waits, one process at a time, and what failed is not tried for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dashboard.state.plan_odds import OddsKeeper, Process
from scheduler_core.data.store import Store
from scheduler_core.floor.order_odds import STATED
from scheduler_core.services import odds
from tests.support.opening import Seeded, release


@dataclass
class FakeProcess:
    """A process that ends when a test says so."""

    ended: bool = False

    def poll(self) -> int | None:
        return 0 if self.ended else None


@dataclass
class Starter:
    """Notes what was started."""

    made: list[tuple[FakeProcess, tuple[str, ...]]] = field(default_factory=list)

    def __call__(self, store: Store, plant: str, schedule_ids: Sequence[str]) -> Process:
        self.made.append((FakeProcess(), tuple(schedule_ids)))
        return self.made[-1][0]


def test_plans_wait_for_one_process_at_a_time_and_are_there_afterwards(seeded: Seeded) -> None:
    store, first, second = seeded
    start = Starter()
    keeper = OddsKeeper(start)
    assert keeper.look(store, "tiny", first, STATED).waiting
    assert keeper.look(store, "tiny", second, STATED).waiting
    assert keeper.look(store, "tiny", first, STATED).waiting
    assert [plans for _, plans in start.made] == [(first,)]
    odds.compute_odds(store, first, STATED)
    start.made[0][0].ended = True
    assert keeper.look(store, "tiny", second, STATED).waiting
    assert [plans for _, plans in start.made] == [(first,), (second,)]
    found = keeper.look(store, "tiny", first, STATED)
    assert found.found is not None
    assert found.found.odds.runs == odds.RUNS


def test_a_process_that_leaves_no_odds_has_failed_and_is_not_started_again(seeded: Seeded) -> None:
    store, plan, _ = seeded
    start = Starter()
    keeper = OddsKeeper(start)
    keeper.look(store, "tiny", plan, STATED)
    start.made[0][0].ended = True
    for _ in range(2):
        look = keeper.look(store, "tiny", plan, STATED)
        assert (look.failed, look.waiting) == (True, False)
    assert len(start.made) == 1


def test_where_no_process_can_be_started_pages_go_on_without_odds(seeded: Seeded) -> None:
    store, plan, _ = seeded

    def none_left(store: Store, plant: str, schedule_ids: Sequence[str]) -> Process:
        raise OSError("no process left")

    assert OddsKeeper(none_left).look(store, "tiny", plan, STATED).failed


def test_a_release_without_odds_is_given_them_once(seeded: Seeded) -> None:
    store, plan, _ = seeded
    release(store, plan)
    made = store.releases.newest("tiny")[0]
    start = Starter()
    keeper = OddsKeeper(start)
    keeper.tend_release(store, "tiny", made.id)
    keeper.tend_release(store, "tiny", made.id)
    assert [plans for _, plans in start.made] == [()]
