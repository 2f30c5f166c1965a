"""Where the two databases, the files of settings and the models are: as the environment says, else in their usual places.

Two folders matter: ``packaged``, the files that came with this version and that nobody writes to, and ``home``, where
everything is written and where an installation's own files take the place of the packaged ones. In a source tree both are
its top.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import platformdirs

from scheduler_core.errors import InvalidValue
from scheduler_core.settings import environment
from scheduler_core.settings.environment import DATABASE_URL, ERP_CONFIG, ERP_URL, SIGN_IN

_INSTALLED: Final = Path(__file__).resolve().parents[1] / "packaged"
"""Exists only where a wheel was installed, which brings the source tree's ``configs`` and ``models`` there (setup.py)."""
SERVER_SETTINGS: Final = Path(".streamlit") / "config.toml"
"""The settings of the board's server, below ``home`` and ``packaged``. The server itself reads them, in ``home``."""

_MAPPINGS: Final = Path("configs") / "erp"


def root() -> Path:
    """The folder that holds the Python packages: the source tree's top, or where the wheel was installed."""
    return Path(__file__).resolve().parents[2]


def packaged() -> Path:
    """The folder of the ``configs`` and ``models`` of this version; only read."""
    return _INSTALLED if _INSTALLED.is_dir() else root()


def home() -> Path:
    """The folder for all that is written, and for an installation's own ``configs`` and ``models``.

    ``SHOPWRIGHT_HOME``; without it the source tree's top, or the user's data folder where a wheel was installed.
    """
    named = environment.path(environment.HOME)
    if named is not None:
        return named.absolute()
    return root() if packaged() == root() else platformdirs.user_data_path("shopwright", appauthor=False)


def var() -> Path:
    """The folder of the embedded databases; created if missing. Raises InvalidValue if that is not possible."""
    folder = home() / "var"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be made: {error.strerror}; {environment.HOME} names the folder for all that is written"
        raise InvalidValue("folder", str(folder), reason) from None
    return folder


def erp_url() -> str:
    """SQLAlchemy URL of the ERP; the embedded demo unless the environment names another."""
    return environment.text(ERP_URL) or f"sqlite:///{var() / 'demo_erp.sqlite3'}"


def database_url() -> str:
    """SQLAlchemy URL of the product's own database."""
    return environment.text(DATABASE_URL) or f"sqlite:///{var() / 'shopwright.sqlite3'}"


def uses_demo_erp() -> bool:
    """True if nobody has named an ERP, so that the embedded demo stands in."""
    return environment.text(ERP_URL) is None


def erp_config() -> Path:
    """The YAML file that says what the ERP does not."""
    return _settings_file(ERP_CONFIG, "demo_erp.yaml" if uses_demo_erp() else "erp.yaml")


def erp_mappings() -> dict[str, Path]:
    """The mappings by name: the YAML files that say where an ERP keeps what is read. An own one hides a packaged one."""
    folders = (packaged() / _MAPPINGS, home() / _MAPPINGS)
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.yaml"))}


def erp_mapping(name: str) -> Path:
    """The file of that mapping; where it would be among the packaged ones if there is none."""
    return erp_mappings().get(name) or packaged() / _MAPPINGS / f"{name}.yaml"


def sign_in_config() -> Path:
    """The YAML file that says how people sign in."""
    return _settings_file(SIGN_IN, "sign_in.yaml")


def release_config() -> Path:
    """The YAML file that says which plants' releases need two names."""
    return _settings_file(environment.RELEASE_CONFIG, "release.yaml")


def targets_config() -> Path:
    """The YAML file that says what a plant aims at."""
    return _settings_file(environment.TARGETS, "targets.yaml")


def rollout_config() -> Path:
    """The YAML file that says when a rollout may go on, pauses and rolls back."""
    return _settings_file(environment.ROLLOUT_CONFIG, "rollout.yaml")


def runs_config() -> Path:
    """The YAML file that says how many runs may be at work at once."""
    return _settings_file(environment.RUNS_CONFIG, "runs.yaml")


def automation_config() -> Path:
    """The YAML file that says what is done without anybody asking."""
    return _settings_file(environment.AUTOMATION, "automation.yaml")


def api_config() -> Path:
    """The YAML file that says how the HTTP API serves."""
    return _settings_file(environment.API_CONFIG, "api.yaml")


def export_config() -> Path:
    """The YAML file that says where releases go."""
    return _settings_file(environment.EXPORT_CONFIG, "export.yaml")


def alerts_config() -> Path:
    """The YAML file that says who is told when something goes wrong."""
    return _settings_file(environment.ALERTS_CONFIG, "alerts.yaml")


def models_folder() -> Path:
    """The folder from which checkpoints are read."""
    named = environment.path(environment.MODELS)
    own = home() / "models"
    return named or (own if own.is_dir() else packaged() / "models")


def writable_models_folder() -> Path:
    """The folder to which checkpoints are written: the packaged ones are copied there before the first is.

    Raises OSError if that is not possible.
    """
    named = environment.path(environment.MODELS)
    if named is not None:
        return named
    own = home() / "models"
    if not own.is_dir():
        _copy_whole(packaged() / "models", own)
    return own


def named_config(named: Path) -> Path:
    """A file of settings that a command names: as it is, or the packaged one of that name (``configs/train/toy.yaml``)."""
    brought = packaged() / named
    return brought if not named.exists() and named.parts[:1] == ("configs",) and brought.is_file() else named


def copy_packaged(files: Iterable[Path] | None = None) -> list[Path]:
    """Copies packaged settings (all of them, or these) to ``home``, to be edited; returns the new files.

    A file that is there is left as it is. Raises OSError if a copy cannot be written.
    """
    copied = []
    for file in _packaged_settings() if files is None else files:
        own = home() / file
        if not own.exists():
            own.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(packaged() / file, own)
            copied.append(own)
    return copied


def variables_at_home() -> dict[str, str]:
    """Variables by which a process that works in ``home`` finds the same files: here a relative path counts from here."""
    paths = {name: str(named.absolute()) for name in environment.PATHS if (named := environment.path(name)) is not None}
    return {**paths, environment.HOME: str(home())}


def board() -> Path:
    """The board's entry, which the server starts."""
    return root() / "dashboard" / "app.py"


def settings_in_force() -> dict[Path, Path]:
    """The files of settings by their place below ``home``, and which file is in force: the own or the packaged one."""
    return {file: _own_or_packaged(file) for file in _packaged_settings()}


def _packaged_settings() -> list[Path]:
    found = [packaged() / SERVER_SETTINGS, *sorted((packaged() / "configs").rglob("*.yaml"))]
    return [file.relative_to(packaged()) for file in found]


def _settings_file(variable: str, usual: str) -> Path:
    return environment.path(variable) or _own_or_packaged(Path("configs") / usual)


def _own_or_packaged(file: Path) -> Path:
    own = home() / file
    return own if own.is_file() else packaged() / file


def _copy_whole(source: Path, target: Path) -> None:
    # In one step, so that nobody reads half of it; whoever comes second finds it there.
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".models-", dir=target.parent) as folder:
        draft = Path(folder) / "models"
        shutil.copytree(source, draft)
        try:
            draft.rename(target)
        except OSError:
            if not target.is_dir():
                raise
