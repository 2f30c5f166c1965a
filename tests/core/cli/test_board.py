"""``shopwright board`` and ``shopwright settings``: what they start and where they look."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from scheduler_core.settings import environment
from tests.support.command_line import Shopwright
from tests.support.paths import ROOT


class Started(Exception):
    """Stands for the process that would become the server."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation's folder; the server is never started."""
    here = Path.cwd()

    def start(program: str, command: list[str], variables: dict[str, str]) -> None:
        folder = Path.cwd()
        os.chdir(here)
        raise Started(program, command, variables, folder)

    monkeypatch.setattr(os, "execve", start)
    monkeypatch.setenv(environment.HOME, str(tmp_path / "home"))
    return tmp_path / "home"


def started(shopwright: Shopwright, *arguments: str) -> tuple[list[str], dict[str, str], Path]:
    with pytest.raises(Started) as caught:
        shopwright("board", *arguments)
    program, command, variables, folder = caught.value.args
    assert program == sys.executable == command[0]
    return command, variables, folder


def test_the_server_works_in_the_home_with_settings_to_edit(shopwright: Shopwright, home: Path) -> None:
    command, variables, folder = started(shopwright)
    assert command[1:] == ["-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py")]
    assert folder == home
    settings = home / ".streamlit" / "config.toml"
    assert settings.read_bytes() == (ROOT / ".streamlit" / "config.toml").read_bytes()
    settings.write_text("[server]\nport = 9000\n")
    started(shopwright)
    assert settings.read_text() == "[server]\nport = 9000\n", "the second start copies nothing"
    assert variables["FORWARDED_ALLOW_IPS"] == "", "the server itself believes no proxy"


def test_paths_count_from_where_the_command_was_given(
    shopwright: Shopwright, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.RUNS_CONFIG, "mine.yaml")
    _, variables, _ = started(shopwright)
    assert variables[environment.RUNS_CONFIG] == str(Path.cwd() / "mine.yaml")
    assert variables[environment.HOME] == str(home)


def test_a_port_of_one_s_own(shopwright: Shopwright, home: Path) -> None:
    command, _, _ = started(shopwright, "--port", "8600")
    assert command[-2:] == ["--server.port", "8600"]


@pytest.mark.parametrize("wrong", ["0", "65536", "-1", "http", "8501.5"])
def test_what_is_no_port_is_refused(shopwright: Shopwright, home: Path, wrong: str) -> None:
    ran = shopwright("board", f"--port={wrong}")
    assert ran.status == 2
    assert f"{wrong!r} is not a port, a number from 1 to 65535" in ran.err


def test_a_home_that_cannot_be_made_is_told(shopwright: Shopwright, home: Path) -> None:
    home.write_text("a file")
    ran = shopwright("board")
    assert ran.status == 4
    assert ran.err.strip().endswith(f"cannot start the board in {home}: Not a directory")


def test_settings_tell_which_file_is_in_force(shopwright: Shopwright, home: Path) -> None:
    own = home / "configs" / "runs.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("at_once: 1\n")
    lines = {line.split()[0]: line.split()[1:] for line in shopwright("settings").out.splitlines() if line}
    assert lines["home"] == [str(home)]
    assert lines["configs/runs.yaml"] == ["own", str(own)]
    assert lines["configs/erp.yaml"] == ["packaged", str(ROOT / "configs" / "erp.yaml")]
    assert lines["configs/train/standard.yaml"][0] == "packaged"
    found = json.loads(shopwright("settings", "--json").out)
    assert found["files"]["configs/runs.yaml"] == {"path": str(own), "is": "own"}
    assert found["models"] == str(ROOT / "models")


def test_in_a_source_tree_the_files_there_are_its_own(shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.HOME, raising=False)
    assert "  packaged  " not in shopwright("settings").out
    assert shopwright("settings", "--copy").err == ""


def test_settings_are_copied_to_be_edited(shopwright: Shopwright, home: Path) -> None:
    ran = shopwright("settings", "--copy")
    assert ran.status == 0
    assert f"copied {home / 'configs' / 'erp.yaml'}" in ran.err
    assert "  packaged  " not in ran.out
    assert shopwright("settings", "--copy").err == "", "the second time there is nothing to copy"


def test_a_copy_that_cannot_be_written_is_told(shopwright: Shopwright, home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file")
    ran = shopwright("settings", "--copy")
    assert ran.status == 4
    assert "cannot write" in ran.err
    assert "Not a directory" in ran.err
