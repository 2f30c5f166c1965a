"""The wheel: built from the source distribution, installed beside this environment's libraries, used in an empty folder.

Kernels are not compiled here but executed as Python: the installed package has no compiled code yet.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.slow
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
TOPS = (
    ".streamlit", "configs", "models", "examples", "scheduler_core", "dashboard", "pyproject.toml", "setup.py",
    "MANIFEST.in", "README.md", "LICENSE",
)  # fmt: skip
"""What the build needs of the source tree."""
NOT_SHIPPED = {".md", ".pyc", ".nbi", ".nbc"}
COMMANDS = """
import json, os, sys
from pathlib import Path
import dashboard, scheduler_core
from scheduler_core.cli import main
plant, jobs = sys.argv[1], json.loads(Path(sys.argv[1]).read_text())["jobs"]
statuses = [main(arguments) for arguments in (
    ["settings", "--json"],
    ["demo"],
    ["schedule", plant, "--engine", "greedy", "--rule", "EDD", "--out", "plan.json"],
    ["check", plant, "plan.json"],
    ["explain", plant, "plan.json", jobs[0]["id"], "--no-fixes"],
    ["train", "--help"],
    ["erp", "check"],
    ["models"],
)]
from scheduler_core.settings import locations
here = os.getcwd()
locations.copy_packaged([locations.SERVER_SETTINGS])
os.chdir(locations.home())  # as the command board does it
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(str(locations.board().with_name("board.py")), default_timeout=120).run()
report = {
    "packages": [scheduler_core.__file__, dashboard.__file__], "statuses": statuses,
    "faults": [e.value for e in (*page.exception, *page.error)], "expanders": [e.label for e in page.expander],
    "shown": [e.value for e in (*page.title, *page.text)],
}
Path(here, "report.json").write_text(json.dumps(report))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as a stranger would build it: from the unpacked source distribution alone."""
    folder = tmp_path_factory.mktemp("build")
    tree = folder / "tree"
    tree.mkdir()
    for name in TOPS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "*.part", "secrets.toml"))
        else:
            shutil.copyfile(ROOT / name, tree / name)
    _build("build_sdist", tree, folder)
    with tarfile.open(folder / f"shopwright-{VERSION}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    _build("build_wheel", folder / f"shopwright-{VERSION}", folder)
    return folder / f"shopwright-{VERSION}-py3-none-any.whl"


def _build(what: str, tree: Path, into: Path) -> None:
    code = f"from setuptools import build_meta; build_meta.{what}({str(into)!r})"
    built = subprocess.run([sys.executable, "-c", code], cwd=tree, env=clean_environment(), capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-2000:]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with the wheel, which finds the libraries of this one; returns its Python."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-compile",
    ]
    subprocess.run([*pip, "--disable-pip-version-check", str(wheel)], env=clean_environment(), check=True)
    site = next((folder / "lib").glob("python3*/site-packages"))
    # Only the folder is added: the editable installation of the source tree stays out, as its .pth file is not read.
    (site / "libraries.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return python


def test_the_wheel_holds_every_file_of_the_packages_the_settings_and_the_checkpoints(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    expected: dict[str, Path] = {}
    for top in ("scheduler_core", "dashboard", "configs", "models"):
        for path in (ROOT / top).rglob("*"):
            if path.is_file() and path.suffix not in NOT_SHIPPED and "__pycache__" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                expected[name if top in ("scheduler_core", "dashboard") else f"scheduler_core/packaged/{name}"] = path
    expected["scheduler_core/packaged/.streamlit/config.toml"] = ROOT / ".streamlit" / "config.toml"
    assert len(expected) > 500
    assert sorted(name for name in expected if name not in held) == []
    assert sorted(name for name, path in expected.items() if held[name] != path.read_bytes()) == []
    info = f"shopwright-{VERSION}.dist-info/"
    extra = sorted(name for name in held if name not in expected and not name.startswith(info))
    assert extra == []
    assert f"{info}licenses/LICENSE" in held


def test_the_installed_wheel_plans_checks_explains_and_shows_the_board(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "data" / "shopwright"
    empty = tmp_path / "empty"
    empty.mkdir()
    variables = clean_environment(XDG_DATA_HOME=str(tmp_path / "data"), NUMBA_DISABLE_JIT="1")
    example = ROOT / "examples" / "plant.json"
    ran = subprocess.run(
        [str(installed), "-c", COMMANDS, str(example)], cwd=empty, env=variables, capture_output=True, text=True, timeout=250
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    report = json.loads((empty / "report.json").read_text())
    assert all(Path(file).is_relative_to(installed.parents[1]) for file in report["packages"]), report["packages"]
    assert report["statuses"] == [0] * 8, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert "valid: all" in ran.stdout
    assert report["faults"] == []
    assert report["expanders"] == ["No ERP? Start from one workbook"], report["shown"]
    assert sorted(path.name for path in empty.iterdir()) == ["plan.json", "report.json"], "all else goes to the home"
    assert sorted(path.name for path in home.iterdir()) == [".streamlit", "var"]
    assert {path.name for path in (home / "var").iterdir()} >= {"demo_erp.sqlite3", "shopwright.sqlite3", "log"}
    packaged = installed.parents[1].rglob("scheduler_core/packaged/**/*")
    assert not [path for path in packaged if path.suffix in (".sqlite3", ".jsonl")], "nothing is written to the package"


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    command = [str(installed.with_name("shopwright")), "--version"]
    ran = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=True)
    assert ran.stdout == f"shopwright {VERSION}\n"


def clean_environment(**more: str) -> Mapping[str, str]:
    """This process's environment without what leads to the source tree or names files of the product."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOPWRIGHT_", "PYTHONPATH"))}
    return {**kept, **more}
