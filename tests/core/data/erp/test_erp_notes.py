"""What happens in every plant is planned, with a note that names the row and says why; both databases."""

from __future__ import annotations

from datetime import datetime

from scheduler_core.data.erp import Pull
from scheduler_core.data.store.records import PullNote
from tests.support.erp_rows import checked, with_one_job


def notes_of(pull: Pull, job: str = "JOST0001") -> list[PullNote]:
    """The job's notes, in a pull that used every row."""
    assert checked(pull).quarantine == ()
    return [n for n in pull.notes if n.job == job]


def test_material_after_the_due_date_is_planned_late(database_url: str) -> None:
    erp = with_one_job()
    erp.job(2, MaterialDate_dd="2025-07-26")
    erp.step(2)
    pull = erp.read(database_url)
    assert notes_of(pull) == []
    assert notes_of(pull, "JOST0002") == [
        PullNote(
            "tbl_jo_txn", "TxnId_i=2",
            "TargetDate_dd 2025-07-25 is before the material's date 2025-07-26: it is planned late", "JOST0002",
        )
    ]  # fmt: skip
    late = pull.plant.job_by_id["JOST0002"]
    assert pull.plant.time_of(late.release) == datetime(2025, 7, 26)
    assert pull.plant.time_of(late.due or 0) == datetime(2025, 7, 25, 23, 59)
