"""The header Prefer (RFC 7240), of which this API knows ``wait``: how long a request may be held for its result."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from fastapi import Header

Prefer: TypeAlias = Annotated[
    str | None, Header(description="wait=N: answer when the run has ended, after N seconds at most", max_length=200)
]
_WAIT: Final = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?=$|[,;])", re.IGNORECASE)


def wait_of(prefer: str | None, most: float) -> int:
    """Seconds for which the caller would wait, at most ``most``; 0 without the preference. What cannot be read is ignored,
    as the standard wants."""
    found = _WAIT.search(prefer or "")
    return 0 if found is None else min(int(most), int(found[1]))
