"""The floor's figures as they are read from a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler_core.actuals.late_reasons import WhyLate
from scheduler_core.actuals.order_outcomes import Otif
from scheduler_core.causes.explainer import Cause
from scheduler_core.comparison.performance import performance, pulls_of, spans_in_force, week_reasons
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RollbackRequest, Source
from scheduler_core.services import floor_actuals
from tests.support.floor_history import FINGERPRINT, SHOP, live, moment
from tests.support.plants import PLAN_START
from tests.support.seeding import seed_plan


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")) as opened:
        yield opened


def test_what_the_pulls_tell_of_orders_starts_and_plans(store: Store) -> None:
    live(store)
    found = performance(store, SHOP.name)
    assert found is not None
    assert (found.since, found.now) == (moment(0), moment(360))
    assert [(one.job, one.verdict.value) for one in found.outcomes] == [
        ("TARDY", "late"), ("PROMPT", "on-time"), ("OPEN", "late"),
    ]  # fmt: skip
    [week] = found.weeks
    assert found.usual_week == week
    assert found.before(week) is None
    assert (week.orders, week.whole) == (Otif(1, 2, 0), False)
    assert week.starts.hour.count == 5
    assert week.overtime_hours == 0.0
    assert found.of_week(week) == found.outcomes
    # The rule puts OPEN's ten hours on the grinder at once, where TARDY waits behind them.
    why = week_reasons(store, SHOP.name, found, week)
    assert why == WhyLate({Cause.TOO_MUCH_WORK: 1, Cause.MACHINE: 1}, later=0, unplanned=0)


def test_one_pull_tells_nothing(store: Store) -> None:
    assert performance(store, SHOP.name) is None
    live(store, pulls=(0,))
    assert len(pulls_of(store, SHOP.name)) == 1
    assert performance(store, SHOP.name) is None


def test_of_a_store_of_before_only_what_was_compared_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    compare = floor_actuals.bring_up_to_date
    with monkeypatch.context() as patched:
        patched.setattr(floor_actuals, "bring_up_to_date", lambda *_: 0)
        live(store)
    assert performance(store, SHOP.name) is None, "orders that were finished are not known yet, those still open are"
    compare(store, SHOP.name, most_at_first=3)
    found = performance(store, SHOP.name)
    assert found is not None
    assert (found.since, found.now) == (moment(240), moment(360))
    assert [(one.job, one.verdict.value) for one in found.outcomes] == [("OPEN", "late")]


def test_a_release_is_in_force_until_the_next_and_never_over_the_end_of_a_week(store: Store) -> None:
    live(store, pulls=(0, 60))
    until = PLAN_START + timedelta(days=9)
    spans = spans_in_force(store, SHOP.name, until)
    midnight = PLAN_START.replace(hour=0) + timedelta(days=7)
    assert [(one.begin, one.end) for one in spans] == [(PLAN_START, midnight), (midnight, until)]
    assert spans_in_force(store, SHOP.name, PLAN_START) == ()


def test_a_roll_back_comes_into_force_after_what_it_replaces(store: Store) -> None:
    live(store, pulls=(0, 60, 120))
    newest = store.snapshots.newest()[0]
    made = seed_plan(store, newest.id, rule="LPT", request_id="second")
    content = store.schedules.get(made).content_sha256
    store.releases.approve(ApprovalRequest("second", made, content, "Ana", on_top_of=1), FINGERPRINT)
    store.releases.roll_back(RollbackRequest("back", SHOP.name, 1, "Ana", "it was better", 2, "a test"), "e" * 64)
    spans = spans_in_force(store, SHOP.name, moment(300))
    assert [(one.release.number, one.begin, one.end) for one in spans] == [
        (1, moment(0), moment(120)), (3, moment(120), moment(300)),
    ]  # fmt: skip


def test_a_live_plants_release_counts_from_its_approval(store: Store) -> None:
    live(store, pulls=(0, 60), source=Source.ERP)
    assert spans_in_force(store, SHOP.name, moment(60)) == (), "approved in the real time of this test, long after"
