"""Runs a study's ``main`` inside a test, as its command line would."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest


def run(
    study: ModuleType, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """The study's exit code, and what it printed."""
    monkeypatch.setattr(sys, "argv", arguments)
    status = study.main()
    return status, capsys.readouterr().out
