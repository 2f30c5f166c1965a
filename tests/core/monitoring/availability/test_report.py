"""The share of time in which the service was there: missing probes, two probers, clocks that jump, maintenance, few data."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from scheduler_core.monitoring.availability import spans
from scheduler_core.monitoring.availability.maintenance import Window
from scheduler_core.monitoring.availability.probe_log import OK, ClockJump, Line, Probe, Unreadable
from scheduler_core.monitoring.availability.report import DAY, NO_PROBE, Report, Verdict, period_of, report

EVERY = 10
NOW = 1_764_460_800 + 5 * DAY  # 2025-12-05 00:00 UTC, as any other day
PERIOD = period_of(1, NOW, EVERY)
START, END = PERIOD


def probes(
    first: int, last: int, answer: Callable[[int], str | None] = lambda _at: OK, door: str = "board", every: int = EVERY
) -> list[Line]:
    """A probe in the middle of every stretch from ``first`` to ``last``, none where the answer is None."""
    asked = ((at + every // 2, answer(at)) for at in range(first, last, every))
    return [Probe(at, every, {door: found}) for at, found in asked if found is not None]


def of_day(lines: Iterable[Line], **more: object) -> Report:
    return report(lines, PERIOD, NOW, before=frozenset({"board"}), **more)  # type: ignore[arg-type]


def test_a_day_without_a_fault_is_whole_and_too_short_a_time_says_nothing() -> None:
    found = of_day(probes(START, END))
    assert found.whole is not None
    assert (found.whole.share, found.whole.measured, found.whole.down, found.whole.outages) == (1.0, DAY, 0, ())
    assert found.whole.verdict(0.999, found.period) is Verdict.KEPT
    late = report(probes(START + 3600, END), PERIOD, NOW)
    assert late.whole is not None
    assert (late.whole.since, late.whole.measured, late.whole.share) == (START + 3600, DAY - 3600, 1.0)
    assert late.whole.verdict(0.999, late.period) is Verdict.TOO_FEW


def test_a_failed_probe_and_a_missing_one_both_count_as_down_and_are_told_apart() -> None:
    def answer(at: int) -> str | None:
        if START + 1000 <= at < START + 1030:
            return "status-503"
        return None if START + 5000 <= at < START + 5100 else OK

    found = of_day(probes(START, END, answer)).whole
    assert found is not None
    assert [(o.start - START, o.seconds, dict(o.causes)) for o in found.outages] == [
        (1000, 30, {"board": ("status-503",)}),
        (5000, 100, {"board": (NO_PROBE,)}),
    ]
    assert found.longest is found.outages[1]
    assert found.share == pytest.approx(1 - 130 / DAY)
    assert found.budget(0.999, DAY) == pytest.approx(86.4 - 130)
    assert found.verdict(0.999, DAY) is Verdict.MISSED


def test_a_single_missing_probe_costs_its_ten_seconds_also_where_probes_come_early_or_late() -> None:
    drawn = random.Random(7)
    lines = [
        Probe(at + drawn.choice((1, 3, 5, 8)), EVERY, {"board": OK})
        for number, at in enumerate(range(START, END, EVERY))
        if number % 864 != 5
    ]
    found = of_day(lines).whole
    assert found is not None
    assert (found.down, len(found.outages)) == (100, 10)


def test_a_prober_that_was_dead_at_the_beginning_is_no_late_installation() -> None:
    found = of_day(probes(START + 3600, END)).whole
    assert found is not None
    assert (found.measured, found.down) == (DAY, 3600)
    assert dict(found.outages[0].causes) == {"board": (NO_PROBE,)}


def test_no_probe_in_the_period_is_down_all_of_it_if_there_were_some_before() -> None:
    found = of_day([])
    assert found.whole is not None
    assert (found.whole.share, found.whole.down) == (0.0, DAY)
    assert report([], PERIOD, NOW).whole is None


def test_too_little_time_that_has_used_the_budget_up_has_missed_the_target_for_certain() -> None:
    end = END
    found = report(probes(end - 600, end, lambda at: "refused" if at < end - 300 else OK), PERIOD, NOW).whole
    assert found is not None
    assert (found.measured, found.down) == (600, 300)
    assert found.verdict(0.999, DAY) is Verdict.MISSED


def test_of_two_probers_the_worse_answer_counts_and_it_is_told() -> None:
    one = probes(START, END, lambda at: None if at < START + 500 else OK)
    other = probes(START, END, lambda at: "timeout" if START + 2000 <= at < START + 2050 else OK)
    drawn = [*one, *other]
    random.Random(3).shuffle(drawn)
    found = of_day(drawn)
    assert found.whole is not None
    assert (found.whole.down, found.doubled) == (50, 8640 - 50)


def test_probers_of_different_pace_are_not_mixed_up() -> None:
    found = of_day([*probes(START, END, every=60), *probes(START, START + 600, lambda _at: "refused")])
    assert found.whole is not None
    assert found.whole.down == 600


def test_a_clock_that_was_set_back_lets_the_worse_of_both_hours_count() -> None:
    before = probes(START, START + 7200, lambda at: "refused" if START + 3600 <= at < START + 3700 else OK)
    again = probes(START + 3600, END)
    found = of_day([*before, ClockJump(START + 3605, -3600), *again])
    assert found.whole is not None
    assert (found.whole.down, found.jumps, found.doubled) == (100, (ClockJump(START + 3605, -3600),), 360)


def test_a_clock_that_was_set_forward_leaves_time_without_probes() -> None:
    found = of_day([*probes(START, START + 3600), ClockJump(START + 7205, 3600), *probes(START + 7200, END)])
    assert found.whole is not None
    assert [(o.start - START, o.seconds, dict(o.causes)) for o in found.whole.outages] == [
        (3600, 3600, {"board": (NO_PROBE,)})
    ]


def test_probes_of_the_future_and_unreadable_lines_do_not_count() -> None:
    found = of_day([*probes(START, END), Probe(NOW + 9000, EVERY, {"board": "refused"}), Unreadable(Path("x.probes"))])
    assert found.whole is not None
    assert (found.whole.share, found.future, found.unreadable) == (1.0, 1, 1)


def test_all_doors_have_to_be_open_and_each_has_its_own_figure() -> None:
    board = probes(START, END, lambda at: "refused" if at < START + 100 else OK)
    api = probes(START, END, lambda at: "status-503" if START + 50 <= at < START + 200 else OK, "api")
    late = probes(START + 4000, END, door="exporter")
    found = report([*board, *api, *late], PERIOD, NOW, before=frozenset({"board", "api"}))
    assert found.whole is not None
    assert {name: one.down for name, one in found.doors.items()} == {"api": 150, "board": 100, "exporter": 0}
    assert found.doors["exporter"].measured == DAY - 4000
    assert [(o.seconds, dict(o.causes)) for o in found.whole.outages] == [
        (200, {"board": ("refused",), "api": ("status-503",)})
    ]
    only = report([*board, *api], PERIOD, NOW, before=frozenset({"board", "api"}), only=frozenset({"board"}))
    assert list(only.doors) == ["board"]


def test_planned_maintenance_is_shown_beside_the_share_and_only_what_was_declared_beforehand() -> None:
    down = probes(START, END, lambda at: "refused" if START + 1000 <= at < START + 2000 else OK)
    declared = (
        Window(START - DAY, START + 900, START + 1500, "update"),
        Window(START + 1800, START + 1700, START + 2100, "declared while it was on"),
    )
    found = of_day(down, declared=declared).whole
    assert found is not None
    assert (found.down, found.planned, found.down_planned) == (1000, 600 + 300, 500 + 200)
    assert found.share == pytest.approx(1 - 1000 / DAY)
    assert found.share_outside_maintenance == pytest.approx(1 - 300 / (DAY - 900))
    assert found.outages[0].planned == 700


def test_the_shares_equal_those_of_a_count_second_by_second() -> None:
    """Against a reference that marks every second of a short time, on drawn probes of two doors and two paces."""
    drawn = random.Random(11)
    period = (START, START + 2000)
    for _ in range(40):
        lines: list[Line] = []
        for _ in range(drawn.randrange(1, 250)):
            every = drawn.choice((10, 10, 10, 20))
            answers = {name: drawn.choice((OK, OK, OK, "refused")) for name in ("api", "board") if drawn.random() < 0.8}
            lines.append(Probe(START + drawn.randrange(-50, 2050), every, answers or {"board": OK}))
        found = report(lines, period, NOW, before=frozenset({"api", "board"}))
        assert found.whole is not None
        both = set(range(*period))
        for name in ("api", "board"):
            up, failed = set(), set()
            for line in lines:
                assert isinstance(line, Probe)
                if name in line.answers:
                    (up if line.answers[name] == OK else failed).update(range(*line.slot))
            good = (up - failed) & set(range(*period))
            assert found.doors[name].down == 2000 - len(good)
            both &= good
        assert found.whole.down == 2000 - len(both)


def test_the_stretch_under_way_and_the_one_before_are_not_part_of_the_period() -> None:
    assert period_of(1, 1_000_009, 10) == (1_000_000 - 10 - DAY, 1_000_000 - 10)


def test_stretches_of_time() -> None:
    assert spans.merged([(5, 9), (1, 3), (3, 4), (7, 8), (9, 9)]) == ((1, 4), (5, 9))
    assert spans.without(((0, 10), (20, 30)), ((3, 5), (8, 25))) == ((0, 3), (5, 8), (25, 30))
    assert spans.common(((0, 10), (20, 30)), ((3, 5), (8, 25))) == ((3, 5), (8, 10), (20, 25))
    assert spans.within(((0, 10), (20, 30)), (5, 22)) == ((5, 10), (20, 22))
