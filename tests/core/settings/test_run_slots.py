"""How many runs may be at work at once is settled in a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.settings.environment import RUNS_CONFIG
from scheduler_core.settings.run_slots import RunSlots, load_run_slots, load_warm_workers


@pytest.mark.parametrize(("cores", "runs"), [(None, 2), (1, 2), (2, 2), (8, 8), (500, 64)])
def test_by_default_there_are_as_many_places_as_cores_but_two_at_least(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, runs: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert load_run_slots() == RunSlots(runs, what_if=1, short=1)


def test_the_file_of_the_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "runs.yaml"
    file.write_text("at_once: 5\nwhat_if_beside: 0\nshort_beside: 3\nwarm_workers: 4\n")
    monkeypatch.setenv(RUNS_CONFIG, str(file))
    assert load_run_slots() == RunSlots(5, what_if=0, short=3)
    assert load_warm_workers() == 4


@pytest.mark.parametrize(
    "text",
    [
        "at_once: 0",
        "at_once: 65",
        "at_once: true",
        "what_if_beside: -1",
        "short_beside: 65",
        "warm_workers: -1",
        "at_one: 3",
        "[]",
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "runs.yaml"
    file.write_text(text)
    with pytest.raises(InvalidValue, match=r"runs\.yaml"):
        load_run_slots(file)
