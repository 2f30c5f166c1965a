"""How far a training run is, asked from outside: written while it runs, true when it was killed."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.errors import InvalidValue
from scheduler_core.training import run_status
from scheduler_core.training import train as training
from scheduler_core.training.run_status import RunStatus, StatusFile, read_status, words
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
    ],
)
def test_a_damaged_status_is_refused(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    (tmp_path / run_status.FILE).write_text(json.dumps({**asdict(RUNNING), **change}))
    with pytest.raises(InvalidValue, match=reason):
        read_status(tmp_path)


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
