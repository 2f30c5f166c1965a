"""Files that a command takes for a plant: known by their content, with a word on what a benchmark's numbers decided."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from scheduler_core.cli.exit_status import Failed
from scheduler_core.cli.plant_sources import read_file
from scheduler_core.cli.terminal import Terminal
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import read_snapshot

CHOICES = "1 2 1.5\n2 2 1 3 2 4 1 2 4\n"


@pytest.mark.parametrize("name", ["plan", "plan.txt", "plan.bak"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8 + b"\n  "])
def test_a_snapshot_is_known_by_its_content(tmp_path: Path, snapshot: Path, name: str, mark: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(mark + snapshot.read_bytes())
    assert read_file(path).plant == read_snapshot(snapshot)


def test_what_the_numbers_of_a_benchmark_decided_is_told_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "choices"
    path.write_text(CHOICES)
    assert read_file(path, Terminal()).plant.operation_count == 2
    assert capsys.readouterr() == ("", f"{path}: read as a flexible job shop\n")


def test_one_instance_of_a_file_without_a_suffix_is_read_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "many").write_text("instance a\n1 1\n0 5\ninstance b\n1 2\n0 5 1 6\n")
    found = read_file(tmp_path / "many#b")
    assert (found.plant.name, found.name) == ("b", str(tmp_path / "many#b"))


@pytest.mark.parametrize("name", ["nothing", "nothing.json", "nothing.txt#a"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(Failed, match=f"cannot read .*{name}: No such file"):
        read_file(tmp_path / name)


def test_a_file_that_is_neither_is_told_what_the_names_are(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("job,minutes\nA,5\n")
    with pytest.raises(InvalidValue, match=r"'\.csv' is no suffix of a benchmark \(\.fjs, \.jsp, \.txt or none\)"):
        read_file(tmp_path / "jobs.csv")
