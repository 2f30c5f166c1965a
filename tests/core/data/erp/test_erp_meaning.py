"""What the ERP's rows mean, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from scheduler_core.data.erp import ErpConfig, Pull
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.greedy import schedule
from scheduler_core.errors import Unschedulable
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Fixed, Holiday, Job, Operation
from tests.support.erp_rows import CONFIG, START, Erp, with_one_job


def only_job(pull: Pull) -> Job:
    assert pull.quarantine == ()
    (job,) = pull.plant.jobs
    return job


def only_operation(pull: Pull) -> Operation:
    (operation,) = only_job(pull).operations
    return operation


def changed(**settings: object) -> ErpConfig:
    return ErpConfig.model_validate({**CONFIG.model_dump(), **settings})


def test_a_plain_job(database_url: str) -> None:
    pull = with_one_job().read(database_url)
    job = only_job(pull)
    assert (job.id, job.product, job.family, job.quantity, job.important) == ("JOST0001", "CP08-428", "CP08", 100, False)
    assert pull.plant.time_of(job.due or 0) == datetime(2025, 7, 25, 23, 59)
    assert pull.plant.time_of(job.release) == datetime(2025, 7, 20, 0, 0)
    assert only_operation(pull) == Operation(1, "CP08-428-1/3", 50, 20, machine_types=(5,), preferred_machine=6)
    assert (pull.plant.name, pull.plant.timezone, pull.plant.plan_start) == ("test", "Asia/Kuala_Lumpur", START)
    assert [(m.id, m.name, m.type) for m in pull.plant.machines] == [(6, "CM01", 5), (7, "CM02", 5), (20, "PB01", 9)]
    assert [t.name for t in pull.plant.machine_types] == ["CM", "PB"]
    assert pull.banner is None


def test_closed_jobs_are_not_read(database_url: str) -> None:
    erp = with_one_job()
    erp.job(2, Void_c="1")
    erp.job(3, DocStatus_c="CP")
    erp.job(4, DocStatus_c="CX")
    for number in (2, 3, 4):
        erp.step(number)
        erp.made(5, number)
    pull = erp.read(database_url)
    only_job(pull)
    assert (pull.counts.jobs_read, pull.counts.jobs_accepted) == (1, 1)


def test_empty_status_cells_mean_open(database_url: str) -> None:
    erp = Erp()
    erp.job(Void_c=None, DocStatus_c=None, IsImportant=None)
    erp.step(QtyStatus_c=None)
    assert only_job(erp.read(database_url)).important is False


@pytest.mark.parametrize(
    ("cells", "minutes"),
    [
        ({"CapMin_d": 1, "CapQty_d": 2}, 50),
        ({"CapMin_d": 1, "CapQty_d": 3}, 34),
        ({"CapMin_d": 1, "CapQty_d": "0.0125"}, 8000),
        ({"CapMin_d": 1, "CapQty_d": 1000, "LeadTime_d": 3}, 1),
        ({"CapMin_d": 1, "CapQty_d": 0, "LeadTime_d": 0.5}, 240),
        ({"CapMin_d": 0, "CapQty_d": 2, "LeadTime_d": 1.25}, 600),
        ({"CapMin_d": None, "CapQty_d": None, "LeadTime_d": "0.0021"}, 2),
    ],
)
def test_processing_time(tmp_path_factory: pytest.TempPathFactory, cells: dict[str, object], minutes: int) -> None:
    erp = Erp()
    erp.job()
    erp.step(**cells)
    assert only_operation(erp.read(f"sqlite:///{tmp_path_factory.mktemp('erp')}/e.sqlite3")).minutes == minutes


def test_setup_rounds_up_and_may_have_a_default(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(SetupTime_d="12.25")
    erp.step(row=2, SetupTime_d=None)
    job = only_job(erp.read(database_url, changed(missing_setup_minutes=15)))
    assert [o.setup_minutes for o in job.operations] == [13, 15]


def test_machines_one_several_or_by_routing(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(row=1, Machine_v=" 20 ")
    erp.step(row=2, Machine_v="7, 6")
    erp.step(row=3, Machine_v="", Task_v="CP08-428-3/3")
    erp.step(row=4, Machine_v=None, Task_v="CP08-428-3/3")
    erp.routing("CP08-428-3/3", 5, row=3)
    erp.routing("CP08-428-3/3", 5, row=3, bstk=2)
    erp.routing("CP08-428-3/3", 9, row=4)
    one, both, routed, again = only_job(erp.read(database_url)).operations
    assert (one.machine_types, one.machines, one.preferred_machine) == ((9,), (), 20)
    assert (both.machine_types, both.machines, both.requires_all) == ((), (6, 7), True)
    assert (routed.machine_types, routed.preferred_machine) == ((5,), None)
    assert again.machine_types == (9,)


def test_an_assigned_machine_may_bind(database_url: str) -> None:
    operation = only_operation(with_one_job().read(database_url, changed(assigned_machine="binding")))
    assert (operation.machine_types, operation.machines, operation.preferred_machine) == ((), (6,), None)


def test_the_routing_may_be_joined_otherwise(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(row=7, Machine_v="", Task_v="DEBURR")
    erp.routing("DEBURR", 9, row=1)
    pull = erp.read(database_url, changed(routing_join=(("Task_v", "ProcessDescr_v"),)))
    assert only_operation(pull).machine_types == (9,)


def test_an_inactive_machine_gives_way_to_its_type_with_a_note(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(Machine_v="8")
    pull = erp.read(database_url)
    assert (only_operation(pull).machine_types, only_operation(pull).preferred_machine) == ((5,), None)
    assert "machine 8 (CM03), which is not active" in pull.notes[0].message


def test_finished_operations_are_dropped_and_a_running_one_goes_on(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(row=10, QtyStatus_c="FF")
    erp.made(100, row=10)
    erp.step(row=20)
    erp.made(30, row=20)
    erp.made("10.5", row=20)
    erp.step(row=30, Machine_v="20")
    running, waiting = only_job(erp.read(database_url)).operations
    # 59.5 of 100 pieces are left, at 2 a minute.
    assert running == Operation(
        20, "CP08-428-20/3", 30, 0, machine_types=(5,), preferred_machine=6, fixed=Fixed((6,), 0, 30)
    )
    assert (waiting.sequence, waiting.fixed, waiting.minutes, waiting.setup_minutes) == (30, None, 50, 20)


def test_a_running_operation_pauses_with_the_plant(database_url: str) -> None:
    erp = Erp()
    erp.job(JoQty_d=2000)
    erp.step(Machine_v="6,7")
    erp.made(1)
    # 1000 minutes from 6:30: 735 on Monday (780 less lunch), 265 on Tuesday.
    assert only_operation(erp.read(database_url)).fixed == Fixed((6, 7), 0, 1440 + 265)


def test_a_plan_that_starts_in_the_night_holds_the_machine_until_morning(database_url: str) -> None:
    erp = with_one_job()
    erp.made(10)
    fixed = only_operation(erp.read(database_url, start=datetime(2025, 7, 21, 2, 30))).fixed
    # 45 minutes from 6:30, four hours after plan_start.
    assert fixed == Fixed((6,), 0, 240 + 45)


def test_the_latest_output_has_the_machine_and_the_other_is_interrupted(database_url: str) -> None:
    erp = Erp()
    for number, at in ((1, "2025-07-18 10:00:00"), (2, "2025-07-19 09:00:00"), (3, "2025-07-19 08:00:00")):
        erp.job(number)
        erp.step(number)
        erp.made(40, number, at=at)
    pull = erp.read(database_url)
    first, second, third = (job.operations[0] for job in pull.plant.jobs)
    assert second.fixed == Fixed((6,), 0, 30)
    assert [(o.fixed, o.minutes, o.setup_minutes) for o in (first, third)] == [(None, 30, 20)] * 2
    assert [n.job for n in pull.notes] == ["JOST0003", "JOST0001"]
    assert "was interrupted: machine 6 has later output of job JOST0002" in pull.notes[0].message


def test_output_before_the_predecessor_is_finished_waits_for_it(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(row=1)
    erp.step(row=2, Machine_v="20")
    erp.made(50, row=2)
    pull = erp.read(database_url)
    first, second = only_job(pull).operations
    assert (first.fixed, second.fixed, second.minutes) == (None, None, 25)
    assert "before the operation in front of it is finished" in pull.notes[0].message


def overlapping(*, second: str = "20", at: str = "2025-07-19 10:00:00") -> Erp:
    """An order whose operations on CM01 and on ``second`` both have output, and an operation on PB01 behind them."""
    erp = Erp()
    erp.job()
    erp.step(row=1)
    erp.step(row=2, Machine_v=second)
    erp.step(row=3, Machine_v="20")
    erp.made(60, row=1)
    erp.made(30, row=2, at=at)
    return erp


def test_overlapping_operations_both_keep_their_machines(database_url: str) -> None:
    erp = overlapping()
    erp.job(2)
    erp.step(2, Machine_v="20", SetupTime_d=0, CapQty_d=10)
    pull = erp.read(database_url)
    first, second, third = pull.plant.job_by_id["JOST0001"].operations
    # 40 pieces are left of the one and 70 of the other, at 2 a minute.
    assert (first.fixed, second.fixed, third.fixed) == (Fixed((6,), 0, 20), Fixed((20,), 20, 55), None)
    assert (second.minutes, second.setup_minutes) == (35, 0)
    assert [n.message.split(":")[0] for n in pull.notes] == ["runs beside the operation in front of it"]
    assert {m.id: m.available_from for m in pull.plant.machines} == {6: None, 7: None, 20: 20}
    # The other order's 10 minutes would fit onto PB01 before that: it is not free.
    plan = schedule(pull.plant, EngineConfig(rule="EDD")).schedule
    assert plan is not None
    assert plan.by_operation["JOST0002", 1].start >= 55
    assert violations(pull.plant, plan) == ()


def test_the_later_of_overlapping_operations_goes_on_after_the_night(database_url: str) -> None:
    erp = overlapping()
    erp.tables["tbl_jo_txn"][0].update(JoQty_d=1600)
    first, second, _ = only_job(erp.read(database_url)).operations
    # 770 minutes from 6:30: 735 on Monday, 35 on Tuesday; then 785: 700 on Tuesday, 85 on Wednesday.
    assert (first.fixed, second.fixed) == (Fixed((6,), 0, 1440 + 35), Fixed((20,), 1440 + 35, 2880 + 85))


def test_overlapping_operations_on_one_machine_follow_each_other(database_url: str) -> None:
    pull = overlapping(second="6", at="2025-07-18 10:00:00").read(database_url)
    first, second, _ = only_job(pull).operations
    assert (first.fixed, second.fixed, second.minutes) == (Fixed((6,), 0, 20), None, 35)
    assert "wait for that one" in pull.notes[0].message
    assert [m.available_from for m in pull.plant.machines] == [None] * 3


def test_what_follows_an_interrupted_operation_frees_its_machine(database_url: str) -> None:
    """JOST0002 took CM01 from JOST0001, whose second operation therefore leaves PB01 to JOST0003."""
    erp = overlapping()
    erp.job(2)
    erp.step(2)
    erp.made(50, 2, at="2025-07-19 12:00:00")
    erp.job(3)
    erp.step(3, Machine_v="20")
    erp.made(80, 3, at="2025-07-17 08:00:00")
    pull = erp.read(database_url)
    fixed = {job.id: [o.fixed for o in job.operations] for job in pull.plant.jobs}
    assert fixed == {"JOST0001": [None] * 3, "JOST0002": [Fixed((6,), 0, 25)], "JOST0003": [Fixed((20,), 0, 10)]}
    assert {(n.job, n.row) for n in pull.notes} == {("JOST0001", "operation 1"), ("JOST0001", "operation 2")}


def test_dates_that_are_missing(database_url: str) -> None:
    erp = Erp()
    erp.job(TargetDate_dd=None, MaterialDate_dd=None)
    erp.step()
    pull = erp.read(database_url)
    assert (only_job(pull).due, only_job(pull).release) == (None, 0)
    assert "never late" in pull.notes[0].message


def test_the_horizon_leaves_later_jobs_for_later(database_url: str) -> None:
    erp = with_one_job()
    erp.job(2, TargetDate_dd="2025-08-20")
    erp.step(2)
    erp.job(3, TargetDate_dd="2025-08-21")
    erp.step(3)
    erp.made(5, 3)
    pull = erp.read(database_url, changed(horizon_days=30))
    assert [j.id for j in pull.plant.jobs] == ["JOST0001", "JOST0002"]
    assert (pull.counts.jobs_read, pull.counts.beyond_horizon) == (2, 1)


def test_the_calendar(database_url: str) -> None:
    erp = with_one_job()
    erp.add("ai_arrangable_hour", arrange_day=7, start_time="06:30:00", end_time="13:00:00", is_working=0)
    erp.add(
        "ai_breaktimes", name="prayer", start_time="13:15:00", end_time="14:15:00", duration_minutes=None, day_of_week=5,
        is_active=1,
    )  # fmt: skip
    erp.add(
        "ai_breaktimes", name="old", start_time="16:00:00", end_time="16:15:00", duration_minutes=15, day_of_week=None,
        is_active=0,
    )  # fmt: skip
    erp.add("ai_holidays", holiday_date="2025-08-31", name="Merdeka", is_full_day=1, is_active=1)
    erp.add("ai_holidays", holiday_date="2025-09-16", name="cancelled", is_full_day=1, is_active=0)
    (calendar,) = erp.read(database_url).plant.calendars
    assert [(w.day, w.start, w.end, w.kind) for w in calendar.week if w.day in (1, 6, 7)] == [
        (1, 390, 1080, "regular"), (1, 1080, 1170, "overtime"), (6, 390, 780, "regular")
    ]  # fmt: skip
    assert [(b.name, b.start, b.end, b.day) for b in calendar.breaks] == [("lunch", 750, 795, None), ("prayer", 795, 855, 5)]
    assert calendar.holidays == (Holiday(date(2025, 8, 31), "Merdeka"),)
    (early,) = erp.read(database_url, changed(overtime_begins="06:00")).plant.calendars
    assert {w.kind for w in early.week} == {"overtime"}
    (never,) = erp.read(database_url, changed(overtime_begins=None)).plant.calendars
    assert {w.kind for w in never.week} == {"regular"}


def test_plan_start_is_now_in_plant_time(database_url: str) -> None:
    from zoneinfo import ZoneInfo

    erp = Erp()
    erp.job(TargetDate_dd=None, MaterialDate_dd=None)
    erp.step()
    start = erp.read(database_url, start=None).plant.plan_start
    assert start.second == 0
    assert timedelta() <= datetime.now(ZoneInfo("Asia/Kuala_Lumpur")).replace(tzinfo=None) - start < timedelta(minutes=5)


def test_a_name_without_product_code_is_a_family_of_its_own(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(Task_v="REPAIR")
    pull = erp.read(database_url)
    assert (only_job(pull).product, only_job(pull).family) == (None, "JOST0001")
    assert "family of its own" in pull.notes[0].message


def test_nothing_to_plan_with_is_said_before_any_engine_runs(database_url: str) -> None:
    empty = Erp()
    with pytest.raises(Unschedulable, match="no usable open job: 0 read"):
        empty.read(database_url)
    idle = with_one_job()
    idle.tables["ai_arrangable_hour"].clear()
    with pytest.raises(Unschedulable, match="no usable working time"):
        idle.read(database_url)
    bare = with_one_job()
    bare.tables["tbl_machine"].clear()
    with pytest.raises(Unschedulable, match="no active machine"):
        bare.read(database_url)


def test_the_fingerprint_sees_every_change_and_nothing_else(database_url: str) -> None:
    def rows() -> Erp:
        erp = with_one_job()
        erp.step(row=2, Machine_v="")
        erp.routing("CP08-428-2/3", 9, row=2)
        return erp

    original = rows().fingerprint(database_url)
    assert rows().fingerprint(database_url) == original == rows().read(database_url).fingerprint
    for table, column, value in (
        ("tbl_jo_txn", "TargetDate_dd", "2025-07-24"), ("tbl_jo_txn", "IsImportant", 1), ("tbl_jo_process", "CapQty_d", 3),
        ("tbl_machine", "Status_i", 0), ("tbl_routing_process", "MachinetypeId_i", 5), ("ai_breaktimes", "is_active", 0),
    ):  # fmt: skip
        erp = rows()
        erp.tables[table][0][column] = value
        assert erp.fingerprint(database_url) != original, (table, column)
    grown = rows()
    grown.made(1)
    assert grown.fingerprint(database_url) != original
    # Routing lines and closed jobs that the plan does not rest on may change freely.
    other = rows()
    other.routing("CP99-000-1/1", 5)
    other.job(9, DocStatus_c="CP")
    assert other.fingerprint(database_url) == original
    gone = rows()
    gone.tables["tbl_jo_txn"].clear()
    assert gone.fingerprint(database_url) != original
