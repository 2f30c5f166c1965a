"""Where things are: the two databases and the ERP's configuration, from the environment or embedded under ``./var``."""

from __future__ import annotations

import os
from pathlib import Path

ERP_URL = "SHOPWRIGHT_ERP_URL"
DATABASE_URL = "SHOPWRIGHT_DATABASE_URL"
ERP_CONFIG = "SHOPWRIGHT_ERP_CONFIG"
SIGN_IN = "SHOPWRIGHT_SIGN_IN"


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
    return os.environ.get(ERP_URL) or f"sqlite:///{var() / 'demo_erp.sqlite3'}"


def database_url() -> str:
    """SQLAlchemy URL of the product's own database."""
    return os.environ.get(DATABASE_URL) or f"sqlite:///{var() / 'shopwright.sqlite3'}"


def uses_demo_erp() -> bool:
    """True if nobody has named an ERP, so that the embedded demo stands in."""
    return not os.environ.get(ERP_URL)


def erp_config() -> Path:
    """The YAML file that says what the ERP does not."""
    chosen = os.environ.get(ERP_CONFIG)
    if chosen:
        return Path(chosen)
    return root() / "configs" / ("demo_erp.yaml" if uses_demo_erp() else "erp.yaml")


def sign_in_config() -> Path:
    """The YAML file that says how people sign in."""
    chosen = os.environ.get(SIGN_IN)
    return Path(chosen) if chosen else root() / "configs" / "sign_in.yaml"
