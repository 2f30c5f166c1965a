"""Snapshot and schedule files: ``factory-snapshot/1`` and ``schedule/1``, read and written.

Reading checks everything and names what is wrong by file and path. Writing is canonical: equal plants give equal bytes,
and what was written reads back equal. Wall-clock time exists only in the files; inside are minutes from plan_start.
"""

from scheduler_core.interchange.files import file_sha256
from scheduler_core.interchange.schedule_file import (
    ScheduleFile,
    read_schedule,
    schedule_file_from_json,
    schedule_from_json,
    schedule_to_json,
)
from scheduler_core.interchange.snapshot_reading import read_snapshot, snapshot_from_json
from scheduler_core.interchange.snapshot_writing import sha256_of, snapshot_sha256, snapshot_to_json
from scheduler_core.limits import MAX_FILE_BYTES, MAX_JOBS, MAX_OPERATIONS

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_JOBS",
    "MAX_OPERATIONS",
    "ScheduleFile",
    "file_sha256",
    "read_schedule",
    "read_snapshot",
    "schedule_file_from_json",
    "schedule_from_json",
    "schedule_to_json",
    "sha256_of",
    "snapshot_from_json",
    "snapshot_sha256",
    "snapshot_to_json",
]
