"""benchmarks/makespan.py: which instances count."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT

GOLDEN = "tests/golden/benchmarks"


def makespan(csv: Path, rows: str) -> subprocess.CompletedProcess[str]:
    """The study on the published instances in the repository, with the greedy engine."""
    csv.write_text(f"instance,lower_bound,upper_bound\n{rows}", "utf-8")
    command = [sys.executable, "benchmarks/makespan.py", GOLDEN, "--best-known", str(csv), "--ways", "greedy"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )


def test_an_instance_without_a_best_known_value_is_left_out_and_named(tmp_path: Path) -> None:
    done = makespan(tmp_path / "best.csv", "mk01,40,40\n")
    assert done.returncode == 0, done.stderr
    assert "left out" in done.stderr
    assert ": ta01" in done.stderr
    assert "| mk01 | 40 | 43 | 7.5% |" in done.stdout
    assert "| ta01" not in done.stdout


def test_a_folder_without_any_known_instance_ends_the_run(tmp_path: Path) -> None:
    done = makespan(tmp_path / "best.csv", "mk02,26,26\n")
    assert done.returncode == 1
    assert "no instance that" in done.stderr
    assert "Traceback" not in done.stderr
