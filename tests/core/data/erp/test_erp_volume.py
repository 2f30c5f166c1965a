"""Reading at size: in time, in little memory, in one read-only transaction, with a word on missing indexes."""

from __future__ import annotations

import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from scheduler_core.data import erp
from scheduler_core.data.database import DatabaseFailure, open_erp
from scheduler_core.data.demo import DEMO_CLOCK
from scheduler_core.data.erp.indexes import RECOMMENDED
from tests.support.erp_volume import FAULTY_EVERY, OPERATIONS_PER_JOB, erp_rows, write_rows
from tests.support.own_time import own_time
from tests.support.paths import ROOT

CONFIG = erp.ErpConfig(plant="plant", timezone="Asia/Kuala_Lumpur")


@pytest.mark.slow
def test_a_thousand_jobs_are_read_in_time_and_add_up(database_url: str) -> None:
    rows = erp_rows(1000, closed=500)
    write_rows(database_url, rows)
    with closing(open_erp(database_url)) as database:
        erp.read(database, CONFIG, DEMO_CLOCK)
        with own_time() as took:
            pull = erp.read(database, CONFIG, DEMO_CLOCK)
    counts = pull.counts
    assert (counts.jobs_read, counts.jobs_quarantined) == (1000, 1000 // FAULTY_EVERY)
    assert counts.rows_accepted + counts.rows_quarantined == counts.rows_read
    assert pull.plant.operation_count == OPERATIONS_PER_JOB * counts.jobs_accepted
    # A tenth of the size that is to be read in five seconds, with room for a slow machine.
    assert took.seconds < 1


@pytest.mark.slow
def test_reading_holds_little_more_than_the_plant(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'erp.sqlite3'}"
    write_rows(url, erp_rows(600, closed=1800))
    with closing(open_erp(url)) as database:
        erp.read(database, CONFIG, DEMO_CLOCK)
        tracemalloc.start()
        try:
            pull = erp.read(database, CONFIG, DEMO_CLOCK)
            kept, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert pull.counts.jobs_read == 600
    assert peak < 2.5 * kept, "closed jobs cost nothing, and rows are dropped once they are jobs"


def test_nothing_can_be_written_while_reading(database_url: str) -> None:
    write_rows(database_url, erp_rows(2, closed=0))
    with closing(open_erp(database_url)) as database:
        for statement in ("DELETE FROM tbl_jo_txn", "CREATE INDEX i ON tbl_jo_txn (TxnId_i)"):
            with pytest.raises(DatabaseFailure), database.reading() as connection:
                connection.execute(sa.text(statement))
        if database.dialect == "mysql":
            with database.reading() as connection:
                limit = connection.execute(sa.text("SELECT @@SESSION.max_statement_time")).scalar()
            assert limit == 120


def test_missing_indexes_are_named_and_not_created(database_url: str) -> None:
    write_rows(database_url, erp_rows(2, closed=0), indexes=[RECOMMENDED[1].statement.rstrip(";")])
    with closing(open_erp(database_url)) as database:
        for _ in range(2):
            assert erp.missing_indexes(database) == (RECOMMENDED[0], RECOMMENDED[2])


def test_the_file_for_the_administrator_lists_the_recommended_indexes() -> None:
    lines = (ROOT / "docs" / "erp-indexes.sql").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("--")] == [index.statement for index in RECOMMENDED]
