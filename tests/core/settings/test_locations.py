"""What came with this version, and what an installation has of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.settings import environment, locations
from tests.support.paths import ROOT


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation's own folder, in which nothing is yet; no variable names anything else."""
    for variable in (*environment.PATHS, environment.ERP_URL, environment.DATABASE_URL):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "not" / "there yet"
    monkeypatch.setenv(environment.HOME, str(folder))
    return folder


def test_in_a_source_tree_all_is_at_its_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.HOME, raising=False)
    assert locations.home() == locations.packaged() == locations.root() == ROOT


def test_what_is_written_goes_to_the_home(home: Path) -> None:
    assert locations.var() == home / "var"
    assert (home / "var").is_dir()
    assert locations.database_url() == f"sqlite:///{home / 'var' / 'shopwright.sqlite3'}"
    assert locations.erp_url() == f"sqlite:///{home / 'var' / 'demo_erp.sqlite3'}"


def test_a_home_that_cannot_be_made_is_named_with_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a service whose account may not write there."""
    (tmp_path / "a file").write_text("in the way")
    monkeypatch.setenv(environment.HOME, str(tmp_path / "a file" / "home"))
    for variable in (environment.ERP_URL, environment.DATABASE_URL):
        monkeypatch.delenv(variable, raising=False)
    for url in (locations.erp_url, locations.database_url):
        with pytest.raises(InvalidValue, match=r"a file/home/var' cannot be made: Not a directory; SHOPWRIGHT_HOME names"):
            url()


def test_a_relative_home_counts_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(environment.HOME, "here")
    assert locations.home() == tmp_path / "here"


def test_a_process_that_works_in_the_home_finds_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in environment.PATHS:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(environment.HOME, "here")
    monkeypatch.setenv(environment.MODELS, "mine")
    (tmp_path / "here").mkdir()
    told = locations.variables_at_home()
    assert told == {environment.HOME: str(tmp_path / "here"), environment.MODELS: str(tmp_path / "mine")}
    monkeypatch.chdir(tmp_path / "here")
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert locations.home() == tmp_path / "here"
    assert locations.models_folder() == tmp_path / "mine"


def test_every_variable_that_names_a_file_is_known_as_one() -> None:
    read = re.compile(r"\b(?:_settings_file|environment\.path)\((?:environment\.)?([A-Z_]+)")
    texts = [path.read_text("utf-8") for top in ("scheduler_core", "dashboard") for path in (ROOT / top).rglob("*.py")]
    names = {name for text in texts for name in read.findall(text)}
    assert {getattr(environment, name) for name in names} == {*environment.PATHS, environment.HOME}


def test_an_own_file_takes_the_place_of_the_packaged_one(home: Path) -> None:
    assert locations.release_config() == ROOT / "configs" / "release.yaml"
    own = home / "configs" / "release.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("four_eyes: []\n")
    assert locations.release_config() == own
    assert locations.runs_config() == ROOT / "configs" / "runs.yaml"
    in_force = locations.settings_in_force()
    assert in_force[Path("configs/release.yaml")] == own
    assert in_force[Path("configs/runs.yaml")] == ROOT / "configs" / "runs.yaml"
    assert in_force[Path(".streamlit/config.toml")] == ROOT / ".streamlit" / "config.toml"


def test_an_own_mapping_stands_beside_the_packaged_ones(home: Path) -> None:
    packaged = set(locations.erp_mappings())
    assert "metal_plant" in packaged
    folder = home / "configs" / "erp"
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text("a: 1\n")
    (folder / "odoo.yaml").write_text("a: 1\n")
    found = locations.erp_mappings()
    assert set(found) == packaged | {"ours"}
    assert found["odoo"] == folder / "odoo.yaml"
    assert found["metal_plant"].parent == ROOT / "configs" / "erp"


def test_checkpoints_are_copied_when_the_first_one_is_written(home: Path) -> None:
    assert locations.models_folder() == ROOT / "models"
    assert locations.writable_models_folder() == home / "models"
    assert locations.models_folder() == home / "models"
    assert (home / "models" / "MANIFEST").read_bytes() == (ROOT / "models" / "MANIFEST").read_bytes()
    (home / "models" / "ACTIVE").write_text("priced\n")
    locations.writable_models_folder()
    assert (home / "models" / "ACTIVE").read_text() == "priced\n", "what is there is not copied over"
    assert [path.name for path in home.iterdir()] == ["models"], "no draft is left"


def test_a_named_folder_of_checkpoints_is_taken_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.MODELS, str(home / "elsewhere"))
    assert locations.models_folder() == locations.writable_models_folder() == home / "elsewhere"
    assert not home.exists()


def test_a_command_finds_a_packaged_configuration_in_any_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(parents=True)
    monkeypatch.chdir(home)
    named = Path("configs/train/standard.yaml")
    assert locations.named_config(named) == ROOT / named
    assert locations.named_config(Path("configs/train/none.yaml")) == Path("configs/train/none.yaml")
    assert locations.named_config(Path("models/MANIFEST")) == Path("models/MANIFEST"), "no configuration"
    named.parent.mkdir(parents=True)
    named.write_text("name: own\n")
    assert locations.named_config(named) == named


def test_packaged_settings_are_copied_and_never_over_own_ones(home: Path) -> None:
    own = home / "configs" / "runs.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("at_once: 1\n")
    copied = locations.copy_packaged()
    assert own not in copied
    assert own.read_text() == "at_once: 1\n"
    assert (home / ".streamlit" / "config.toml") in copied
    assert (home / "configs" / "erp" / "metal_plant.yaml") in copied
    assert all(path.is_relative_to(home) and path.is_file() for path in copied)
    assert locations.copy_packaged() == []
