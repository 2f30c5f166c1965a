"""How the HTTP API is held against its own document by schemathesis, in the tests and in ``benchmarks/api_schema.py``.

All checks count, with two of them told what this API promises on purpose. DELETE cancels a run and keeps its record
(``use_after_free``). A value that fits the document may still be refused as a whole (a cursor that nobody gave, seconds for
an engine that does not search), with 412, 422 and 428; that no value is refused by the very schema that it fits is what
``fitting_values_pass`` checks instead.
"""

from __future__ import annotations

import re
from typing import Any, Final

import schemathesis
from schemathesis import Case, CheckContext, Response

ACCEPTED: Final = ("2xx", "3xx", "401", "403", "404", "408", "409", "412", "422", "428", "429", "503")
"""What a request whose every value fits the document may be answered with."""
CONFIG: Final[dict[str, Any]] = {
    "checks": {
        "use_after_free": {"enabled": False},
        "positive_data_acceptance": {"expected-statuses": list(ACCEPTED)},
    }
}
"""As schemathesis reads it from its file."""
_BY_THE_SCHEMA: Final = re.compile(r"\w+ should |Field required|is not a known field|Unable to ")
"""How a reason of the schema begins; those of the core are sentences of their own."""


@schemathesis.check  # type: ignore[untyped-decorator,unused-ignore]
def fitting_values_pass(_context: CheckContext, response: Response, case: Case) -> None:
    """No value that fits the document is refused by the schema."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    by_schema = [one["where"] for one in response.json().get("errors", ()) if _BY_THE_SCHEMA.match(one["reason"])]
    assert not by_schema, f"refused by the schema that they fit: {', '.join(by_schema)}"
