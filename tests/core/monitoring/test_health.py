"""Health: each thing that can fail is told with what to do, and only faults make it unhealthy. Metrics say the same."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed
from sqlalchemy.exc import OperationalError

from scheduler_core.cli import main
from scheduler_core.data import migrations
from scheduler_core.data.database import DatabaseUnavailable, open_store, unavailable
from scheduler_core.data.demo import ensure_demo
from scheduler_core.data.store import Store, store_stats
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.data.store.run_repository import RunRepository
from scheduler_core.engines.config import EngineConfig
from scheduler_core.logs import FILE
from scheduler_core.monitoring import health, metrics
from scheduler_core.monitoring.disks import Disk
from scheduler_core.monitoring.expired_runs import end_expired_runs
from scheduler_core.monitoring.health import Check, Level
from scheduler_core.settings import environment, locations
from scheduler_core.settings.environment import LOG_FOLDER
from scheduler_core.settings.run_slots import RunSlots
from tests.support.lived_in_store import digests
from tests.support.paths import MODELS
from tests.support.sample_plans import FINGERPRINT, approval, fresh, overlapping_schedule, planned, running, snapshot


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with one plan, an ERP, a log folder and models of this test's own: all is well."""
    monkeypatch.setattr(locations, "var", lambda: tmp_path)
    monkeypatch.setenv(LOG_FOLDER, str(tmp_path / "log"))
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    monkeypatch.delenv(environment.ERP_URL, raising=False)
    shutil.copytree(MODELS, tmp_path / "models")
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path / "models"))
    opened = Store.open()
    planned(opened)
    yield opened
    opened.close()


def check(name: str, later: timedelta = timedelta(0)) -> Check:
    return next(c for c in health.checks(datetime.now(UTC) + later) if c.name == name)


def test_all_is_well(store: Store) -> None:
    found = health.checks()
    assert [c.name for c in found] == [
        "database", "ERP", "disk", "models", "last run", "stuck runs", "workers", "outbox", "exporter", "two names",
        "clock", "log",
    ]  # fmt: skip
    assert {c.level for c in found if c.name != "disk"} == {Level.OK}
    assert all(bool(c.do) == (c.level is not Level.OK) for c in found)
    assert check("database").said == f"reachable and writable, version {len(migrations.MIGRATIONS)}"


def test_a_database_that_is_gone_is_a_fault_and_is_not_made(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'gone.sqlite3'}")
    assert check("database").level is Level.FAULT
    assert not (tmp_path / "gone.sqlite3").exists()
    monkeypatch.setenv(environment.DATABASE_URL, "mysql+pymysql://ann:hunter22@127.0.0.1:1/x")
    gone = check("database")
    assert gone.level is Level.FAULT
    assert "hunter22" not in gone.said
    (tmp_path / "empty.sqlite3").touch()
    with pytest.raises(DatabaseUnavailable, match="has no tables"):
        store_stats.look(f"sqlite:///{tmp_path / 'empty.sqlite3'}")


@pytest.mark.parametrize(("more", "level"), [(1, Level.WARNING), (-1, Level.FAULT)])
def test_tables_of_another_version_are_told(store: Store, monkeypatch: pytest.MonkeyPatch, more: int, level: Level) -> None:
    known = migrations.MIGRATIONS
    monkeypatch.setattr(migrations, "MIGRATIONS", (*known, known[0]) if more > 0 else known[:more])
    assert check("database").level is level


def test_older_tables_on_a_server_are_a_fault_with_the_account_that_may_change_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account of the dashboard may not, so no start brings them up to date."""

    def older(url: str) -> store_stats.StoreStats:
        raise store_stats.OldTables(10, 13)

    monkeypatch.setattr(store_stats, "look", older)
    here = check("database")
    assert (here.level, "start the dashboard" in here.do) == (Level.WARNING, True)
    monkeypatch.setenv(environment.DATABASE_URL, "mysql+pymysql://app:x@127.0.0.1:1/shopwright")
    there = check("database")
    assert (there.level, "store_migrator" in there.do, "start the dashboard" in there.do) == (Level.FAULT, True, False)


def test_an_account_that_is_not_let_in_is_no_database_that_is_down(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "Access denied for user 'app'@'10.0.0.7' (using password: YES)"
    refused = unavailable("database", OperationalError("", {}, Exception(1045, words)))

    def shut(_url: str) -> store_stats.StoreStats:
        raise refused

    monkeypatch.setattr(store_stats, "look", shut)
    monkeypatch.setattr(health, "open_erp", shut)
    monkeypatch.setenv(environment.ERP_URL, "mysql+pymysql://reader:x@127.0.0.1:1/erp")
    for name, setting in (("database", environment.DATABASE_URL), ("ERP", environment.ERP_URL)):
        told = check(name)
        assert (told.level, setting in told.do, "Start" in told.do) == (Level.FAULT, True, False)


def test_an_erp_out_of_reach_is_a_fault(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ERP_URL, "mysql+pymysql://reader:hunter22@127.0.0.1:1/erp")
    gone = check("ERP")
    assert gone.level is Level.FAULT
    assert "hunter22" not in gone.said


@pytest.mark.parametrize(("free", "level"), [(10**8, Level.FAULT), (10**9, Level.WARNING), (10**12, Level.OK)])
def test_a_disk_that_runs_full_is_told(store: Store, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    usage = type(shutil.disk_usage("/"))(10**13, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert check("disk").level is level


def test_the_disk_of_the_store_counts_and_not_that_of_the_files_beside(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two disks: the store's is full, that of the files, the log and the models has room."""
    here, look = Path("/proc"), store_stats.look
    monkeypatch.setattr(store_stats, "look", lambda url: replace(look(url), folder=here))
    usage = type(shutil.disk_usage("/"))
    free = {True: 10**6, False: 10**12}
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**13, 0, free[folder == here]))
    found = check("disk")
    assert (found.level, found.detail["store"], found.detail["files"]) == (Level.FAULT, 10**6, 10**12)
    assert "0.0 GiB free for store" in found.said
    assert "GiB free for files, log, models" in found.said
    assert str(here) in found.do
    free.update({True: 10**12, False: 10**6})
    assert check("disk").level is Level.FAULT, "the demo and the uploads lie in var/"


def test_the_disk_of_a_store_that_cannot_be_opened_counts_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk without any room SQLite cannot even open the file."""

    def full(url: str) -> store_stats.StoreStats:
        raise DatabaseUnavailable("database: disk I/O error")

    monkeypatch.setattr(store_stats, "look", full)
    monkeypatch.setenv(environment.DATABASE_URL, "sqlite:////proc/store.sqlite3")
    usage, free = type(shutil.disk_usage("/")), {True: 0, False: 10**12}
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**13, 0, free[folder == Path("/proc")]))
    assert check("database").level is Level.FAULT
    assert (check("disk").level, check("disk").detail["store"]) == (Level.FAULT, 0)


def test_a_disk_with_the_log_alone_or_the_models_alone_is_to_be_looked_at() -> None:
    full = [Disk(holds, Path("/"), 0, False) for holds in (("log",), ("models",), ("log", "store"))]
    assert [disk.short for disk in full] == [False, False, True]
    assert all(disk.low for disk in full)
    assert Disk(("store",), Path("/"), 10**12, True).short, "mounted read-only"


def test_a_store_that_takes_no_row_is_a_fault(store: Store) -> None:
    with closing(open_store(store.url)) as database, database.engine.begin() as connection:
        refuse = "SELECT RAISE(ABORT,'attempt to write a readonly database')"
        connection.exec_driver_sql(f"CREATE TRIGGER full BEFORE INSERT ON queue_lock BEGIN {refuse}; END")
    found = check("database")
    assert found.level is Level.FAULT
    assert "cannot be written: attempt to write a readonly database" in found.said


def test_looking_leaves_no_row_behind(store: Store) -> None:
    with closing(open_store(store.url)) as database:
        before = digests(database)
        health.checks()
        assert digests(database) == before


def test_each_table_that_a_pull_needs_is_named_if_it_cannot_be_read(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other.sqlite3").touch()
    monkeypatch.setenv(environment.ERP_URL, f"sqlite:///{tmp_path / 'other.sqlite3'}")
    found = check("ERP")
    assert found.level is Level.FAULT
    assert found.said.startswith("not there: tbl_jo_txn, tbl_jo_process, ")
    monkeypatch.setenv(environment.ERP_URL, f"sqlite:///{tmp_path / 'demo_erp.sqlite3'}")
    ensure_demo(f"sqlite:///{tmp_path / 'demo_erp.sqlite3'}")
    assert (check("ERP").level, check("ERP").said) == (Level.OK, "each of its tables can be read")
    with closing(sqlite3.connect(tmp_path / "demo_erp.sqlite3")) as erp:
        erp.execute("ALTER TABLE tbl_machine RENAME COLUMN MachineName_v TO Name_v")
        erp.execute("DROP TABLE ai_holidays")
    gone = check("ERP")
    assert gone.detail == {"tables": ["tbl_machine", "ai_holidays"]}
    assert "MachineName_v" in gone.said


def test_a_clock_that_was_set_back_is_told(store: Store) -> None:
    assert check("clock").level is Level.OK
    back = check("clock", -timedelta(hours=1))
    assert back.level is Level.WARNING
    assert "which is still to come" in back.said


def test_a_run_that_reports_is_not_stuck_because_the_clock_was_set_forward(store: Store) -> None:
    run_id = running(store, snapshot(store))
    late = datetime.now(UTC) + timedelta(hours=1)
    found = store_stats.look(store.url)
    alive = replace(found, active=tuple(replace(run, lease_until=late + timedelta(seconds=19)) for run in found.active))
    assert health._stuck(alive, late).level is Level.OK
    assert health._stuck(found, late).detail == {"runs": [run_id]}


def test_damaged_models_are_told(store: Store, tmp_path: Path) -> None:
    active, other = "priced", "standard"
    assert f"{active} is active" in check("models").said
    (tmp_path / "models" / other / "weights.safetensors").write_bytes(b"x")
    assert check("models").level is Level.WARNING
    (tmp_path / "models" / active / "weights.safetensors").write_bytes(b"x")
    broken = check("models")
    assert (broken.level, broken.said.partition(" is ")[0]) == (Level.FAULT, f"the active one, {active},")
    assert "SHA-256" in str(broken.detail[active])
    (tmp_path / "models" / "MANIFEST").write_text("nonsense")
    assert "MANIFEST" in check("models").said


def test_a_failed_run_and_a_fallback_are_to_be_looked_at(store: Store) -> None:
    run_id = running(store, snapshot(store))
    store.runs.finish(run_id, "worker-1", RunState.FAILED, "no model")
    failed = check("last run")
    assert (failed.level, failed.detail["run"]) == (Level.WARNING, run_id)
    assert "no model" in failed.said


def test_a_run_without_a_worker_and_one_past_its_deadline_are_faults(store: Store) -> None:
    run_id = running(store, snapshot(store))
    assert check("workers").said == "1 at work or waiting, all heard of"
    assert check("stuck runs").level is Level.OK
    silent = check("workers", timedelta(seconds=30))
    assert (silent.level, silent.detail) == (Level.FAULT, {"runs": [run_id]})
    stuck = check("stuck runs", timedelta(seconds=100))
    assert (stuck.level, stuck.detail) == (Level.FAULT, {"runs": [run_id]})


def lost_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run whose worker's lease is over already."""
    with monkeypatch.context() as short:
        short.setattr("scheduler_core.data.store.run_repository.LEASE_SECONDS", 0)
        return running(store, snapshot(store))


@pytest.mark.parametrize("command", ["health", "metrics", "export"])
def test_a_run_whose_worker_is_gone_is_ended_without_a_dashboard(
    store: Store, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run_id = lost_run(store, monkeypatch)
    monkeypatch.setattr("scheduler_core.data.store.run_repository.OVER_SECONDS", 0.1)
    monkeypatch.setattr("scheduler_core.data.store.run_repository.SIGN_SECONDS", 0.1)
    at_work = running(store, snapshot(store))
    store.deliveries.beat("exporter", 60)
    (tmp_path / "export.yaml").write_text("receiver: webhook")
    monkeypatch.setenv("SHOPWRIGHT_EXPORT_CONFIG", str(tmp_path / "export.yaml"))
    monkeypatch.setenv("SHOPWRIGHT_EXPORT_URL", "http://127.0.0.1:1/")
    assert main([command]) == 0
    ended = store.runs.get(run_id)
    assert (ended.state, ended.fail_reason) == (RunState.FAILED, "its worker process died")
    assert store.runs.get(at_work).state is RunState.RUNNING
    told = capsys.readouterr()
    if command == "health":
        assert f"their workers are gone: {run_id}" in told.err
        assert "ok       workers" in told.out


def test_who_may_only_read_sees_a_lost_run_and_leaves_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = lost_run(store, monkeypatch)

    def refused(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("1142, UPDATE command denied"))

    monkeypatch.setattr(RunRepository, "end_lost", refused)
    assert main(["health"]) == 1
    assert store.runs.get(run_id).state is RunState.RUNNING


def test_looking_for_lost_runs_makes_no_store_and_touches_no_other_versions(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert end_expired_runs(f"sqlite:///{tmp_path / 'none.sqlite3'}") == ()
    assert not (tmp_path / "none.sqlite3").exists()
    run_id = lost_run(store, monkeypatch)
    monkeypatch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:-1])
    assert end_expired_runs(store.url) == ()
    assert store.runs.get(run_id).state is RunState.RUNNING


def test_a_run_that_waits_for_a_place_is_none_that_was_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "load_run_slots", lambda: RunSlots(1))
    at_work = running(store, snapshot(store))
    waiting = store.runs.submit(RunRequest(fresh(), snapshot(store), "greedy", EngineConfig(), "Ann", 5))
    soon, late = timedelta(seconds=15), timedelta(seconds=70)
    assert check("workers", soon).level is Level.OK
    assert check("workers", late).detail == {"runs": [at_work]}, "the one at work is lost, the other waits for its place"
    assert check("stuck runs", soon).level is Level.OK, "a deadline counts from the start"
    store.runs.finish(at_work, "worker-1", RunState.FAILED, "no plan")
    assert check("workers", soon).level is Level.OK
    assert check("workers", late).detail == {"runs": [waiting]}, "there is a place and nobody begins it"


def test_settings_that_let_no_run_begin_are_a_fault(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs.yaml").write_text("at_once: none")
    monkeypatch.setenv("SHOPWRIGHT_RUNS_CONFIG", str(tmp_path / "runs.yaml"))
    assert check("workers").level is Level.FAULT
    assert "runs.yaml: at_once" in check("workers").said


def test_a_release_that_nobody_took_is_to_be_looked_at(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = planned(store, snapshot_id=snapshot(store, FINGERPRINT))
    store.releases.approve(approval(one), FINGERPRINT)
    kept = check("outbox", timedelta(hours=1))
    assert (kept.level, kept.said) == (Level.OK, "no receiver is set up (docs/export.md), 1 kept")
    (tmp_path / "export.yaml").write_text("receiver: webhook")
    monkeypatch.setenv("SHOPWRIGHT_EXPORT_CONFIG", str(tmp_path / "export.yaml"))
    assert check("outbox").said == "1 waiting"
    assert check("outbox", timedelta(hours=1)).level is Level.WARNING
    found = store_stats.look(store.url)
    assert (found.releases, found.waiting, found.undeliverable) == (1, 1, 0)
    assert health._outbox(replace(found, undeliverable=1), datetime.now(UTC)).level is Level.FAULT
    (tmp_path / "export.yaml").write_text("receiver: nowhere")
    wrong = check("outbox")
    assert wrong.level is Level.FAULT
    assert "nowhere" in wrong.said


def test_a_plant_of_no_board_in_the_rule_of_two_names_is_told(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, plants = tmp_path / "release.yaml", tmp_path / "erp.yaml"
    monkeypatch.setenv(environment.RELEASE_CONFIG, str(rule))
    monkeypatch.setenv(environment.ERP_CONFIG, str(plants))
    plants.write_text("plant: north\ntimezone: UTC\n")
    (pulled,) = store_stats.look(store.url).plants
    for asked, level, said in (
        ([], Level.OK, "asked for at no plant"),
        (["north", pulled], Level.OK, f"asked for at north, {pulled}"),
        (["nroth", "north"], Level.WARNING, f"four_eyes in {rule} names nroth, and this board has no such plant"),
    ):
        rule.write_text(json.dumps({"four_eyes": asked}))
        assert (check("two names").level, check("two names").said) == (level, said)
    assert check("two names").do == f"Correct the name, or take it out. The plants of this board: north, {pulled}."
    plants.write_text("plant: north\n")
    assert check("two names").level is Level.OK, "the mistake is that of the other file"
    rule.write_text("four_eye: [north]\n")
    assert check("two names").level is Level.FAULT
    assert "four_eye: ['north'] is not a known setting" in check("two names").said


def test_an_exporter_that_is_not_running_is_an_alarm_where_there_is_a_receiver(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (check("exporter").level, check("exporter").said) == (Level.OK, "none is needed, as no receiver is set up")
    (tmp_path / "export.yaml").write_text("receiver: table")
    monkeypatch.setenv("SHOPWRIGHT_EXPORT_CONFIG", str(tmp_path / "export.yaml"))
    never = check("exporter")
    assert (never.level, "none has been heard of yet" in never.said) == (Level.FAULT, True)
    store.deliveries.beat("server-1", 30)
    assert check("exporter", timedelta(seconds=25)).level is Level.OK
    silent = check("exporter", timedelta(seconds=35))
    assert (silent.level, silent.detail["owner"]) == (Level.FAULT, "server-1")
    assert "none is running, or none that reaches its receiver" in silent.said
    assert "'releases wait: ...'" in silent.do
    assert check("exporter", timedelta(minutes=-10)).level is Level.FAULT, "the clock was set back since its last sign"
    store.deliveries.beat("server-2", 0)
    assert main(["health"]) == 1
    assert "FAULT    exporter: none is running" in capsys.readouterr().out
    (tmp_path / "export.yaml").write_text("receiver: nowhere")
    assert check("exporter").level is Level.FAULT


def test_exceptions_in_the_log_are_counted(store: Store, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir(exist_ok=True)
    at = [datetime.now(UTC) - timedelta(hours=h) for h in (1, 30)]
    told = [json.dumps({"at": t.isoformat(), "level": "ERROR", "trace": "..."}) for t in at]
    (tmp_path / "log" / FILE).write_text("\n".join([*told, '{"level": "ERROR", cut off', "{}"]))
    assert check("log").detail == {"errors": 1, "exceptions": 1}
    assert check("log").level is Level.WARNING


def test_the_command_says_it_and_its_exit_status(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["health", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] is True
    assert told["checks"][0]["level"] == "ok"
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'gone.sqlite3'}")
    assert main(["health"]) == 1
    assert "FAULT    database" in capsys.readouterr().out


def test_metrics_count_what_the_store_holds(store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    planned(store, overlapping_schedule())
    out = tmp_path / "shopwright.prom"
    assert main(["metrics", "--out", str(out)]) == 0
    values = {(s.name, *s.labels.values()): s.value for f in parsed(out.read_text()) for s in f.samples}
    assert values[("shopwright_up",)] == 1
    assert values[("shopwright_runs", "greedy", "ok")] == 1
    assert values[("shopwright_runs", "greedy", "failed")] == 1
    assert values[("shopwright_run_seconds_count", "greedy")] == 2
    assert values[("shopwright_run_seconds_bucket", "greedy", "+Inf")] == 2
    assert values[("shopwright_plans_rejected_total",)] == 1
    assert values[("shopwright_violations_caught_total",)] == store.schedules.newest(rejected=True)[0].fault_count
    assert values[("shopwright_queue_age_seconds",)] == 0
    assert values[("shopwright_health", "database")] == 0
    assert values[("shopwright_releases_total",)] == 0


def test_metrics_without_a_store_say_so(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'gone.sqlite3'}")
    values = {(s.name, *s.labels.values()): s.value for f in parsed(metrics.text()) for s in f.samples}
    assert values[("shopwright_up",)] == 0
    assert values[("shopwright_health", "database")] == 2
    assert ("shopwright_releases_total",) not in values
