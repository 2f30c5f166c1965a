"""How much is read: beyond these limits an input is refused at once, naming the limit. ``docs/limits.md`` lists them.

They keep a wrong file or a broken join in the ERP from filling the memory; they lie well above what is planned today.
"""

from __future__ import annotations

MAX_JOBS = 20_000
"""Most jobs of a plant."""
MAX_OPERATIONS = 100_000
"""Most operations of a plant, and most assignments of a schedule."""
MAX_MACHINES = 10_000
"""Most machines of a plant."""
MAX_OTHER_ROWS = 200_000
"""Most rows that are read of an ERP's table that belongs to no job: routing, hours, breaks, holidays, downtimes."""
SURPLUS = 5
"""Above this many times a limit rows are refused by a quick count; up to there they are counted exactly as they are read."""

MAX_FILE_BYTES = 100_000_000
"""Largest snapshot or schedule file."""
MAX_BENCHMARK_BYTES = 20_000_000
"""Largest benchmark file."""
MAX_CHANGES_BYTES = 10_000_000
"""Largest changes file."""
MAX_CHANGES = 1_000
"""Most changes of a scenario."""
MAX_FACTS = 1_000
"""Most facts of a plant that are in force or to come."""
MAX_CONFIG_BYTES = 100_000
"""Largest file of settings (YAML)."""
MAX_CONFIG_VALUES = 10_000
"""Most values in such a file, once its aliases are written out."""
MAX_LONG_TEXT = 4_000
"""Longest text in a JSON file, in characters."""

MAX_SHEET_BYTES = 10_000_000
"""Largest file of a table of jobs."""
MAX_SHEET_ROWS = 20_000
"""Most rows of a table under its header; empty ones do not count."""
MAX_SHEET_COLUMNS = 60
"""Columns of a table that are looked at."""
MAX_SHEET_CELLS = 600_000
"""Most cells with a value in one sheet, and most texts that the cells of a workbook share."""
MAX_BOOK_ENTRIES = 100_000
"""Most sheets, names, cell formats or inner files of a workbook."""
MAX_READING_SECONDS = 60
"""Seconds of computing that the reading of an uploaded spreadsheet may take."""
MAX_READING_BYTES = 2_000_000_000
"""Memory (address space) that it may take."""
MAX_UNPACKED_BYTES = 200_000_000
"""Largest content of a workbook, which is a compressed file."""
MAX_TEXT = 120
"""Longest text that a job carries (its number, a process), in characters: longer ones come from pasted documents."""
