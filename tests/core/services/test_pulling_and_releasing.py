"""From the ERP into the store, and a release after one more look at the ERP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler_core.data import demo
from scheduler_core.data.demo.erp_tables import TABLES
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RollbackRequest, RunRequest, Source
from scheduler_core.data.store_errors import StaleSnapshot, Superseded
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import Cancelled
from scheduler_core.interchange.job_sheet import read_jobs
from scheduler_core.runs import execute as run_execution
from scheduler_core.runs.request import submit
from scheduler_core.services import downtimes, floor_actuals, planner_additions, pulling, releasing
from scheduler_core.services.down_machines import DOWN
from scheduler_core.services.job_import import add_jobs
from scheduler_core.services.planner_additions import SHEET_ROW, TABLE
from scheduler_core.settings import environment
from tests.support.erp_rows import CONFIG, Erp, change, with_one_job
from tests.support.sample_plans import FINGERPRINT, approval, fresh, planned, snapshot


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def test_a_pull_goes_from_the_erp_into_the_store(store: Store, tmp_path: Path) -> None:
    erp = with_one_job()
    erp.job(2, JoQty_d=-1)
    url = erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    snapshot_id = pulling.pull(store, url, request_id="pull-1", config=CONFIG)
    info = store.snapshots.get(snapshot_id)
    assert (info.source, info.counts.jobs_accepted, info.counts.jobs_quarantined) == (Source.ERP, 1, 1)
    assert store.snapshots.quarantine(snapshot_id)[0].field == "JoQty_d"
    assert [j.id for j in store.snapshots.plant(snapshot_id).jobs] == ["JOST0001"]


def test_a_pull_is_kept_though_actuals_cannot_be_derived(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    url = with_one_job().write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")

    def fails(*_: object) -> int:
        raise ValueError("a case that nobody thought of")

    with monkeypatch.context() as patched:
        patched.setattr(floor_actuals, "bring_up_to_date", fails)
        kept = pulling.pull(store, url, request_id="pull-1", config=CONFIG)
    assert store.snapshots.get(kept).counts.jobs_accepted == 1
    assert "actuals not derived" in caplog.text
    assert "a case that nobody thought of" in caplog.text
    pulling.pull(store, url, request_id="pull-2", config=CONFIG)
    assert store.actuals.last(store.snapshots.get(kept).plant) is not None


class CalledOff:
    """A listener that lets so many calls pass and then wants the work to stop."""

    def __init__(self, calls: int) -> None:
        self.left, self.rows_seen = calls, [(0, 0)]

    def rows(self, read: int, expected: int) -> None:
        self.rows_seen.append((read, expected))
        self.keeps()

    def keeps(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled("cancelled")


def test_a_pull_tells_its_rows_and_can_be_called_off_until_it_is_stored(store: Store, tmp_path: Path) -> None:
    erp = with_one_job()
    for number in range(2, 1500):
        erp.job(number)
        erp.step(number)
    url = erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    everything = CalledOff(10**9)
    pulling.pull(store, url, request_id="pull-1", config=CONFIG, listener=everything)
    calls = 10**9 - everything.left
    read, expected = everything.rows_seen[-1]
    assert 1000 <= read <= expected
    assert everything.rows_seen == sorted(everything.rows_seen)
    for stopped_at in (0, 1, calls // 2, calls - 1):
        with pytest.raises(Cancelled):
            pulling.pull(store, url, request_id="pull-2", config=CONFIG, listener=CalledOff(stopped_at))
    assert len(store.snapshots.newest()) == 1


def test_an_approval_can_be_called_off_while_the_erp_is_looked_at(store: Store, tmp_path: Path) -> None:
    _, url, snapshot_id = from_erp(store, tmp_path)
    schedule = store.schedules.get(plan_of(store, snapshot_id))
    request = ApprovalRequest(fresh(), schedule.id, schedule.content_sha256, "Ann")
    everything = CalledOff(10**9)
    for stopped_at in (0, 3):
        with pytest.raises(Cancelled):
            releasing.approve(store, request, url, CONFIG, CalledOff(stopped_at))
    assert store.releases.newest(store.snapshots.get(snapshot_id).plant) == ()
    assert releasing.approve(store, request, url, CONFIG, everything).number == 1
    calls = 10**9 - everything.left
    back = RollbackRequest(fresh(), store.snapshots.get(snapshot_id).plant, 1, "Ann", "why", 1)
    with pytest.raises(Cancelled):
        releasing.roll_back(store, back, url, CONFIG, CalledOff(calls - 1))


def test_the_next_pull_keeps_jobs_from_tables(store: Store, tmp_path: Path) -> None:
    _, url, first = from_erp(store, tmp_path)
    plant = store.snapshots.plant(first)
    machine = plant.machines[0].name
    header = "job,family,operation,process,minutes,setup_minutes,machines"
    rows = f"{header}\nN1,F,1,Cut,5,0,{machine}\nN1,,2,Store,0,0,\n"
    add_jobs(store, first, read_jobs(rows.encode(), "more.csv", plant), request_id="add")
    again = pulling.pull(store, url, request_id="pull-2", config=CONFIG)
    assert [j.id for j in store.snapshots.plant(again).jobs] == ["JOST0001", "N1"]
    assert store.snapshots.get(again).counts.jobs_accepted == 2
    noted = {(n.table, n.row, n.message, n.job) for n in store.snapshots.notes(again)}
    assert (TABLE, "more.csv", "was added from this table", "N1") in noted
    milestone = "takes no time: it is a milestone and left out"
    assert (SHEET_ROW, "more.csv, row 3, operation 2", milestone, "N1") in noted, "what was noted on its rows stays"


def test_a_job_that_is_added_while_a_pull_is_stored_stays(store: Store, tmp_path: Path) -> None:
    _, url, first = from_erp(store, tmp_path)
    plant = store.snapshots.plant(first)
    rows = f"job,family,operation,process,minutes,setup_minutes,machines\nN1,F,1,Cut,5,0,{plant.machines[0].name}\n"
    sheet = read_jobs(rows.encode(), "more.csv", plant)

    class Meanwhile:
        def rows(self, read: int, expected: int) -> None:
            """Nothing happens while the rows are read."""

        def keeps(self) -> None:
            """The plant is made and not yet stored."""
            add_jobs(store, first, sheet, request_id="add")

    again = pulling.pull(store, url, request_id="pull-2", config=CONFIG, listener=Meanwhile())
    latest = store.snapshots.latest()
    assert latest is not None
    assert (latest.id, store.snapshots.get(again).counts.jobs_accepted) == (again, 2)
    assert [j.id for j in store.snapshots.plant(again).jobs] == ["JOST0001", "N1"]
    with pytest.raises(Superseded, match="changed by somebody else meanwhile"):
        add_jobs(store, first, sheet, request_id="another")
    assert store.audit.verify() is None


def test_the_demo_is_seeded_where_no_erp_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.delenv("SHOPWRIGHT_ERP_URL", raising=False)
    monkeypatch.setattr("scheduler_core.settings.locations.var", lambda: tmp_path)
    info = store.snapshots.get(pulling.pull(store, request_id="pull-1"))
    assert (info.source, info.banner, info.plan_start) == (Source.DEMO, demo.BANNER, demo.DEMO_CLOCK)
    assert (tmp_path / "demo_erp.sqlite3").exists()


def from_erp(store: Store, tmp_path: Path) -> tuple[Erp, str, str]:
    erp = with_one_job()
    url = erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    return erp, url, pulling.pull(store, url, request_id=fresh(), config=CONFIG)


def plan_of(store: Store, snapshot_id: str) -> str:
    run_id = submit(store, RunRequest(fresh(), snapshot_id, "greedy", EngineConfig(rule="EDD")))
    run_execution.execute(store, run_id)
    return str(store.runs.get(run_id).schedule_id)


def test_approval_looks_at_the_erp_again(store: Store, tmp_path: Path) -> None:
    erp, url, snapshot_id = from_erp(store, tmp_path)
    schedule = store.schedules.get(plan_of(store, snapshot_id))
    request = ApprovalRequest(fresh(), schedule.id, schedule.content_sha256, "Ann")
    erp.tables["tbl_jo_txn"][0]["JoQty_d"] = 120
    erp.write(url)
    with pytest.raises(StaleSnapshot, match="has changed"):
        releasing.approve(store, request, url, CONFIG)
    erp.tables["tbl_jo_txn"].clear()
    erp.write(url)
    with pytest.raises(StaleSnapshot, match="has changed"):
        releasing.approve(store, request, url, CONFIG)
    with pytest.raises(StaleSnapshot, match="cannot be read"):
        releasing.approve(store, request, f"sqlite:///{tmp_path / 'gone.sqlite3'}", CONFIG)
    with_one_job().write(url)
    assert releasing.approve(store, request, url, CONFIG).number == 1


def test_a_snapshot_from_a_file_needs_no_erp(store: Store) -> None:
    assert releasing.approve(store, approval(planned(store)), "sqlite:////nowhere/erp.sqlite3").number == 1


def down(store: Store, request: str = "down") -> None:
    """Machine 6 is recorded as down since an hour before the latest pull; nobody knows until when."""
    latest = store.snapshots.latest()
    assert latest is not None
    stated = downtimes.Stated(6, latest.plan_start - timedelta(hours=1), None, "spindle")
    downtimes.record(store, stated, now=latest.plan_start, actor="Ana", request_id=request)


def test_a_pull_plans_around_a_machine_that_is_recorded_as_down(store: Store, tmp_path: Path) -> None:
    erp, file = with_one_job(), f"sqlite:///{tmp_path / 'erp.sqlite3'}"
    pulling.pull(store, erp.write(file), request_id="pull-1", config=CONFIG)
    down(store)
    again = pulling.pull(store, file, request_id="pull-2", config=CONFIG)
    (found,) = store.snapshots.plant(again).machine_by_id[6].downtime
    assert found.reason == "spindle"
    assert [n.table for n in store.snapshots.notes(again)].count(DOWN) == 1
    info = store.snapshots.get(again)
    assert pulling.look(info, file, CONFIG) is None, "it is no change in the ERP"

    next(row for row in erp.tables["tbl_machine"] if row["MachineId_i"] == 6)["Status_i"] = 0
    without = pulling.pull(store, erp.write(file), request_id="pull-3", config=CONFIG)
    assert 6 not in store.snapshots.plant(without).machine_by_id
    (note,) = [n for n in store.snapshots.notes(without) if n.table == DOWN]
    assert note.message.startswith("CM01 is out of service in the ERP, which counts while it is")


def test_a_downtime_that_is_recorded_while_the_erp_is_read_is_not_lost(store: Store, tmp_path: Path) -> None:
    url = with_one_job().write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    pulling.pull(store, url, request_id="pull-1", config=CONFIG)

    class Recording(CalledOff):
        def keeps(self) -> None:
            super().keeps()
            if self.left == 0:
                down(store)

    listener = Recording(10**6)
    pulling.pull(store, url, request_id="pull-2", config=CONFIG, listener=listener)
    listener = Recording(10**6 - listener.left)
    last = pulling.pull(store, url, request_id="pull-3", config=CONFIG, listener=listener)
    latest = store.snapshots.latest()
    assert latest is not None
    assert last == latest.id
    assert [d.reason for d in store.snapshots.plant(last).machine_by_id[6].downtime] == ["spindle"]


@pytest.mark.parametrize(
    ("collation", "number", "delivered"),
    [("BINARY", "Rush 1  ", True), ("BINARY", "RUSH 1", False), ("NOCASE", "RUSH 1 ", True), ("NOCASE", "Rush 11", False)],
)
def test_a_job_from_a_table_is_known_when_the_erp_delivers_it(
    store: Store, tmp_path: Path, collation: str, number: str, delivered: bool
) -> None:
    erp = with_one_job()
    url = f"sqlite:///{tmp_path / 'erp.sqlite3'}"

    def pulled(request: str) -> str:
        erp.write(url)
        change(
            url, "ALTER TABLE tbl_jo_txn RENAME TO old",
            f"CREATE TABLE tbl_jo_txn({TABLES['tbl_jo_txn'].replace('VARCHAR(60)', f'VARCHAR(60) COLLATE {collation}')})",
            "INSERT INTO tbl_jo_txn SELECT * FROM old", "DROP TABLE old",
        )  # fmt: skip
        return pulling.pull(store, url, request_id=request, config=CONFIG)

    first = pulled("first")
    rows = b"job,family,operation,process,minutes,setup_minutes,machines\nRush 1,F,1,Cut,5,0,CM01\n"
    add_jobs(store, first, read_jobs(rows, "rush.csv", store.snapshots.plant(first)), request_id="add")
    erp.job(2, DocRef_v=number)
    erp.step(2)
    last = pulled("last")
    others = [] if delivered else ["Rush 1"]
    assert [j.id for j in store.snapshots.plant(last).jobs] == ["JOST0001", number.rstrip(), *others]
    ended = [(n.job, n.message) for n in store.snapshots.notes(last) if n.table == planner_additions.ENDED]
    assert ended == ([(number.rstrip(), "is delivered by the ERP now, whose data count")] if delivered else [])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql+pymysql://reader:a@b@127.0.0.1/erp", "has an @ too many"),
        ("mysql+pymysql://reader:x@127.0.0.1:abc/erp", "has a port that is not a number"),
        ("sqlite:////nowhere/erp.sqlite3", "does not exist"),
        (None, "no-such-file.yaml"),
    ],
)
def test_an_erp_that_cannot_be_read_is_overridden_with_a_recorded_reason(
    store: Store, monkeypatch: pytest.MonkeyPatch, url: str | None, why: str
) -> None:
    """Whatever is in the way: a URL or a setting that is wrong, a right or the server that is missing."""
    monkeypatch.setenv(environment.ERP_CONFIG, "no-such-file.yaml")
    config = None if url is None else CONFIG
    made = planned(store, snapshot_id=snapshot(store, FINGERPRINT))
    with pytest.raises(StaleSnapshot, match=rf"cannot be read, so nobody knows if it changed: .*{why}"):
        releasing.approve(store, approval(made), url, config)
    assert store.releases.newest("tiny") == ()
    release = releasing.approve(store, approval(made, override_reason="the ERP is moved today"), url, config)
    assert release.override_reason == "the ERP is moved today"
    assert store.audit.newest()[0].detail["erp_fingerprint"] == "unreadable"
    assert store.audit.verify() is None
