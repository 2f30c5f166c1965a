"""Environment variables: read, refused, and each described where an operator looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.settings import environment, locations
from tests.support.paths import ROOT

VARIABLES = frozenset(
    value
    for value in vars(environment).values()
    if isinstance(value, str) and value.startswith(environment.PREFIX) and value != environment.PREFIX
)
TABLES = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_a_switch_is_on_or_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.ODDS, raising=False)
    assert environment.switch(environment.ODDS, True)
    assert not environment.switch(environment.ODDS, False)
    monkeypatch.setenv(environment.ODDS, "off")
    assert not environment.switch(environment.ODDS, True)
    monkeypatch.setenv(environment.ODDS, "maybe")
    with pytest.raises(InvalidValue, match="SHOPWRIGHT_ODDS: 'maybe' must be on or off"):
        environment.switch(environment.ODDS, True)


def test_the_table_of_settings_names_every_variable_and_no_other() -> None:
    assert len(VARIABLES) >= 14
    assert sorted(re.findall(r"^\| `(SHOPWRIGHT_\w+)` \|", TABLES, re.MULTILINE)) == sorted(VARIABLES)


def test_the_table_of_settings_names_every_file() -> None:
    shipped = {f"configs/{path.name}/" if path.is_dir() else f"configs/{path.name}" for path in (ROOT / "configs").iterdir()}
    assert set(re.findall(r"^\| `(configs/[^`]+)` \|", TABLES, re.MULTILINE)) == shipped


@pytest.mark.parametrize(
    ("variable", "where", "usual"),
    [
        (environment.SIGN_IN, locations.sign_in_config, "configs/sign_in.yaml"),
        (environment.RELEASE_CONFIG, locations.release_config, "configs/release.yaml"),
        (environment.RUNS_CONFIG, locations.runs_config, "configs/runs.yaml"),
        (environment.API_CONFIG, locations.api_config, "configs/api.yaml"),
        (environment.EXPORT_CONFIG, locations.export_config, "configs/export.yaml"),
        (environment.ALERTS_CONFIG, locations.alerts_config, "configs/alerts.yaml"),
        (environment.MODELS, locations.models_folder, "models"),
    ],
)
def test_the_environment_names_another_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, where: object, usual: str
) -> None:
    assert callable(where)
    monkeypatch.setenv(variable, "")
    assert where() == ROOT / usual
    monkeypatch.setenv(variable, str(tmp_path / "own"))
    assert where() == tmp_path / "own"


def test_seconds_are_whole_and_not_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.POLL_SECONDS, raising=False)
    assert environment.whole_seconds(environment.POLL_SECONDS, 60, 5) == 60
    monkeypatch.setenv(environment.POLL_SECONDS, "5")
    assert environment.whole_seconds(environment.POLL_SECONDS, 60, 5) == 5
    monkeypatch.setenv(environment.POLL_SECONDS, "0")
    assert environment.whole_seconds(environment.POLL_SECONDS, 60, 5, or_never=True) == 0
    with pytest.raises(InvalidValue, match=r"SHOPWRIGHT_POLL_SECONDS: '0' is not a whole number from 5"):
        environment.whole_seconds(environment.POLL_SECONDS, 60, 5)
    for wrong in ("4", "-1", "5.5", "often"):
        monkeypatch.setenv(environment.POLL_SECONDS, wrong)
        with pytest.raises(InvalidValue, match=f"'{wrong}' is neither 0 \\(never\\) nor a whole number from 5"):
            environment.whole_seconds(environment.POLL_SECONDS, 60, 5, or_never=True)
