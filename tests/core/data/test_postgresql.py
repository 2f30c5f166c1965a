"""How an ERP on PostgreSQL is reached; that it is only read is tried on a real server in ``erp/test_other_erps.py``."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import DatabaseUnavailable, open_erp, open_store
from scheduler_core.errors import InvalidValue


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the driver is asked for; nothing is connected to."""
    found: dict[str, Any] = {}

    def create(url: sa.URL, connect_args: dict[str, Any], **_more: object) -> sa.Engine:
        found.update(connect_args, driver=url.drivername)
        raise DatabaseUnavailable("far enough")

    monkeypatch.setattr(sa, "create_engine", create)
    return found


@pytest.mark.parametrize("name", ["postgresql", "postgres", "postgresql+psycopg2"])
@pytest.mark.parametrize(
    ("address", "mode", "authority"),
    [
        ("u:p@db.example/odoo", "verify-full", "system"),
        ("u:p@db.example/odoo?sslrootcert=/ca.pem", "verify-full", None),
        ("u:p@db.example/odoo?sslmode=disable", None, None),
        ("u:p@127.0.0.1/odoo", None, None),
        ("u@/odoo", None, None),
    ],
)
def test_a_server_elsewhere_has_to_prove_its_name(
    name: str, address: str, mode: str | None, authority: str | None, asked: dict[str, Any]
) -> None:
    with pytest.raises(DatabaseUnavailable, match="far enough"):
        open_erp(f"{name}://{address}")
    assert (asked["driver"], asked.get("sslmode"), asked.get("sslrootcert")) == ("postgresql+psycopg", mode, authority)
    assert "-c default_transaction_read_only=on" in asked["options"]


def test_a_missing_driver_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidValue, match=r"needs the package psycopg, which is not installed: pip install") as caught:
        open_erp("postgresql://u:secret@127.0.0.1/odoo")
    assert "secret" not in str(caught.value)


def test_postgresql_is_no_place_for_the_store() -> None:
    with pytest.raises(InvalidValue, match="is neither sqlite nor mysql"):
        open_store("postgresql://u@127.0.0.1/shopwright")


def test_a_url_without_a_database_is_refused() -> None:
    with pytest.raises(InvalidValue, match="names no database"):
        open_erp("postgresql://u@127.0.0.1")


def test_a_server_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(DatabaseUnavailable, match="connection") as caught:
        open_erp("postgresql://u:secret@127.0.0.1:1/odoo")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
