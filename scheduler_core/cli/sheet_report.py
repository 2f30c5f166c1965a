"""What became of a table of jobs, for the commands that read one."""

from __future__ import annotations

from scheduler_core.cli.plant_sources import SHOWN_ROWS
from scheduler_core.cli.terminal import Terminal
from scheduler_core.interchange.job_sheet import JobSheet


def say_sheet(terminal: Terminal, sheet: JobSheet) -> None:
    """Say counts, the first refused rows and the first notes."""
    left_out = f" + {sheet.rows_left_out} hidden and left out" if sheet.rows_left_out else ""
    terminal.say(
        f"{sheet.rows_accepted} rows accepted + {sheet.rows_refused} refused{left_out} = {sheet.rows_read} read; "
        f"{len(sheet.jobs)} jobs accepted, {sheet.jobs_refused} refused"
    )
    for row in sheet.refused[:SHOWN_ROWS]:
        terminal.say(f"  row {row.number}: {row.field} {row.value!r} {row.reason}")
    if len(sheet.refused) > SHOWN_ROWS:
        terminal.say(f"  and {len(sheet.refused) - SHOWN_ROWS} more (--json lists all)")
    for noted in sheet.notes[:SHOWN_ROWS]:
        terminal.say(f"  note on row {noted.number}, job {noted.job}: {noted.note}")
    if len(sheet.notes) > SHOWN_ROWS:
        terminal.say(f"  and {len(sheet.notes) - SHOWN_ROWS} more notes (--json lists all)")
