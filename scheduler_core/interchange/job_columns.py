"""The columns of a table of jobs: their names, whether they are needed, and what a planner writes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Column:
    """``of_job``: the value is the job's, so that every row of it says the same or nothing. ``example``: of the template."""

    name: str
    needed: bool
    of_job: bool
    meaning: str
    example: str | int


EXAMPLE_JOB: Final = "EXAMPLE: delete this row"
COLUMNS: Final = (
    Column("job", True, False, "The job's number; every row of it repeats it. It must not be in the plan yet.", EXAMPLE_JOB),
    Column("product", False, True, "Part number.", "AB-100"),
    Column("quantity", False, True, "Pieces, more than 0.", 50),
    Column(
        "family", True, True,
        "Setup family: no setup between jobs of one family. Write the job's number for a family of its own.", "F01",
    ),
    Column("important", False, True, "yes or no; empty: no. Lateness of an important job counts three times.", "no"),
    Column("release", False, True, "Material's date (2025-07-25, or 2025-07-25 14:30); empty: it is there.", "2025-07-21"),
    Column(
        "due", False, True, "Customer's date; without a time (or with 00:00) until 23:59. Empty: never late.", "2025-07-25",
    ),
    Column("operation", True, False, "Number of the operation; ascending numbers follow each other, gaps are fine.", 1),
    Column("process", True, False, "What is done.", "Bending"),
    Column(
        "minutes", True, False,
        "Time for the whole quantity, in minutes; a part of one counts whole. 0: a milestone, which is left out.", 120,
    ),
    Column("setup_minutes", True, False, "Setup in minutes, 0 or more, where the plant's setup table has no entry.", 15),
    Column(
        "machine_types", False, False,
        "Work centres that can do it, by name, apart by semicolons; a name may hold a comma.", "",
    ),
    Column(
        "machines", False, False,
        "Single machines that can do it, by name, apart by semicolons; this or machine_types is needed. #12: number 12.", "",
    ),
    Column("all_machines", False, False, "yes: it needs all of these machines at once. Empty: no.", "no"),
    Column("preferred_machine", False, False, "The machine to choose among equal ones. Empty: none.", ""),
)  # fmt: skip
NAMES: Final = tuple(column.name for column in COLUMNS)
