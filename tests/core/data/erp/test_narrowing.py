"""Rows of the ERP that no open job needs are left in the database; what is read of them does not change."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.data.database import open_erp
from scheduler_core.data.erp import narrowing, source
from scheduler_core.data.erp.source import ErpTables, transaction
from scheduler_core.errors import InvalidValue
from tests.support.erp_rows import CONFIG, Erp

ODD = ("Fräsen 1/2", "FRÄSEN 1/2", "部品 ' \\ \" % : ?", "semi;--", "ẞ", "İ", "a\tb")


def test_old_lines_of_the_routing_stay_in_the_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    erp = Erp()
    erp.job()
    erp.step(1, row=1, Machine_v="", Task_v="CP08-428 CUT")
    erp.routing("CP08-428 CUT", 5)
    for number in range(300):
        erp.routing(f"OLD{number} CUT", 9, bstk=100 + number)
    assert erp.read(database_url).plant.jobs[0].operations[0].machine_types == (5,)
    assert read_of_the_routing(database_url) == 1
    monkeypatch.setattr(narrowing, "MOST_TEXTS", 0)
    assert read_of_the_routing(database_url) == 301, "what cannot be said shortly is read whole, with the same outcome"


def read_of_the_routing(url: str) -> int:
    """How many rows the database hands over of which the needed process is CP08-428 CUT."""
    database = open_erp(url)
    with transaction(database) as connection:
        tables = ErpTables(connection, CONFIG.tables)
        found = sum(1 for _ in tables.rows("routing", "ProcessDescr_v", ["CP08-428 CUT"]))
    database.close()
    return found


@pytest.mark.parametrize("text", ODD)
def test_any_text_finds_its_line_as_before(database_url: str, text: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(1, row=1, Machine_v="", Task_v=text)
    erp.routing(text, 5)
    assert erp.read(database_url).plant.jobs[0].operations[0].machine_types == (5,)


def test_nothing_is_read_of_the_routing_where_every_operation_has_a_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    stream = source._stream
    monkeypatch.setattr(source, "_stream", lambda c, query, columns=None: asked.append(query) or stream(c, query, columns))
    erp = Erp()
    erp.job()
    erp.step()
    erp.read(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    assert not any("tbl_routing_process" in query for query in asked)


@pytest.mark.parametrize(
    ("cells", "why"),
    [(["a", 1], "a number"), (["12.5"], "a text like a number"), (["a", None], "nothing"), ([], "none wanted")],
)
def test_what_the_database_might_write_otherwise_is_not_asked_for(cells: list[object], why: str) -> None:
    assert narrowing.one_of("sqlite", "r.x", cells) is None, why
    assert narrowing.one_of("sqlite", "r.x", ["a"]) is not None


def test_a_table_that_belongs_to_no_job_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    erp = Erp()
    erp.job()
    erp.step()
    for day in range(1, 5):
        erp.add("ai_breaktimes", name="tea", start_time="10:00:00", end_time="10:15:00", day_of_week=day, is_active=1)
    monkeypatch.setattr(source, "MAX_OTHER_ROWS", 6)
    erp.read(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    monkeypatch.setattr(source, "MAX_OTHER_ROWS", 4)
    with pytest.raises(InvalidValue, match="rows of hours are more than the limit of 4: leave old ones out"):
        erp.read(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
