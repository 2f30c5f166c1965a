"""The other subcommands, and how the command behaves as a Unix program."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler_core.cli.command_line import COMMANDS
from scheduler_core.cli.interrupts import first_keeps_the_best
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewDowntime, NewFact
from scheduler_core.errors import KeepBest
from scheduler_core.interchange import read_schedule, read_snapshot
from scheduler_core.interchange.benchmark_files import read_benchmark
from scheduler_core.plant import Downtime
from scheduler_core.policy import checkpoint
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright
from tests.support.erp_rows import Erp
from tests.support.paths import GOLDEN_BENCHMARKS
from tests.support.small_networks import untrained_network

TA01 = GOLDEN_BENCHMARKS / "ta01.txt"
COMMAND = [sys.executable, "-m", "scheduler_core.cli"]


# ---------------------------------------------------------------------- compare
def test_compare_shows_the_engines_side_by_side(shopwright: Shopwright, snapshot: Path) -> None:
    ran = shopwright("compare", snapshot, "--engines", "greedy,exact", "--time-limit", 20)
    assert ran.status == 0
    header, *rows = (line.split() for line in ran.out.splitlines()[1:])
    assert header == ["greedy", "exact"]
    assert ["status", "feasible", "optimal"] in rows
    said = json.loads(shopwright("compare", snapshot, "--engines", "greedy,exact", "--time-limit", 20, "--json").out)
    greedy, exact = said["engines"]
    assert exact["value"] <= greedy["value"]
    assert exact["lower_bound"] == pytest.approx(exact["value"])
    assert said["lower_bound"] == pytest.approx(exact["value"])
    assert exact["gap"] == 0.0


def test_compare_shows_how_far_plans_may_be_from_the_best(shopwright: Shopwright, benchmark: Path, snapshot: Path) -> None:
    ran = shopwright("compare", benchmark, "--engines", "greedy")
    rows = [line.split() for line in ran.out.splitlines()]
    assert ["lower", "bound,", "hours", "0.18"] in rows
    assert ["gap", "to", "the", "lower", "bound", "0.0%"] in rows
    said = json.loads(shopwright("compare", snapshot, "--engines", "greedy", "--objective", "makespan", "--json").out)
    (greedy,) = said["engines"]
    assert 0 < said["lower_bound"] <= greedy["value"]
    assert greedy["gap"] == pytest.approx(1 - said["lower_bound"] / greedy["value"])


# ---------------------------------------------------------------------- bound
def test_bound_says_what_no_plan_can_beat_and_what_binds(shopwright: Shopwright, snapshot: Path, benchmark: Path) -> None:
    ran = shopwright("bound", snapshot)
    assert (ran.status, ran.err) == (0, "")
    assert "No plan can have less weighted tardiness than 0.0 d." in ran.out
    said = json.loads(shopwright("bound", snapshot, "--time-limit", 1, "--rule", "EDD", "--json").out)
    assert [b["objective"] for b in said["bounds"]] == ["tardiness", "on-time", "makespan"]
    for line in said["bounds"]:
        assert 0 <= line["alone"] <= line["lower_bound"] <= line["greedy"] + 1e-9
    only = json.loads(shopwright("bound", benchmark, "--json").out)["bounds"]
    assert [(b["objective"], b["unit"]) for b in only] == [("makespan", "hours")]
    assert only[0]["lower_bound"] == pytest.approx(11 / 60)


def test_bound_refuses_what_it_cannot_read(shopwright: Shopwright, tmp_path: Path) -> None:
    assert shopwright("bound", tmp_path / "missing.json").status == 2
    assert shopwright("bound", tmp_path / "missing.json", "--time-limit", -1).status == 2


def test_compare_names_an_engine_that_cannot_run(
    shopwright: Shopwright, snapshot: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path))
    ran = shopwright("compare", snapshot, "--engines", "greedy,learned")
    assert ran.status == 0
    assert "learned: no schedule:" in ran.err
    assert shopwright("compare", snapshot, "--engines", "learned").status == 3
    assert shopwright("compare", snapshot, "--engines", "oracle").status == 2


# ---------------------------------------------------------------------- ERP
def test_demo_snapshot_and_plan_from_the_erp(
    shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHOPWRIGHT_ERP_URL", f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    missing = shopwright("snapshot", "--out", tmp_path / "shop.json")
    assert missing.status == 4
    assert "does not exist" in missing.err
    written = shopwright("demo")
    assert (written.status, written.err.strip()) == (0, f"wrote the demo ERP: sqlite:///{tmp_path / 'erp.sqlite3'}")
    assert shopwright("demo").status == 2
    assert shopwright("demo", "--if-missing").status == 0
    monkeypatch.setenv("SHOPWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite3'}")
    assert shopwright("demo", "--if-missing", "--days", "3").status == 0, "the demo that is there stays"
    refused = shopwright("demo", "--days", "0", "--url", f"sqlite:///{tmp_path / 'other.sqlite3'}")
    assert refused.status == 2
    assert "must be between 1 and 60" in refused.err
    elsewhere = shopwright("demo", "--days", "3", "--url", "mysql+pymysql://somebody@localhost/erp")
    assert elsewhere.status == 2
    assert "must name an SQLite file" in elsewhere.err
    ran = shopwright("snapshot", "--out", tmp_path / "shop.json", "--json")
    said = json.loads(ran.out)
    plant = read_snapshot(tmp_path / "shop.json")
    assert said["counts"]["jobs_accepted"] == len(plant.jobs) > 500
    assert said["counts"]["jobs_accepted"] + said["counts"]["jobs_quarantined"] == said["counts"]["jobs_read"]
    assert said["quarantine"]
    assert "in quarantine" in ran.err
    plan = tmp_path / "plan.json"
    assert shopwright("schedule", "--erp", "--rule", "EDD", "--out", plan).status == 0
    checked = shopwright("check", tmp_path / "shop.json", plan)
    assert (checked.status, checked.err) == (0, "")


def test_what_planners_have_recorded_is_in_a_snapshot_of_the_erp_and_named(
    shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHOPWRIGHT_ERP_URL", f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    assert shopwright("demo").status == 0
    assert shopwright("snapshot", "--out", tmp_path / "before.json").status == 0
    assert not (tmp_path / "store.sqlite3").exists(), "a look makes no store"
    plant = read_snapshot(tmp_path / "before.json")
    broken, end = plant.machines[0], plant.plan_start + timedelta(hours=9)
    with closing(Store.open()) as store:
        store.downtimes.record(
            NewDowntime("down", plant.name, broken.id, broken.name, plant.plan_start, end, "spindle", "Ana")
        )
        for number, job in enumerate((plant.jobs[0].id, "gone")):
            said = f'{{"change":"importance","job":"{job}","important":{str(not plant.jobs[0].important).lower()}}}'
            store.facts.record(
                NewFact(f"fact{number}", plant.name, "importance", said, plant.plan_start, None, "by phone", "Ana")
            )
    ran = shopwright("snapshot", "--out", tmp_path / "shop.json")
    assert f"{broken.name} is down from 2025-07-21 06:30, until 2025-07-21 15:30: spindle (recorded by Ana)" in ran.err
    kind = "ordinary" if plant.jobs[0].important else "important"
    assert f"fact: {plant.jobs[0].id} is {kind} (by phone)" in ran.err
    assert f"fact that does not act: gone is {kind} (by phone): gone is not a known job" in ran.err
    shop = read_snapshot(tmp_path / "shop.json")
    assert shop.machine_by_id[broken.id].downtime == (Downtime(0, 540, "spindle"),)
    assert shop.jobs[0].important is not plant.jobs[0].important


def erp_of_test(url: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "erp.yaml").write_text("plant: test\ntimezone: Asia/Kuala_Lumpur\n")
    monkeypatch.setenv(environment.ERP_URL, url)
    monkeypatch.setenv(environment.ERP_CONFIG, str(folder / "erp.yaml"))
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{folder / 'store.sqlite3'}")


def test_notes_are_said_once_for_all_that_are_alike(
    shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    erp = Erp()
    for number in range(1, 31):
        erp.job(number, TargetDate_dd=None, JoQty_d=None if number > 5 else 10)
        erp.step(number, Machine_v="8" if number == 2 else "6")
    erp_of_test(erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}"), monkeypatch, tmp_path)
    ran = shopwright("snapshot", "--out", tmp_path / "shop.json")
    assert ran.status == 0
    assert [line for line in ran.err.splitlines() if "note:" in line] == [
        "  note: tbl_jo_txn TxnId_i=1 (job JOST0001): has no target date and is never late, and 4 more like it",
        "  note: tbl_jo_process TxnId_i=2, RowId_i=1 (job JOST0002): is assigned to machine 8 (CM03), which is not active:"
        " any other of its type will do",
    ]
    assert ran.err.count("  quarantine: ") == 20
    assert "  and 5 rows more" in ran.err
    assert "  in all: tbl_jo_txn JoQty_d: 25" in ran.err


def test_an_erp_of_which_nothing_can_be_planned_names_its_rows_and_makes_no_file(
    shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    erp = Erp()
    erp.job(TargetDate_dd="tomorrow")
    erp.step(SetupTime_d=None)
    erp_of_test(erp.write(f"sqlite:///{tmp_path / 'erp.sqlite3'}"), monkeypatch, tmp_path)
    ran = shopwright("snapshot", "--out", tmp_path / "shop.json")
    assert (ran.status, (tmp_path / "shop.json").exists()) == (3, False)
    assert ran.err.splitlines() == [
        "0 of 1 open jobs accepted, 1 in quarantine; 11 of 13 rows accepted",
        "  quarantine: tbl_jo_txn TxnId_i=1: TargetDate_dd 'tomorrow' is not a date",
        "shopwright: the ERP holds no usable open job: 1 read, 1 in quarantine",
    ]


# ---------------------------------------------------------------------- training
def test_train_and_evaluate_refuse_what_they_do_not_know(
    shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path))
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: x\nspeed: 9\n")
    for command in ("train", "tune", "imitate"):
        ran = shopwright(command, wrong)
        assert ran.status == 2
        assert "wrong.yaml" in ran.err
    assert shopwright("tune", wrong, "--trials", 0).status == 2
    assert shopwright("tune", wrong, "--steps", 0).status == 2
    assert shopwright("evaluate", "nobody").status == 2
    assert "'3x3' must be one of" in shopwright("evaluate", "nobody", "--sizes", "3x3").err


# ---------------------------------------------------------------------- a good Unix program
def test_help_tells_the_exit_statuses(shopwright: Shopwright) -> None:
    ran = shopwright("--help")
    assert ran.status == 0
    assert "exit status:" in ran.out
    assert "130  interrupted" in ran.out
    assert shopwright("--version").out.startswith("shopwright ")
    assert shopwright("nonsense").status == 2


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_has_help(shopwright: Shopwright, name: str) -> None:
    ran = shopwright(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"usage: shopwright {name}" in ran.out
    assert "exit status:" in ran.out


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(snapshot: Path) -> None:
    reader = subprocess.run(
        [
            "bash",
            "-c",
            f'"{sys.executable}" -m scheduler_core.cli schedule "{snapshot}" --out - | true; echo ${{PIPESTATUS[0]}}',
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert reader.stdout.strip() in ("0", "141")  # 0: everything fitted into the pipe before it was closed
    assert "Traceback" not in reader.stderr


def test_a_person_sees_progress_and_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    arguments = ["schedule", str(TA01), "--engine", "exact", "--time-limit", "100", "--out", str(out)]
    person, terminal = pty.openpty()
    # Shells let their background jobs ignore interrupts, and so would this one's child; a person's terminal does not.
    process = subprocess.Popen(
        [*COMMAND, *arguments], stderr=terminal, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    )
    os.close(terminal)
    said = b""
    while b"%" not in said:
        said += os.read(person, 1000)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert b"shopwright: interrupted" in os.read(person, 100_000)
    os.close(person)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_an_interrupt_while_improving_keeps_the_best_so_far(tmp_path: Path) -> None:
    checkpoint.save("untrained", untrained_network(), {}, folder=tmp_path / "models")
    out = tmp_path / "plan.json"
    arguments = ["schedule", str(TA01), "--engine", "learned", "--time-limit", "300", "--out", str(out)]
    person, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], stderr=terminal, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "SHOPWRIGHT_MODELS": str(tmp_path / "models")},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    os.close(terminal)
    said = b""
    while b"plans tried" not in said:
        said += os.read(person, 1000)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=100)
    os.close(person)
    assert process.returncode == 0
    assert "written to" in printed
    assert "curve" not in printed
    read_schedule(out, read_benchmark(TA01))


def test_a_second_interrupt_is_the_usual_one() -> None:
    # A shell starts what runs in its background with interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    told: list[float] = []
    try:
        with first_keeps_the_best(lambda fraction, message: told.append(fraction)) as progress:
            progress(0.1, "improving")
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeepBest):
                progress(0.2, "improving")
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert told == [0.1, 0.2]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_ignored_interrupts_stay_ignored() -> None:
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with first_keeps_the_best(lambda fraction, message: None) as progress:
            signal.raise_signal(signal.SIGINT)
            progress(0.5, "improving")
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, usual)


def test_progress_is_not_written_to_a_file(tmp_path: Path) -> None:
    arguments = ["schedule", str(TA01), "--engine", "exact", "--time-limit", "1", "--json"]
    ran = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert "%" not in ran.stderr
    assert json.loads(ran.stdout)["engine"] == "exact"


def test_a_configured_erp_server_is_never_written_to(monkeypatch: pytest.MonkeyPatch, shopwright: Shopwright) -> None:
    monkeypatch.setenv("SHOPWRIGHT_ERP_URL", "mysql+pymysql://nobody:x@127.0.0.1:1/erp")
    refused = shopwright("demo")
    assert refused.status == 2
    assert "is never written to" in refused.err
    assert shopwright("demo", "--if-missing").status == 0


def test_a_simulated_history_says_where_it_lies(
    shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv("SHOPWRIGHT_DATABASE_URL", store)
    written = shopwright("demo", "--days", "1", "--url", f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    assert written.status == 0
    assert written.err.splitlines()[-2:] == [f"ERP: {tmp_path / 'erp.sqlite3'}", f"store: {store}"]
