"""Runs the command line as its users do, and small files for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.interchange import snapshot_to_json
from tests.support.command_line import Ran, Shopwright
from tests.support.plants import job, machine, operation, plant


@pytest.fixture
def shopwright(capsys: pytest.CaptureFixture[str]) -> Shopwright:
    """Runs ``shopwright`` in this process."""

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        status = main([str(a) for a in arguments])
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return run


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """Two machines, three jobs with due dates, setups and a shift calendar. Its bytes are not canonical."""
    small = plant(
        job("A", operation(120, 1, 2, setup_minutes=20), operation(60, 2), due=300),
        job("B", operation(90, 1, setup_minutes=20), family="B", due=120, important=True),
        job("C", operation(400, 1, 2), family="B", due=2000),
        machines=[machine(1, calendar="office"), machine(2, calendar="office", initial_family="B")],
    )
    path = tmp_path / "small.json"
    path.write_text(snapshot_to_json(small) + "\n\n", encoding="utf-8")
    return path


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """Two jobs on two machines; the shortest plan takes 11 minutes."""
    path = tmp_path / "tiny.jsp"
    path.write_text("2 2\n0 5 1 6\n1 3 0 2\n", encoding="utf-8")
    return path
