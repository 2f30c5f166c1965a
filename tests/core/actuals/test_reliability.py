"""How odds came true, on outcomes that are known: whom it counts, once, and by which moment."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from scheduler_core.actuals.operation_actual import Between, Evidence, OperationActual
from scheduler_core.actuals.reliability import Ends, Promise, Told, ends_of, met, reliability

START = datetime(2025, 7, 21, 6)
SINCE, UNTIL = START, START + timedelta(days=28)


def _day(days: float) -> datetime:
    return START + timedelta(days=days)


def _promise(job: str, due: float | None, chance: float | None, end: float = 1.0, p80: float = 2.0) -> Promise:
    dates = {"p50": _day(end), "p80": _day(p80), "p95": _day(p80 + 1)}
    return Promise(job, None if due is None else _day(due), _day(end), chance, dates)


def _ended(**days: float) -> dict[str, Between]:
    return {job: Between(_day(at), _day(at)) for job, at in days.items()}


def test_an_order_is_on_time_late_or_not_known() -> None:
    ends = Ends({"A": Between(_day(1), _day(3)), "B": Between(None, _day(3))}, frozenset({"open"}))
    assert met(ends, "A", _day(3)) is True
    assert met(ends, "A", _day(1)) is False
    assert met(ends, "A", _day(2)) is None
    assert met(ends, "B", _day(2)) is None
    assert met(ends, "open", _day(2)) is False
    assert met(ends, "gone", _day(2)) is None


def test_each_order_counts_once_with_the_first_release_that_planned_it() -> None:
    told = [
        Told(_day(1), [_promise("A", 5, 0.0), _promise("B", 5, 0.6)]),
        Told(_day(0), [_promise("A", 5, 0.8)]),
        Told(_day(6), [_promise("C", 5, 0.0)]),
    ]  # fmt: skip
    found = reliability(told, Ends(_ended(A=4, B=6, C=4), frozenset()), SINCE, UNTIL)
    assert (found.orders, found.unknown) == (2, 0)
    assert found.brier == pytest.approx((0.2**2 + 0.6**2) / 2)
    assert found.brier_of_plan == pytest.approx((0 + 1) / 2), "by plan both end on day 1"
    assert [(c.orders, c.came_true) for c in found.classes] == [
        (0, None),
        (0, None),
        (0, None),
        (1, 0.0),
        (1, 1.0),
        (0, None),
    ]


def test_who_counts_is_decided_by_the_due_date_and_open_orders_are_late() -> None:
    told = [Told(_day(-9), [_promise("A", -1, 1.0), _promise("B", 29, 1.0), _promise("C", 5, 0.9), _promise("D", None, None),
                            _promise("E", 5, 0.9)])]  # fmt: skip
    found = reliability(told, Ends(_ended(A=-2, B=20, D=1), frozenset({"C"})), SINCE, UNTIL)
    assert (found.orders, found.unknown) == (1, 1), "C is late as it is still open; of E nobody knows"
    assert found.classes[-1].came_true == 0.0
    assert found.dates["p80"].orders == 4
    assert found.dates["p80"].met == 2, "A and D were done by then, B was not and C is open; of E nobody knows"


def test_honest_odds_lie_on_the_diagonal() -> None:
    draw = random.Random(3)
    promises, ends = [], {}
    for n in range(4000):
        chance = draw.random()
        promises.append(_promise(str(n), 5, chance))
        ends[str(n)] = 4.0 if draw.random() < chance else 6.0
    found = reliability([Told(_day(0), promises)], Ends(_ended(**ends), frozenset()), SINCE, UNTIL)
    assert found.orders == 4000
    for one in found.classes:
        assert one.told is not None
        assert one.came_true == pytest.approx(one.told, abs=0.06)
    assert found.brier == pytest.approx(1 / 6, abs=0.01)
    assert found.brier_of_plan == pytest.approx(1 / 2, abs=0.03)


def test_nothing_that_passed_has_no_score() -> None:
    found = reliability([Told(_day(0), [_promise("A", 40, 0.5, end=30, p80=31)])], Ends({}, frozenset()), SINCE, UNTIL)
    assert (found.orders, found.brier, found.brier_of_plan) == (0, None, None)
    assert all(one.orders == 0 for one in found.dates.values())


def test_an_end_is_that_of_the_last_operation_if_it_surely_began() -> None:
    def actual(job: str, evidence: Evidence, last: bool, ended: Between | None) -> OperationActual:
        return OperationActual(job, 1, "mill", (1,), Between(None, START), ended, evidence, last)

    end = Between(_day(1), _day(2))
    found = ends_of(
        [actual("A", Evidence.RUNNING, True, end), actual("B", Evidence.RUNNING, False, end),
         actual("C", Evidence.ORDER_GONE, True, end), actual("D", Evidence.RUNNING, True, None)],
        ["D"],
    )  # fmt: skip
    assert (found.ended, found.still_open) == ({"A": end}, frozenset({"D"}))
