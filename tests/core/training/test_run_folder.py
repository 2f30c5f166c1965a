"""One process trains in a run's folder, and beginning anew loses nothing of the run before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.training import run_folder
from scheduler_core.training import train as training
from scheduler_core.training.training_callback import LAST
from tests.support.small_training import UPDATE, configured, kept, silent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is locked on Windows")


def test_a_second_process_is_refused_and_the_first_one_keeps_its_files(
    small_runs: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "PATIENCE_SECONDS", 0.1)
    folder = tmp_path / "runs" / "small"
    folder.mkdir(parents=True)
    (folder / LAST).write_bytes(b"of the first one")
    with run_folder.held(folder), pytest.raises(InvalidValue, match="is being trained by another process"):
        training.train(configured(tmp_path), report=silent, models=tmp_path / "models")
    assert (folder / LAST).read_bytes() == b"of the first one"
    assert list(folder.glob("earlier-*")) == []


def test_the_end_of_a_process_gives_the_folder_back(tmp_path: Path) -> None:
    assert run_folder.is_held(tmp_path) is None
    code = (
        "import sys, time; from pathlib import Path; from scheduler_core.training.run_folder import held\n"
        "with held(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert run_folder.is_held(tmp_path) is True
        other.kill()
    assert run_folder.is_held(tmp_path) is False
    with run_folder.held(tmp_path):
        assert run_folder.is_held(tmp_path) is True


def test_beginning_anew_sets_the_earlier_run_aside(small_runs: None, tmp_path: Path) -> None:
    heard: list[str] = []
    folder = tmp_path / "runs" / "small"
    for _ in range(3):
        training.train(configured(tmp_path), report=heard.append, models=tmp_path / "models")
    told = [line for line in heard if line.startswith("begins anew")]
    assert told == [
        f"begins anew; what the run of that name had kept lies in {folder / name}" for name in ("earlier-1", "earlier-2")
    ]
    assert int(kept(folder / "earlier-1" / LAST)["steps"]) == 4 * UPDATE
    assert {path.name for path in (folder / "earlier-2").iterdir()} == {
        "best.pt", "last.pt", "stage-1.pt", "stage-2.pt", "curve.csv", "status.json"
    }  # fmt: skip
