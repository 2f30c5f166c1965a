"""Every study still finds what it imports, also those that no short version plays."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

STUDIES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.mark.slow
def test_every_study_can_be_imported() -> None:
    code = f"import sys, importlib; sys.path[:0] = ['benchmarks', '.']; [importlib.import_module(n) for n in {STUDIES}]"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
