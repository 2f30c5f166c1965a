"""Limits of workbooks, which are compressed files: small on disk, and of any size once they are unpacked."""

from __future__ import annotations

import io
import zipfile

from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_SHEET_ROWS, MAX_UNPACKED_BYTES, SURPLUS

BLOCK = 1_000_000
"""Bytes that are unpacked at once."""


def opened(content: bytes, name: str, kind: str) -> zipfile.ZipFile:
    """The compressed file, whose parts together are within the limit.

    Raises InvalidValue for what is no such file and above the limit; ``kind`` is what the message calls it ("XLSX").
    """
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise InvalidValue(name, content[:8], f"is not a workbook ({kind}); save older ones in the new format") from None
    size = sum(part.file_size for part in packed.infolist())
    if size > MAX_UNPACKED_BYTES:
        raise InvalidValue(name, size, f"bytes of unpacked content are more than the limit of {MAX_UNPACKED_BYTES}")
    return packed


def check_row_count(packed: zipfile.ZipFile, folder: str, mark: bytes, name: str) -> None:
    """Refuse far too many rows before any is parsed, which takes seconds; up to there they are counted as they are read.

    ``mark`` begins a row in the parts below ``folder``. Raises InvalidValue.
    """
    for part in packed.namelist():
        if not part.startswith(folder):
            continue
        count = 0
        with packed.open(part) as sheet:
            while block := sheet.read(BLOCK):
                count += block.count(mark)
                if count > SURPLUS * MAX_SHEET_ROWS:
                    raise InvalidValue(name, count, f"rows or more are more than the limit of {MAX_SHEET_ROWS} rows")
