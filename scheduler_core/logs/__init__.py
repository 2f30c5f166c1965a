"""Structured logs, one JSON object a line; the room's public functions in one import."""

from scheduler_core.logs.json_lines import (
    FILE,
    LEVELS,
    JsonLines,
    about_run,
    current_run,
    log_folder,
    open_folder,
    set_up,
)

__all__ = [
    "FILE", "LEVELS", "JsonLines", "about_run", "current_run", "log_folder", "open_folder", "set_up",
]  # fmt: skip
