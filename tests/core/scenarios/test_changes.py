"""Each change against a small plant written out, its refusals, and the round trip through JSON."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.analysis.stability import stability
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair import right_shift
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.validator import violations
from scheduler_core.judge.working_minutes import PlantTime
from scheduler_core.plant import Downtime, Fixed, Plant, WorkWindow
from scheduler_core.scenarios.breakdown import OPEN_END_MINUTES, Breakdown, lifted
from scheduler_core.scenarios.changes import (
    Change,
    DueChanged,
    ImportanceChanged,
    JobDropped,
    MachineAdded,
    MaterialLate,
    OvertimeOff,
    OvertimeOn,
    QuantityChanged,
    RushOrder,
    ShiftAdded,
    apply_all,
)
from scheduler_core.scenarios.changes_file import changes_from_json, changes_to_json
from scheduler_core.scenarios.frozen_zone import freeze
from scheduler_core.scenarios.order_changes import HELD_MINUTES, OrderHeld, OrderSplit
from scheduler_core.scenarios.promise import promise
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.working_time import calendar_mask, machine_mask
from tests.support.plants import job, machine, operation, plant

SHOP = plant(
    job("A", operation(60, 1, 2), operation(30, 2), quantity=10, due=100),
    job("B", operation(60, 1, minutes_by_machine={1: 50}), quantity=4),
    job("C", operation(40, 2), release=30),
    machines=(machine(1), machine(2), machine(3, calendar="office")),
)
PLAN = Schedule((
    Assignment("A", 1, (1,), 0, 60), Assignment("A", 2, (2,), 60, 90), Assignment("B", 1, (1,), 60, 110),
    Assignment("C", 1, (2,), 90, 130),
))  # fmt: skip
RUSH = RushOrder(job("R", operation(20, 1), due=200, important=True))
EVERY: tuple[Change, ...] = (
    Breakdown(1, 30, 60), Breakdown(2, 0, None, "move"), RUSH, MaterialLate("C", 100), JobDropped("B"),
    ImportanceChanged("A", True), DueChanged("A", 500), DueChanged("C", None), QuantityChanged("A", 15),
    OvertimeOff("office", 2), OvertimeOn("office", (6,), 480, 720), ShiftAdded("office", (6, 7), 720, 1440),
    MachineAdded(1, 9, "M9", 60), Pinned("C", 1, (2,), 200, 240, "inspection"), HoursOpened((3,), 5, 420, 900),
    Expedited("C", 130),
    OrderHeld("C"), OrderHeld("B", 700), OrderSplit("A", 4, "A/2", 90, True), OrderSplit("B", 1, "B/2", None, False),
)  # fmt: skip


def fixed(of: Plant) -> dict[tuple[str, int], Fixed | None]:
    return {(j.id, op.sequence): op.fixed for j in of.jobs for op in j.operations}


def test_expediting_is_a_decision_that_leaves_the_plant_as_it_is() -> None:
    assert Expedited("C", 130).apply(SHOP) is SHOP


def test_freezing_keeps_what_has_begun_what_starts_soon_and_what_is_pinned() -> None:
    frozen = freeze(SHOP, PLAN, 30, 0.5, [("C", 1)])
    assert fixed(frozen) == {
        ("A", 1): Fixed((1,), 0, 60), ("A", 2): None, ("B", 1): None, ("C", 1): Fixed((2,), 90, 130),
    }  # fmt: skip
    assert {m.available_from for m in frozen.machines} == {30}
    assert fixed(freeze(SHOP, PLAN, 30, 0.51))["B", 1] == Fixed((1,), 60, 110)
    assert freeze(SHOP, PLAN, 0) == SHOP
    with pytest.raises(InvalidValue, match=r"pins: \('X', 1\) is no operation"):
        freeze(SHOP, PLAN, 0, 0, [("X", 1)])
    with pytest.raises(InvalidValue, match="frozen_hours: -1"):
        freeze(SHOP, PLAN, 0, -1)


def test_a_breakdown_is_a_downtime_and_without_an_end_lasts_four_weeks() -> None:
    assert Breakdown(1, 30, 60).apply(SHOP).machines[0].downtime == (Downtime(30, 90, "breakdown"),)
    assert Breakdown(1, 30).apply(SHOP).machines[0].downtime[0].end == 30 + OPEN_END_MINUTES


def test_what_runs_pauses_and_what_was_frozen_behind_it_is_free() -> None:
    frozen = freeze(SHOP, PLAN, 20, 10)
    hit = Breakdown(1, 30, 100).apply(frozen, 20)
    # A1 has 30 of its 60 minutes left at 30 and goes on at 130; A2 and B cannot stay, C can.
    assert fixed(hit) == {
        ("A", 1): Fixed((1,), 0, 160), ("A", 2): None, ("B", 1): None, ("C", 1): Fixed((2,), 90, 130),
    }  # fmt: skip


def test_what_is_frozen_behind_a_paused_end_is_free() -> None:
    later = Schedule((*PLAN.assignments[:2], Assignment("B", 1, (1,), 140, 190), PLAN.assignments[3]))
    hit = Breakdown(1, 30, 100).apply(freeze(SHOP, later, 20, 10), 20)
    assert fixed(hit)["B", 1] is None
    assert fixed(Breakdown(1, 30, 50).apply(freeze(SHOP, later, 20, 10), 20))["B", 1] == Fixed((1,), 140, 190)


def test_a_breakdown_that_is_lifted_again_leaves_the_ends_as_they_were() -> None:
    frozen = freeze(SHOP, PLAN, 20)
    hit = Breakdown(1, 30, 100, reason="spindle").apply(frozen, 20)
    down = Downtime(30, 130, "spindle")
    assert hit.machine_by_id[1].downtime == (down,)
    assert fixed(hit)["A", 1] == Fixed((1,), 0, 160)
    assert lifted(hit, 1, down) == frozen
    assert lifted(Breakdown(2, 10, 20).apply(hit, 20), 2, Downtime(10, 30, "breakdown")) == hit
    with pytest.raises(InvalidValue, match="is no downtime of machine 1"):
        lifted(frozen, 1, down)


def test_the_reason_of_a_breakdown_is_written_only_where_one_was_given() -> None:
    plain, told = Breakdown(1, 30, 100), Breakdown(1, 30, 100, reason="spindle")
    assert "reason" not in changes_to_json(SHOP, [plain])
    assert changes_from_json(changes_to_json(SHOP, [plain, told]), SHOP, "changes") == (plain, told)


def test_what_runs_moves_to_another_machine_or_cannot() -> None:
    moved = Breakdown(1, 30, 100, "move").apply(freeze(SHOP, PLAN, 20, 10), 20)
    assert fixed(moved)["A", 1] is None
    assert moved.jobs[0].operations[0].machines == (2,)
    alone = Schedule((Assignment("B", 1, (1,), 0, 50),))
    with pytest.raises(InvalidValue, match="running: 'move' is impossible: job B operation 1 has no other machine"):
        Breakdown(1, 30, 100, "move").apply(freeze(SHOP, alone, 20), 20)


def test_changes_of_jobs() -> None:
    changed = apply_all(SHOP, (RUSH, MaterialLate("C", 100), ImportanceChanged("A", True), DueChanged("A", None)))
    assert [j.id for j in changed.jobs] == ["A", "B", "C", "R"]
    assert changed.job_by_id["C"].release == 100
    assert changed.job_by_id["A"].important
    assert changed.job_by_id["A"].due is None
    assert [j.id for j in JobDropped("B").apply(SHOP).jobs] == ["A", "C"]
    scaled = QuantityChanged("B", 5).apply(SHOP).job_by_id["B"]
    assert (scaled.quantity, scaled.operations[0].minutes) == (5, 75)
    assert dict(scaled.operations[0].minutes_by_machine) == {1: 63}  # 62.5, rounded up


def test_a_frozen_job_whose_material_is_late_is_free_and_one_that_has_begun_is_refused() -> None:
    frozen = freeze(SHOP, PLAN, 20, 10)
    assert fixed(MaterialLate("C", 100).apply(frozen, 20))["C", 1] is None
    assert fixed(MaterialLate("C", 90).apply(frozen, 20))["C", 1] == Fixed((2,), 90, 130)
    with pytest.raises(InvalidValue, match="job: 'A' has begun"):
        MaterialLate("A", 100).apply(frozen, 20)


def test_changes_of_calendars_and_machines() -> None:
    week = OvertimeOff("office", 2).apply(SHOP).calendar_by_id["office"].week
    assert [w.day for w in week if w.kind == "overtime"] == [1, 3, 4, 5]
    assert not [w for w in OvertimeOff("office").apply(SHOP).calendar_by_id["office"].week if w.kind == "overtime"]
    assert OvertimeOn("office", (6,), 480, 720).apply(SHOP).calendar_by_id["office"].week[-1] == WorkWindow(
        6, 480, 720, "overtime"
    )
    assert ShiftAdded("office", (6,), 480, 720).apply(SHOP).calendar_by_id["office"].week[-1] == WorkWindow(6, 480, 720)
    more = MachineAdded(1, 9, "M9", 60).apply(SHOP)
    assert (more.machines[-1].type, more.machines[-1].calendar, more.machines[-1].available_from) == (1, "always", 60)
    assert more.jobs[0].operations[0].machines == (1, 2, 9)
    assert dict(more.jobs[1].operations[0].minutes_by_machine) == {1: 50, 9: 50}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (Breakdown(7, 0, 10), "machine: 7 is not a known machine"),
        (Breakdown(1, -20, 10), "minutes: 10 ends the breakdown before"),
        (RushOrder(SHOP.jobs[0]), "job: 'A' is a job of the plant already"),
        (RushOrder(job("R", operation(5, 77))), "machines: 77 is not a known machine"),
        (MaterialLate("X", 5), "job: 'X' is not a known job"),
        (JobDropped("X"), "job: 'X' is not a known job"),
        (QuantityChanged("C", 5), "job: 'C' states no quantity"),
        (QuantityChanged("A", 0), "quantity: 0 is not a number above 0"),
        (OvertimeOff("always"), "day: None has no overtime in calendar always"),
        (OvertimeOff("none"), "calendar: 'none' is not a known calendar"),
        (
            OvertimeOn("office", (1,), 900, 1000),
            "start: '15:00' begins a window on Monday that overlaps that of Monday from 08:00 to 16:00",
        ),
        (ShiftAdded("office", (8,), 900, 1000), "day: 8 is not between 1 and 7"),
        (ShiftAdded("office", (), 900, 1000), "names no weekday"),
        (Pinned("X", 1, (1,), 0, 9), "job: 'X' is not a known job"),
        (Pinned("A", 3, (1,), 0, 9), "sequence: 3 is no operation of job A"),
        (Pinned("A", 1, (3,), 0, 60), "machines: (3,) are not those of operation 1 of job A"),
        (Pinned("A", 1, (1,), -5, 60), "start: '2025-07-21 07:55' is before 2025-07-21 08:00"),
        (Expedited("X", 130), "job: 'X' is not a known job"),
        (Expedited("C", 0), "end: '2025-07-21 08:00' is not after 2025-07-21 08:00, from which the plan goes on"),
        (HoursOpened((7,), 1, 0, 60), "machines: 7 is not a known machine"),
        (
            HoursOpened((3,), 1, 420, 600),
            "start: '07:00' begins hours in which machine 3 works already on 2025-07-22: 08:00 to 10:00",
        ),
        (HoursOpened((3,), 2, 720, 770), "start: '12:00' begins hours that lie in a break of machine 3"),
        (MachineAdded(7, 9, "M9"), "like: 7 is not a known machine"),
        (MachineAdded(1, 2, "M9"), "id: 2 is a machine of the plant already"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change: Change, message: str) -> None:
    with pytest.raises(InvalidValue, match=r"changes\[0\]\.") as caught:
        apply_all(SHOP, (change,))
    assert message in str(caught.value)


def test_changes_are_refused_at_construction() -> None:
    with pytest.raises(InvalidValue, match="minutes: 0"):
        Breakdown(1, 0, 0)
    with pytest.raises(InvalidValue, match="running: 'stop'"):
        Breakdown(1, 0, 5, "stop")  # type: ignore[arg-type]


def test_every_change_goes_through_json_and_back() -> None:
    text = changes_to_json(SHOP, EVERY)
    assert changes_from_json(text, SHOP, "changes") == EVERY
    assert changes_to_json(SHOP, changes_from_json(text, SHOP, "changes")) == text


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"change": "flood"}', "changes[0].change: 'flood' must be one of breakdown"),
        ('{"change": "job-dropped", "job": "A", "why": "x"}', "unknown key 'why'"),
        ('{"change": "job-dropped"}', "lacks the key 'job'"),
        ('{"change": "breakdown", "machine": 1, "start": "now"}', "changes[0].start: 'now'"),
        ('{"change": "breakdown", "machine": 1, "start": "2025-07-21T08:00", "minutes": -5}', "changes[0].minutes: -5"),
        ('{"change": "rush-order", "job": {"id": "R"}}', "lacks the key 'family'"),
        ("7", "is not an object"),
    ],
)
def test_json_is_read_strictly(row: str, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        changes_from_json(f'{{"format": "changes/1", "changes": [{row}]}}', SHOP, "file")
    assert message in str(caught.value)


@pytest.mark.parametrize("change", EVERY, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("now", [0, 20])
def test_every_change_to_a_frozen_plan_gives_plans_that_pass_the_judge(change: Change, now: int) -> None:
    if isinstance(change, Breakdown) and change.running == "move":
        change = replace(change, machine=1, start=now)
    changed = apply_all(freeze(SHOP, PLAN, now, 1), (change,), now)
    pushed = right_shift.schedule(changed, EngineConfig(warm_start=PLAN)).schedule
    anew = greedy.schedule(changed, EngineConfig(rule="EDD")).schedule
    for found in (pushed, anew):
        assert found is not None
        assert violations(changed, found) == ()


def test_a_pinned_operation_stays_and_the_others_go_round_it() -> None:
    changed = Pinned("A", 2, (2,), 100, 130, "the customer looks on").apply(SHOP)
    assert fixed(changed)["A", 2] == Fixed((2,), 100, 130)
    pushed = right_shift.schedule(changed, EngineConfig(warm_start=PLAN)).schedule
    assert pushed is not None
    places = {a.key: (a.machines, a.start, a.end) for a in pushed.assignments}
    assert places == {
        ("A", 1): ((1,), 0, 60), ("A", 2): ((2,), 100, 130), ("B", 1): ((1,), 60, 110), ("C", 1): ((2,), 130, 170),
    }  # fmt: skip


def test_hours_opened_are_won_on_one_date_only() -> None:
    changed = HoursOpened((3,), 5, 420, 600).apply(SHOP)
    horizon = 4 * 7 * 1440
    before, after = (machine_mask(p.machine_by_id[3], calendar_mask(
        p.calendar_by_id[p.machine_by_id[3].calendar], p.clock, horizon)) for p in (SHOP, changed))  # fmt: skip
    won = [m for m in range(horizon) if after[m] and not before[m]]
    begin = SHOP.midnight(SHOP.plan_start.date()) + 5 * 1440
    assert won == list(range(begin + 420, begin + 600))
    assert not any(before[m] and not after[m] for m in range(horizon))


def test_a_promise_that_hurts_nobody_and_one_that_others_pay() -> None:
    with_rush = RUSH.apply(SHOP)
    pushed = right_shift.schedule(with_rush, EngineConfig(warm_start=PLAN)).schedule
    assert pushed is not None
    safe = promise("R", SHOP, PLAN, with_rush, pushed)
    assert (safe.completion, safe.later, safe.became_late, safe.weighted_days) == (130, 0, 0, 0.0)
    first = Schedule((
        Assignment("R", 1, (1,), 0, 20), Assignment("A", 1, (1,), 20, 80), Assignment("A", 2, (2,), 80, 110),
        Assignment("B", 1, (1,), 80, 130), Assignment("C", 1, (2,), 110, 150),
    ))  # fmt: skip
    dear = promise("R", SHOP, PLAN, with_rush, first)
    assert (dear.completion, dear.later, dear.became_late) == (20, 3, 1)
    assert dear.weighted_days == pytest.approx(10 / 1440)


def test_stability_counts_what_was_due_to_start() -> None:
    moved = Schedule(tuple(replace(a, start=a.start + 16, end=a.end + 16) if a.job == "B" else a for a in PLAN.assignments))
    far = Schedule((*PLAN.assignments, Assignment("D", 1, (1,), 2000, 2010)))
    assert stability(SHOP, PLAN, SHOP, PLAN, SHOP.plan_start).moved_24h == 0
    found = stability(SHOP, far, SHOP, Schedule((*moved.assignments, far.assignments[-1])), SHOP.plan_start)
    assert (found.moved_24h, found.moved_72h) == (1 / 4, 1 / 5)


# ---------------------------------------------------------------- an order is held or split
def test_a_held_order_does_not_begin_before_it_is_released() -> None:
    now = 20
    assert OrderHeld("C", 700).apply(SHOP, now).job_by_id["C"].release == 700
    assert OrderHeld("C", 10).apply(SHOP, now).job_by_id["C"].release == 30
    held = OrderHeld("C").apply(SHOP, now)
    assert held.job_by_id["C"].release == now + HELD_MINUTES
    found = right_shift.schedule(held, EngineConfig(warm_start=PLAN)).schedule
    assert found is not None
    assert violations(held, found) == ()
    assert found.by_operation["C", 1].start == now + HELD_MINUTES
    begun = freeze(SHOP, PLAN, 10)
    with pytest.raises(InvalidValue, match="split off what is left"):
        OrderHeld("A").apply(begun, 10)
    assert fixed(OrderHeld("C").apply(freeze(SHOP, PLAN, 10, hours=8), 10))["C", 1] is None


def test_a_split_order_shares_its_minutes_and_sets_up_twice() -> None:
    made = OrderSplit("A", 4, "A/2", 90, True).apply(SHOP)
    assert [j.id for j in made.jobs] == ["A", "A/2", "B", "C"]
    first, rest = made.job_by_id["A"], made.job_by_id["A/2"]
    assert ([op.minutes for op in first.operations], [op.minutes for op in rest.operations]) == ([24, 12], [36, 18])
    assert (first.quantity, rest.quantity) == (4, 6)
    assert (first.due, first.important, rest.due, rest.important) == (90, True, 100, False)
    assert [op.setup_minutes for op in first.operations] == [op.setup_minutes for op in rest.operations]


def test_what_has_begun_stays_whole_with_the_first_part_and_the_rest_follows_it() -> None:
    begun = freeze(SHOP, PLAN, 10, hours=8)
    made = OrderSplit("A", 4, "A/2", None, False).apply(begun, 10)
    first, rest = made.job_by_id["A"], made.job_by_id["A/2"]
    assert first.operations[0] == begun.job_by_id["A"].operations[0]
    assert first.operations[1].fixed is None
    assert ([op.sequence for op in rest.operations], rest.release, rest.operations[0].minutes) == ([2], 60, 18)
    found = right_shift.schedule(made, EngineConfig(warm_start=PLAN)).schedule
    assert found is not None
    assert violations(made, found) == ()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (OrderSplit("C", 1, "X", None, False), "job"), (OrderSplit("A", 10, "X", None, False), "quantity"),
        (OrderSplit("A", 0, "X", None, False), "quantity"), (OrderSplit("A", float("nan"), "X", None, False), "quantity"),
        (OrderSplit("A", 4, "B", None, False), "rest"), (OrderSplit("A", 4, "", None, False), "rest"),
        (OrderSplit("?", 4, "X", None, False), "job"), (OrderHeld("?"), "job"), (HoursOpened((3,), 1, 420, 600), "start"),
    ],
)  # fmt: skip
def test_a_hold_or_split_that_cannot_be_is_refused_by_its_field(change: Change, where: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        change.apply(SHOP)
    assert refused.value.where == where


def test_the_same_hours_on_two_dates_and_longer_ones_on_a_third() -> None:
    """Hours of one weekday lie over each other where weeks are folded; each date gets its own all the same."""
    opened: tuple[Change, ...] = (
        HoursOpened((3,), 5, 480, 720), HoursOpened((3,), 12, 480, 720), HoursOpened((3,), 19, 420, 900),
        HoursOpened((3,), 26, 600, 660),
    )  # fmt: skip
    time = PlantTime(apply_all(SHOP, opened)).of((3,))
    # 07:00 to 15:00 is an hour less for lunch; on the fifth Saturday nothing is open.
    for day, minutes in ((5, 240), (12, 240), (19, 420), (26, 60), (33, 0)):
        start = day * 1440 - 480
        assert time.between(start, start + 1440) == minutes
    with pytest.raises(InvalidValue, match="works already"):
        apply_all(SHOP, (*opened, HoursOpened((3,), 12, 700, 800)))


def test_hours_opened_work_on_a_holiday_and_run_over_midnight() -> None:
    wednesday = HoursOpened((3,), 2, 6 * 60, 14 * 60).apply(SHOP)
    time, begin = PlantTime(wednesday).of((3,)), 2 * 1440 - 480
    # Wednesday 23 July is off; 06:00 to 14:00 is an hour less for lunch.
    assert time.spans(begin, begin + 1440) == [(begin + 360, begin + 720), (begin + 780, begin + 840)]
    night = HoursOpened((3,), 4, 22 * 60, 30 * 60).apply(SHOP)
    friday = 4 * 1440 - 480
    assert PlantTime(night).of((3,)).spans(friday + 1200, friday + 2880) == [(friday + 1320, friday + 1800)]
    with pytest.raises(InvalidValue, match="works already on 2025-07-25: 23:00 to 06:00"):
        HoursOpened((3,), 4, 23 * 60, 31 * 60).apply(night)


def test_a_weekly_shift_over_midnight_is_added_and_overlaps_are_named_by_their_times() -> None:
    changed = ShiftAdded("office", (5, 7), 22 * 60, 30 * 60).apply(SHOP)
    assert WorkWindow(7, 22 * 60, 30 * 60) in changed.calendar_by_id["office"].week
    with pytest.raises(InvalidValue) as caught:
        ShiftAdded("office", (1,), 5 * 60, 7 * 60).apply(changed)
    reason = "start: '05:00' begins a window on Monday that overlaps that of Sunday from 22:00 to 06:00"
    assert str(caught.value) == reason
    with pytest.raises(InvalidValue, match="start: '22:00' begins a window on Thursday that overlaps that of Friday"):
        OvertimeOn("office", (4,), 22 * 60, 34 * 60).apply(SHOP)


@pytest.mark.parametrize("end", ["00:00", "24:00"])
def test_hours_of_a_change_are_read_as_in_a_snapshot(end: str) -> None:
    rows = (
        f'{{"change": "shift-added", "calendar": "office", "days": [1], "start": "20:00", "end": "{end}"}},'
        f'{{"change": "hours-opened", "machines": [3], "date": "2025-07-26", "start": "22:00", "end": "06:00"}}'
    )
    read = changes_from_json(f'{{"format": "changes/1", "changes": [{rows}]}}', SHOP, "file")
    assert read == (ShiftAdded("office", (1,), 1200, 1440), HoursOpened((3,), 5, 1320, 1800))
    assert changes_from_json(changes_to_json(SHOP, read), SHOP, "again") == read
