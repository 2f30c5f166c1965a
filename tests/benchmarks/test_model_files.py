"""All damaged and malicious model files of the study are refused, nothing in them runs, and the study would notice."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from model_damage import NAME, OTHER, Case, Trap, damaged, malicious, pristine
from model_files import outcome

from scheduler_core.policy import checkpoint


def test_there_are_as_many_cases_as_the_study_says() -> None:
    assert (len(list(damaged(1))), len(list(malicious()))) == (200, 20)


@pytest.mark.slow
@pytest.mark.parametrize("case", [*damaged(2), *malicious()], ids=lambda case: f"{case.kind}: {case.what}"[:60])
def test_it_is_refused_and_nothing_runs(case: Case) -> None:
    assert outcome(case).refused


def test_what_was_not_damaged_is_loaded_and_the_study_says_so(tmp_path: Path) -> None:
    for name in (NAME, OTHER):
        assert not outcome(Case("none", "untouched", lambda files: None, name)).refused
    files = pristine(tmp_path / "models")
    assert checkpoint.load(NAME, files.folder).name == NAME


def test_a_sprung_trap_is_noticed() -> None:
    sprung = outcome(Case("none", "sprung", lambda files: pickle.loads(pickle.dumps(Trap(files.trap())))))
    assert sprung.ran
    assert not sprung.refused
