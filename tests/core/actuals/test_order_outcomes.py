"""Orders on time and in full: what is surely so, surely not, and what the pulls do not tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scheduler_core.actuals.operation_actual import Between, Evidence, OperationActual
from scheduler_core.actuals.order_outcomes import OrderOutcome, Otif, Verdict, mean_days_late, order_outcomes, otif
from scheduler_core.actuals.working_ranges import WorkingRanges
from scheduler_core.plant import Plant
from tests.support.plants import job, machine, operation, plant

NOW = datetime(2025, 7, 25, 8, 0)
SINCE = datetime(2025, 7, 21, 8, 0)
TUESDAY = datetime(2025, 7, 22)


def _plant(*open_orders: tuple[str, datetime], calendar: str = "always") -> Plant:
    jobs = [job(name, operation(60, 1), due=int((due - NOW).total_seconds() // 60)) for name, due in open_orders]
    return plant(*(jobs or [job("later", operation(60, 1), due=9000)]), machines=[machine(1, calendar=calendar)], start=NOW)


def _last(due: datetime, after: datetime, until: datetime, **more: object) -> OperationActual:
    whole = OperationActual(
        "A", 2, "grind", (1,), Between(SINCE, SINCE), Between(after, until), Evidence.RUNNING, last=True, due=due
    )
    return replace(whole, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "until", "verdict", "late"),
    [
        (8, 10, Verdict.ON_TIME, None),
        (8, 12, Verdict.ON_TIME, None),
        (12, 14, Verdict.LATE, 60.0),
        (14, 15, Verdict.LATE, 150.0),
        (11, 13, Verdict.UNKNOWN, None),
    ],
)
def test_an_end_before_the_due_date_is_on_time(after: int, until: int, verdict: Verdict, late: float | None) -> None:
    ended = _last(TUESDAY.replace(hour=12), TUESDAY.replace(hour=after), TUESDAY.replace(hour=until))
    [found] = order_outcomes([ended], _plant(), SINCE)
    assert (found.verdict, found.minutes_late) == (verdict, late)


def test_nothing_ends_while_its_machine_is_closed() -> None:
    """The office closes at 18:00, overtime included, and opens at 08:00."""
    evening, morning, midnight = TUESDAY.replace(hour=17), datetime(2025, 7, 24, 8, 30), TUESDAY + timedelta(days=1)
    open_all_night = order_outcomes([_last(midnight, evening, morning)], _plant(), SINCE)
    assert open_all_night[0].verdict is Verdict.UNKNOWN
    until_eight = morning.replace(hour=8, minute=0)
    closed = order_outcomes([_last(midnight, evening, until_eight)], _plant(calendar="office"), SINCE)
    assert closed[0].verdict is Verdict.ON_TIME
    assert closed[0].ended == Between(evening, TUESDAY.replace(hour=18))
    at_night = order_outcomes([_last(midnight, TUESDAY.replace(hour=19), TUESDAY.replace(hour=22))],
                              _plant(calendar="office"), SINCE)  # fmt: skip
    assert at_night[0].ended == Between(TUESDAY.replace(hour=19), TUESDAY.replace(hour=22)), "nobody knows better"


def test_an_open_order_is_late_once_its_due_date_has_passed() -> None:
    found = order_outcomes([], _plant(("A", TUESDAY), ("B", NOW + timedelta(hours=1)), ("C", NOW)), SINCE)
    assert [(one.job, one.verdict, one.minutes_late) for one in found] == [
        ("A", Verdict.LATE, 3 * 1440 + 480), ("C", Verdict.LATE, 0.0),
    ]  # fmt: skip


def test_due_dates_before_the_first_pull_do_not_count() -> None:
    assert order_outcomes([_last(SINCE, SINCE, SINCE + timedelta(hours=1))], _plant(("B", SINCE)), SINCE) == ()


def test_an_order_that_is_gone_with_its_last_operation_is_finished_with_more_of_them_perhaps_cancelled() -> None:
    last = _last(NOW, TUESDAY, TUESDAY + timedelta(hours=1), evidence=Evidence.ORDER_GONE)
    assert order_outcomes([last], _plant(), SINCE)[0].verdict is Verdict.ON_TIME
    before = replace(last, sequence=1, last=False)
    assert order_outcomes([before, last], _plant(), SINCE)[0].verdict is Verdict.UNKNOWN


def test_shares_leave_out_what_is_not_known() -> None:
    outcomes = [
        OrderOutcome("A", TUESDAY, Verdict.ON_TIME), OrderOutcome("B", TUESDAY, Verdict.UNKNOWN),
        OrderOutcome("C", TUESDAY, Verdict.LATE, minutes_late=1440.0),
        OrderOutcome("D", TUESDAY, Verdict.LATE, minutes_late=4320.0),
    ]  # fmt: skip
    assert otif(outcomes) == Otif(1, 2, 1)
    assert otif(outcomes).share == pytest.approx(1 / 3)
    assert mean_days_late(outcomes) == 2.0
    assert otif([]).share is None
    assert mean_days_late(outcomes[:2]) is None


def test_an_order_due_at_midnight_belongs_to_the_day_before() -> None:
    assert OrderOutcome("A", TUESDAY, Verdict.LATE).day == date(2025, 7, 21)
    assert OrderOutcome("A", TUESDAY + timedelta(minutes=1), Verdict.LATE).day == date(2025, 7, 22)


def test_a_range_without_beginning_stays() -> None:
    ranges = WorkingRanges(_plant(calendar="office"), SINCE)
    for unknown in (Between(None, TUESDAY), Between(SINCE - timedelta(days=60), TUESDAY)):
        assert ranges.narrowed(unknown, (1,)) == unknown


def test_a_weekend_before_the_first_pull_is_no_part_of_a_range() -> None:
    """What the first pull showed may have begun on Friday; the office is closed until Monday 08:00."""
    ranges = WorkingRanges(_plant(calendar="office"), SINCE)
    friday, morning = SINCE - timedelta(days=3, hours=-9), SINCE + timedelta(hours=1)
    assert ranges.narrowed(Between(friday, morning), (1,)) == Between(friday, morning)
    assert ranges.narrowed(Between(friday + timedelta(hours=2), morning), (1,)) == Between(SINCE, morning)
