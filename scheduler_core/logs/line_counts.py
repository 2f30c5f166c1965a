"""Counts what the kept log files say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler_core.logs import FILE


@dataclass(frozen=True)
class Counted:
    """Lines of level ERROR, and lines with a trace (errors that nobody foresaw)."""

    errors: int = 0
    exceptions: int = 0


def errors(folder: Path, since: datetime | None = None) -> Counted:
    """Of all kept files (10 MiB each at most), since an aware moment. Lines that are none of ours are left out."""
    found = exceptions = 0
    for path in sorted(folder.glob(f"{FILE}*")):
        if path.suffix == ".lock":
            continue
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                # Most lines are neither; reading the others as JSON would take seconds.
                if '"ERROR"' not in line and '"trace"' not in line:
                    continue
                told = _parsed(line)
                if since is not None and datetime.fromisoformat(str(told.get("at", "0001-01-01T00:00:00+00:00"))) < since:
                    continue
                found += told.get("level") == "ERROR"
                exceptions += "trace" in told
    return Counted(found, exceptions)


def _parsed(line: str) -> dict[str, object]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}  # a line that a full disk cut off
    return told if isinstance(told, dict) else {}
