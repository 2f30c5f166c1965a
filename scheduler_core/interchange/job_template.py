"""The template of a table of jobs: an example row, what each column means, and the names that the plant knows."""

from __future__ import annotations

from scheduler_core.interchange.job_columns import COLUMNS, NAMES
from scheduler_core.interchange.sheet_table import SHEET_NAME
from scheduler_core.interchange.workbook import Sheet, Value, workbook
from scheduler_core.limits import MAX_SHEET_BYTES, MAX_SHEET_ROWS
from scheduler_core.plant import Plant


def job_template(plant: Plant) -> bytes:
    """The template as a workbook; its example row is refused until somebody puts a job in its place."""
    example: dict[str, Value] = {c.name: c.example for c in COLUMNS}
    example["machine_types"] = plant.machine_type_by_id[plant.machines[0].type].name
    meaning: list[list[Value]] = [
        [c.name, "yes" if c.needed else "no", "all rows of the job" if c.of_job else "this row", c.meaning] for c in COLUMNS
    ]
    limits = f"At most {MAX_SHEET_ROWS} rows and {MAX_SHEET_BYTES // 1_000_000} MB; values, no formulas."
    meaning.append(["(limits)", "", "", limits])
    machines: list[list[Value]] = [
        [m.name, f"#{m.id}", plant.machine_type_by_id[m.type].name, f"#{m.type}"] for m in plant.machines
    ]
    return workbook(
        [
            Sheet(SHEET_NAME, NAMES, [[example[name] for name in NAMES]]),
            Sheet("Columns", ["Column", "Needed", "Holds for", "Meaning"], meaning),
            Sheet("Machines", ["Machine", "Number", "Work centre", "Its number"], machines),
        ]
    )
