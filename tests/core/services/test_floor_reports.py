"""Reports from the floor in snapshots: between pulls, at pulls, until the ERP knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.actuals.operation_actual import Between, Evidence, Minutes
from scheduler_core.data.store import Store
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.plant import Fixed, Plant
from scheduler_core.scenarios.changes import MaterialLate
from scheduler_core.scenarios.floor_reports import FloorReport, OperationFinished, OperationStarted, PiecesScrapped
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.services import facts, floor_actuals, pulling
from scheduler_core.services.facts import Asks, Standing, Stated
from tests.support.erp_rows import CONFIG, START, Erp
from tests.support.sample_plans import fresh, planned

CM01, CM02 = 6, 7
ONE, TWO = "JOST0001", "JOST0002"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def workshop() -> Erp:
    """ONE on CM01 and then on CM02, TWO on CM01: 20 minutes of setup and 50 of processing each."""
    erp = Erp()
    for number in (1, 2):
        erp.job(number)
        erp.step(number)
    erp.step(1, 2, Machine_v=str(CM02))
    return erp


Pulled = Callable[[datetime, Erp], str]


@pytest.fixture
def pull(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulled:
    def pulled(moment: datetime, erp: Erp) -> str:
        monkeypatch.setattr("scheduler_core.data.erp.reading._now", lambda timezone: moment)
        url = erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
        return pulling.pull(store, url, request_id=fresh(), config=CONFIG)

    return pulled


def at(hour: int, minute: int = 0) -> datetime:
    return START.replace(hour=hour, minute=minute)


def say(store: Store, report: FloorReport, now: datetime, request: str | None = None) -> str:
    """``report.at`` counts from START."""
    return facts.record(
        store, Stated(report, START, "scanner"), now=now, actor="MES", request_id=request or fresh()
    ).fact_id  # fmt: skip


def latest(store: Store) -> Plant:
    return store.snapshots.plant(store.snapshots.needed_latest().id)


def places(plant: Plant, order: str) -> list[tuple[int, int, Fixed | None]]:
    """Number, processing minutes and place of an order's operations."""
    return [(op.sequence, op.minutes, op.fixed) for op in plant.job_by_id[order].operations]


def standing(store: Store, fact: str, now: datetime) -> tuple[Standing, str]:
    found = next(one for one in facts.known(store, latest(store), now) if one.id == fact)
    return found.standing(now), found.undone_reason


def test_a_report_counts_at_once_and_at_each_pull_until_the_erp_knows_it(store: Store, pull: Pulled) -> None:
    erp = workshop()
    pull(START, erp)
    before = snapshot_to_json(latest(store))
    started = say(store, OperationStarted(ONE, 1, CM01, 30), at(9))
    assert places(latest(store), ONE)[0] == (1, 50, Fixed((CM01,), 30, 100)), "between two pulls"
    facts.undo(store, started, now=at(9), actor="Ana", request_id=fresh(), reason="another order")
    assert snapshot_to_json(latest(store)) == before, "byte for byte"
    started = say(store, OperationStarted(ONE, 1, CM01, 30), at(7, 40))
    pull(at(7, 40), erp)
    assert places(latest(store), ONE)[0] == (1, 30, Fixed((CM01,), 0, 30)), "the ERP does not know it: 40 minutes are worked"
    assert facts.doubtful(store, store.snapshots.needed_latest().id, at(7, 40)) == ()
    finished = say(store, OperationFinished(ONE, 1, 90, good=90), at(8, 30))
    assert places(latest(store), ONE) == [(1, 30, Fixed((CM01,), 0, 20)), (2, 45, None)], "it ran until 08:00"
    assert latest(store).job_by_id[ONE].quantity == 90
    pull(at(9), erp)
    assert places(latest(store), ONE) == [(2, 45, None)]
    assert standing(store, finished, at(9))[0] is Standing.ACTIVE
    erp.made(100)
    pull(at(10), erp)
    assert places(latest(store), ONE) == [(2, 45, None)], "the operation is booked, the pieces are not"
    assert standing(store, started, at(10)) == (Standing.EXPIRED, "the ERP knows it")
    erp.tables["tbl_jo_txn"][0]["JoQty_d"] = 90
    pull(at(11), erp)
    assert places(latest(store), ONE) == [(2, 45, None)]
    assert standing(store, finished, at(11)) == (Standing.EXPIRED, "the ERP has 90 pieces of the order now")
    pull(at(12), erp)
    assert store.snapshots.facts(store.snapshots.needed_latest().id) == (), "it leaves no trace"
    assert store.audit.verify() is None


def test_scrapped_pieces_count_until_the_erp_counts_anew(store: Store, pull: Pulled) -> None:
    erp = workshop()
    pull(START, erp)
    first = say(store, PiecesScrapped(ONE, 1, 10, 10), at(7))
    second = say(store, PiecesScrapped(ONE, 1, 20, 10), at(7))
    assert (latest(store).job_by_id[ONE].quantity, places(latest(store), ONE)[1][1]) == (80, 40)
    erp.tables["tbl_jo_txn"][0]["JoQty_d"] = 120
    snapshot = pull(at(8), erp)
    assert latest(store).job_by_id[ONE].quantity == 120
    assert [(one.fact.id, one.asks, one.reason) for one in facts.doubtful(store, snapshot, at(8))] == [
        (fact, Asks.CONTRADICTED, "the ERP has 120 pieces of the order now") for fact in (first, second)
    ]
    erp.tables["tbl_jo_txn"][0]["JoQty_d"] = 80
    pull(at(9), erp)
    assert (latest(store).job_by_id[ONE].quantity, places(latest(store), ONE)[1][1]) == (80, 40)
    assert {standing(store, fact, at(9))[0] for fact in (first, second)} == {Standing.EXPIRED}


def test_what_the_erp_or_the_clock_speaks_against_is_asked(store: Store, pull: Pulled) -> None:
    erp = workshop()
    pull(START, erp)
    started = say(store, OperationStarted(ONE, 1, CM01, 0), at(7))
    snapshot = pull(at(8), erp)
    (doubt,) = facts.doubtful(store, snapshot, at(8))
    assert (doubt.fact.id, doubt.asks, doubt.expected) == (started, Asks.ENDED, at(8, 1)), "70 minutes are over"
    erp.made(10, number=2)
    snapshot = pull(at(9), erp)
    (doubt,) = facts.doubtful(store, snapshot, at(9))
    assert doubt.asks is Asks.CONTRADICTED
    assert doubt.reason == "machine 6 (CM01) is at work on operation 1 of JOST0002 until 2025-07-21 09:45: " \
                           "report that one as finished first"  # fmt: skip
    say(store, OperationFinished(ONE, 1, 100), at(9))
    assert facts.doubtful(store, snapshot, at(9)) == (), "it is answered"
    (doubt,) = facts.doubtful(store, snapshot, at(9) + timedelta(days=1))
    assert doubt.asks is Asks.UNCONFIRMED


def test_an_operation_that_the_erp_has_elsewhere_stays_where_the_erp_has_it(store: Store, pull: Pulled) -> None:
    erp = workshop()
    erp.tables["tbl_jo_process"][0]["Machine_v"] = None
    erp.tables["tbl_jo_process"][0]["Task_v"] = "CP08"
    erp.routing("CP08", 5)
    pull(START, erp)
    started = say(store, OperationStarted(ONE, 1, CM01, 10), at(7))
    erp.tables["tbl_jo_process"][0]["Machine_v"] = str(CM02)
    erp.made(10)
    snapshot = pull(at(8), erp)
    place = places(latest(store), ONE)[0][2]
    assert place is not None
    assert place.machines == (CM02,)
    assert [(one.fact.id, one.reason) for one in facts.doubtful(store, snapshot, at(8))] == [
        (started, "the ERP has it at work on CM02")
    ]


def test_the_next_start_on_a_machine_ends_the_one_before(store: Store, pull: Pulled) -> None:
    erp = workshop()
    pull(START, erp)
    say(store, OperationStarted(ONE, 1, CM01, 0), at(9))
    with pytest.raises(
        InvalidValue, match=r"machine: 6 \(CM01\) is at work on operation 1 of JOST0001 until 2025-07-21 07:40"
    ):
        say(store, OperationStarted(TWO, 1, CM01, 60), at(9))
    say(store, OperationStarted(TWO, 1, CM01, 100), at(9))
    snapshot = pull(at(9), erp)
    assert places(latest(store), TWO)[0][2] == Fixed((CM01,), 0, 20)
    assert places(latest(store), ONE)[0][2] is None, (
        "what is left of it is planned again until somebody says that it is done"
    )
    assert [one.reason for one in facts.doubtful(store, snapshot, at(9))] == [
        "its machine has started operation 1 of JOST0002 since"
    ]


def test_what_has_started_is_not_held_any_more(store: Store, pull: Pulled) -> None:
    pull(START, workshop())
    say(store, OperationStarted(ONE, 1, CM01, 30), at(9))
    for change in (OrderHeld(ONE), MaterialLate(ONE, 1000)):
        with pytest.raises(InvalidValue, match="has begun"):
            facts.record(store, Stated(change, START, "x"), now=at(9), actor="Ana", request_id=fresh())


def test_a_report_is_refused_with_its_field(store: Store, pull: Pulled) -> None:
    erp = workshop()
    erp.made(10)
    pull(START, erp)
    refusals = (
        (OperationStarted(TWO, 1, CM01, 200), "at: '2025-07-21 09:50' is not within the last 31 days"),
        (OperationStarted(TWO, 1, CM01, -60 * 24 * 40), "is not within the last 31 days"),
        (OperationStarted(ONE, 1, CM01, 20), "sequence: 1 of JOST0001 is not reported any more: the ERP knows it"),
    )
    for report, words in refusals:
        with pytest.raises(InvalidValue) as caught:
            say(store, report, at(9))
        assert words in str(caught.value)
    say(store, OperationFinished(TWO, 1, 20), at(9), "again")
    say(store, OperationFinished(TWO, 1, 20), at(9), "again")
    with pytest.raises(InvalidValue, match="of JOST0002 is reported already, by MES: undo that fact first"):
        say(store, OperationFinished(TWO, 1, 30), at(9))


def test_actuals_know_the_minute_that_was_reported(store: Store, pull: Pulled) -> None:
    erp = workshop()
    pull(START, erp)
    say(store, OperationStarted(ONE, 1, CM01, 30), at(8))
    say(store, OperationFinished(ONE, 1, 75), at(8))
    say(store, OperationStarted(TWO, 1, CM01, 80), at(8))
    pull(at(8, 30), erp)
    say(store, OperationFinished(TWO, 1, 150), at(9, 30))
    erp.made(100)
    erp.made(100, number=2)
    pull(at(10), erp)
    found = {(one.job, one.sequence): one for one in floor_actuals.recent(store, CONFIG.plant)}
    one, two = found[ONE, 1], found[TWO, 1]
    assert (one.began, one.ended) == (Between(at(7), at(7)), Between(at(7, 45), at(7, 45)))
    assert (one.evidence, one.worked, one.interrupted) == (Evidence.FINISHED, Minutes(45, 45), False)
    assert (two.began, two.ended) == (Between(at(7, 50), at(7, 50)), Between(at(9), at(9)))
    assert (two.worked, two.interrupted) == (Minutes(70, 70), False)
    assert set(found) == {(ONE, 1), (TWO, 1)}, "each once"


def test_the_effect_of_a_report_outweighs_what_the_plan_says(store: Store, pull: Pulled) -> None:
    snapshot = pull(START, workshop())
    plan = greedy.schedule(latest(store), EngineConfig(rule="EDD")).schedule
    assert plan is not None
    assert plan.by_operation[ONE, 1].machines == (CM01,)
    kept = planned(store, plan, snapshot).schedule
    found = facts.effect(store, kept, (OperationStarted(TWO, 1, CM01, 10),), now=at(7))
    assert (found.refused, found.late_after) == (None, 0), "ONE, which the plan has there at 06:30, goes behind it"
    assert facts.effect(store, kept, (OperationFinished(ONE, 1, 20),), now=at(7)).refused is None
