"""The board's JavaScript: the linter finds nothing, and the scripts pass their own tests (tests/scripts, Node.js)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import playwright
import pytest

from dashboard.gantt import component
from tests.support.paths import ROOT

NODE = Path(playwright.__file__).parent / "driver" / "node"
"""Node.js comes with Playwright: nothing else has to be installed for these tests."""
LINTER = Path(sys.executable).with_name("oxlint")
ALONE = ("components/browser_frame.js", "printing/print_button.js")
GANTT = "gantt.js"


def findings(folder: Path) -> list[str]:
    """What the linter says of the scripts in a folder, with file and line."""
    command = [str(LINTER), "--config", str(ROOT / ".oxlintrc.json"), "--format", "json", "."]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    found = json.loads(ran.stdout)
    assert found["number_of_files"] == len(list(folder.glob("*.js")))
    return [f"{_place(d['filename'], d['labels'][0]['span']['line'])}: {d['message']}" for d in found["diagnostics"]]


def _place(file: str, line: int) -> str:
    """The chart's modules are one script for the browser and so for the linter: the module and its line."""
    if Path(file).name != GANTT:
        return f"{file}:{line}"
    before = 0
    for name in component.SCRIPTS:
        lines = (component.FOLDER / "js" / f"{name}.js").read_text("utf-8").count("\n") + 1
        if line <= before + lines:
            return f"gantt/js/{name}.js:{line - before}"
        before += lines
    raise ValueError(f"the script has no line {line}")


def test_every_script_is_linted() -> None:
    alone = {ROOT / "dashboard" / file for file in ALONE}
    modules = {component.FOLDER / "js" / f"{name}.js" for name in component.SCRIPTS}
    assert set((ROOT / "dashboard").rglob("*.js")) == alone | modules


def test_the_linter_finds_nothing_in_what_the_browser_gets(tmp_path: Path) -> None:
    (tmp_path / GANTT).write_text(component.script(), "utf-8")
    for file in ALONE:
        (tmp_path / Path(file).name).write_bytes((ROOT / "dashboard" / file).read_bytes())
    assert findings(tmp_path) == []


def test_the_linter_sees_a_name_that_no_module_has(tmp_path: Path) -> None:
    begun = component.script().split("\n")
    lines = (component.FOLDER / "js" / "message.js").read_text("utf-8").count("\n") + 1
    begun[lines] = "forgotten();"  # in place of the first line of the second module
    (tmp_path / GANTT).write_text("\n".join(begun), "utf-8")
    assert findings(tmp_path) == [f"gantt/js/{component.SCRIPTS[1]}.js:1: 'forgotten' is not defined."]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_the_scripts_pass_their_own_tests(zone: str) -> None:
    files = sorted(str(file) for file in (ROOT / "tests" / "scripts").glob("*.test.mjs"))
    assert files
    ran = subprocess.run([str(NODE), "--test", *files], env={"TZ": zone}, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
