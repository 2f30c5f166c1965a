"""Where the two databases, the files of settings and the models are: as the environment says, else in their usual places."""

from __future__ import annotations

from pathlib import Path

from scheduler_core.settings import environment
from scheduler_core.settings.environment import DATABASE_URL, ERP_CONFIG, ERP_URL, SIGN_IN


def root() -> Path:
    """The folder that holds ``configs`` and ``models`` (the source tree's top)."""
    return Path(__file__).resolve().parents[2]


def var() -> Path:
    """The folder of the embedded databases; created if missing."""
    folder = root() / "var"
    folder.mkdir(exist_ok=True)
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


def erp_mappings() -> Path:
    """The folder of the mappings: the YAML files that say where an ERP keeps what is read."""
    return root() / "configs" / "erp"


def sign_in_config() -> Path:
    """The YAML file that says how people sign in."""
    return _settings_file(SIGN_IN, "sign_in.yaml")


def release_config() -> Path:
    """The YAML file that says which plants' releases need two names."""
    return _settings_file(environment.RELEASE_CONFIG, "release.yaml")


def targets_config() -> Path:
    """The YAML file that says what a plant aims at."""
    return _settings_file(environment.TARGETS, "targets.yaml")


def runs_config() -> Path:
    """The YAML file that says how many runs may be at work at once."""
    return _settings_file(environment.RUNS_CONFIG, "runs.yaml")


def export_config() -> Path:
    """The YAML file that says where releases go."""
    return _settings_file(environment.EXPORT_CONFIG, "export.yaml")


def models_folder() -> Path:
    """The folder of checkpoints."""
    return environment.path(environment.MODELS) or root() / "models"


def _settings_file(variable: str, usual: str) -> Path:
    return environment.path(variable) or root() / "configs" / usual
