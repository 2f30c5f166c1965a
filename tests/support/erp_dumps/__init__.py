"""Dumps of other ERPs, made to their real tables, with rows made up: loaded into any database that a pull reads."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa

FOLDER = Path(__file__).parent
ERPNEXT, ODOO = "erpnext15", "odoo17"


def statements(name: str) -> list[str]:
    """The dump's statements, comments left out."""
    text = re.sub(r"^--.*\n", "", (FOLDER / f"{name}.sql").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]


def load(name: str, url: str, *more: str) -> str:
    """Run a dump in an empty database, then ``more`` statements; the URL is returned."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in (*statements(name), *more):
                connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    finally:
        engine.dispose()
    return url
