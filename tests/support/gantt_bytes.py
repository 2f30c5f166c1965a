"""The bytes of a packed Gantt, read back as the canvas reads them."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

Columns = dict[str, npt.NDArray[Any]]


def unpack(data: bytes) -> tuple[dict[str, Any], Columns]:
    """The head, and the columns by name."""
    (length,) = struct.unpack_from("<I", data)
    head = json.loads(data[4 : 4 + length])
    body = data[4 + length :]
    columns = {n: np.frombuffer(body, f"<{kind}", count, offset) for n, kind, offset, count in head["columns"]}
    return head, columns
