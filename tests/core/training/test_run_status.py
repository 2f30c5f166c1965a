"""How far a training run is, asked from outside: written while it runs, true when it was killed."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.errors import InvalidValue
from scheduler_core.training import run_folder, run_status
from scheduler_core.training import train as training
from scheduler_core.training.run_status import RunStatus, StatusFile, read_status, seen, words
from tests.support.small_training import UPDATE, configured, silent

RUNNING = RunStatus("mine", "running", 300, 1200, 2, 3, 0.5, "validating, plant 3 of 9", 0.95, 0.93, 0.41, 10.0, 1000.0)


def test_a_run_leaves_its_status(small_runs: None, tmp_path: Path) -> None:
    training.train(configured(tmp_path), report=silent, models=tmp_path / "models")
    status = read_status(tmp_path / "runs" / "small")
    assert (status.state, status.steps, status.total_steps, status.stage, status.stages) == (
        "done",
        4 * UPDATE,
        4 * UPDATE,
        2,
        2,
    )
    assert status.best is not None
    assert status.score is not None
    assert status.best <= status.score
    assert status.hours > 0


def test_a_run_that_is_stopped_or_fails_says_so(small_runs: None, tmp_path: Path) -> None:
    def end_with(error: BaseException) -> None:
        def progress(share: float, message: str) -> None:
            if share >= 0.5 and message.startswith("validating"):
                raise error

        with pytest.raises(type(error)):
            training.train(configured(tmp_path), report=silent, models=tmp_path / "models", progress=progress)

    end_with(KeyboardInterrupt())
    assert read_status(tmp_path / "runs" / "small").state == "stopped"
    end_with(OSError("no space left"))
    status = read_status(tmp_path / "runs" / "small")
    assert (status.state, status.reason) == ("failed", "no space left")


def test_words_tell_running_from_killed() -> None:
    assert words(RUNNING, 1004.0) == [
        "mine: running, written 4 s ago",
        "300 of 1,200 steps (25%), stage 2 of 3, 0.50 h of training, 10 steps a second",
        "validating, plant 3 of 9",
        "about 2 min left at this speed",
        "score 0.950, best 0.930 (1 is the best of a few rules; less is better)",
        "beside random choice: 0.410 of its weighted tardiness",
    ]
    killed = words(RUNNING, 1000.0 + 3 * 3600)
    assert killed[0] == "mine: ended without a word, last sign 3 h ago; `--resume` continues after the last kept state"
    assert not any("left at this speed" in line for line in killed)


def test_writes_are_rare_while_a_run_goes_on(tmp_path: Path) -> None:
    now = 50.0
    file = StatusFile(tmp_path, clock=lambda: now)
    file.write(RUNNING)
    now = 51.0
    file.write(replace(RUNNING, steps=301))
    assert (read_status(tmp_path).steps, read_status(tmp_path).written) == (300, 50.0)
    now = 52.5
    file.write(replace(RUNNING, steps=302))
    assert read_status(tmp_path).steps == 302


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"steps": "many"}, "steps 'many' must be int"),
        ({"state": "asleep"}, "must be one of"),
        ({"total_steps": 0}, "at least 1"),
        ({"steps": -1}, "steps -1 must be a number from 0"),
        ({"hours": float("nan")}, "hours nan must be a number from 0"),
        ({"total_steps": 10**400}, "must be a number from 0"),
        ({"written": float("inf")}, "written inf must be a number from 0"),
    ],
)
def test_a_damaged_status_is_refused(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    (tmp_path / run_status.FILE).write_text(json.dumps({**asdict(RUNNING), **change}))
    with pytest.raises(InvalidValue, match=reason):
        read_status(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1]", b"{}", b"[" * 100_000])
def test_a_file_that_is_no_status_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / run_status.FILE).write_bytes(content)
    with pytest.raises(InvalidValue, match="is not a status of a training run"):
        read_status(tmp_path)


def test_the_lock_tells_a_killed_run_at_once_and_a_silent_one_is_at_work() -> None:
    assert seen(RUNNING, 1001.0, at_work=False).state == "killed"
    assert words(RUNNING, 1001.0, at_work=False)[0].startswith("mine: ended without a word, last sign 1 s ago")
    assert seen(RUNNING, 1000.0 + 3 * 3600, at_work=True).state == "running"
    assert seen(RUNNING, 1000.0 + 3 * 3600).state == "killed"
    assert seen(replace(RUNNING, state="done"), 1001.0, at_work=False).state == "done"


def test_no_speed_is_told_before_the_first_step() -> None:
    begun = words(replace(RUNNING, steps=0, steps_per_second=0.0), 1001.0)
    assert begun[1] == "0 of 1,200 steps (0%), stage 2 of 3, 0.50 h of training"


@pytest.mark.parametrize("name", ["", ".", "..", "/etc", "a/mine", "runs/mine", "../runs/mine", "a/toy.yaml", "x" * 999])
def test_only_names_of_runs_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for place in (tmp_path / "runs" / "mine", tmp_path / "runs" / "a" / "mine"):
        place.mkdir(parents=True)
        StatusFile(place).write(RUNNING)
    assert main(["train", "--status", name]) == 2
    assert "is not a run with a status; the runs in runs/ are: mine" in capsys.readouterr().err


def test_the_command_tells_a_killed_run_from_one_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "mine"
    folder.mkdir(parents=True)
    with run_folder.held(folder):
        StatusFile(folder).write(RUNNING)
        main(["train", "--status", "mine", "--json"])
        assert json.loads(capsys.readouterr().out)["state"] == "running"
    main(["train", "--status", "mine", "--json"])
    assert json.loads(capsys.readouterr().out)["state"] == "killed"


def test_the_command_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    StatusFile(tmp_path / "runs" / "mine").write(RUNNING)
    assert main(["train", "--status", "mine"]) == 0
    assert capsys.readouterr().out.startswith("mine: running")
    assert main(["train", "--status", "mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total_steps"] == 1200
    assert main(["train", "--status", "other"]) == 2
    assert "the runs in runs/ are: mine" in capsys.readouterr().err
