"""The notebooks of examples/ run from their first cell to their last, as a reader runs them there."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

EXAMPLES = ROOT / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
SAYS = {
    "explore_a_pull": "540 jobs read = 525 accepted + 15 in quarantine",
    "plan_compare_explain": "violations: 0 and 0",
    "train_a_policy": "done: 6,400 of 6,400 steps",
    "your_own_erp": "11 jobs planned, 0 violations",
}
"""What each of them prints, of what it has to show."""


def code_of(notebook: Path) -> str:
    """The code of all its cells."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_there_is_a_notebook_for_each_promise() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(SAYS)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLES)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    exec(compile(code_of(notebook), notebook.name, "exec"), {"__name__": "notebook"})
    assert SAYS[notebook.stem] in capsys.readouterr().out


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_kept_output_is_of_this_code(notebook: Path) -> None:
    """A reader on a web page sees the output that is kept; it has no error and names no folder of whoever ran it."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert outputs
    assert all(output["output_type"] in ("stream", "execute_result") for output in outputs)
    text = json.dumps(outputs)
    assert SAYS[notebook.stem] in text
    assert str(Path.home()) not in text
    assert "/tmp/" not in text
