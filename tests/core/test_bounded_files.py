"""Files that have no end, or are none: refused at once, through every way in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.cli import main
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import file_sha256, read_snapshot, snapshot_to_json
from scheduler_core.interchange.benchmark_files import read_benchmark
from scheduler_core.settings.yaml_files import read_yaml
from tests.support.plants import job, operation, plant

READERS: tuple[Callable[[Path], object], ...] = (
    lambda path: bounded_bytes(path, 1_000), read_snapshot, read_benchmark, read_yaml, file_sha256,
)  # fmt: skip
posix = pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")


@posix
@pytest.mark.parametrize("read", READERS)
def test_a_link_to_an_endless_device_and_a_pipe_without_a_writer_are_refused(
    read: Callable[[Path], object], tmp_path: Path
) -> None:
    endless, pipe = tmp_path / "plan.fjs", tmp_path / "pipe.fjs"
    endless.symlink_to("/dev/zero")
    os.mkfifo(pipe)
    for path, kind in ((endless, "a device"), (pipe, "a pipe")):
        with pytest.raises(InvalidValue, match=f"is no file but {kind}, which may have no end: copy it into a file"):
            read(path)


@posix
@pytest.mark.parametrize(
    "command", ["schedule p.fjs", "schedule p.json", "schedule p", "import p.csv", "workbook check p.xlsx"]
)
def test_the_command_line_refuses_them_too(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = command.split()
    Path(words[-1]).symlink_to("/dev/zero")
    if words[0] == "import":
        Path("into.json").write_text(snapshot_to_json(plant(job("J", operation(10)))), encoding="utf-8")
        words += ["--into", "into.json", "--check"]
    assert main(words) == 2
    assert "is no file but a device" in capsys.readouterr().err


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        bounded_bytes(tmp_path, 1_000)
    with pytest.raises(InvalidValue, match="cannot be read"):
        read_yaml(tmp_path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "grows"
    path.write_bytes(b"x" * 1_000)
    assert bounded_bytes(path, 1_000) == b"x" * 1_000
    real = os.fstat

    def before_it_grew(handle: int) -> os.stat_result:
        found = real(handle)
        return os.stat_result((*found[:6], 10, *found[7:]))

    monkeypatch.setattr(os, "fstat", before_it_grew)
    with pytest.raises(InvalidValue, match="1000 bytes are more than the limit of 999"):
        bounded_bytes(path, 999)
