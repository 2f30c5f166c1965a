"""Lists in pages: newest first, each page with a cursor for the next one, also as a header ``Link``."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, TypeAlias, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from scheduler_core.api.problems import printable
from scheduler_core.errors import InvalidValue

R = TypeVar("R")
Place: TypeAlias = tuple[int, str]
"""Number in the order of arrival, and id."""
LARGEST_PAGE = 200


class Paging:
    """The page that is asked for. ``after``: the place after which it begins, None for the first page."""

    def __init__(self, request: Request, response: Response, limit: int, cursor: str | None) -> None:
        self._request, self._response = request, response
        self._limit = limit
        others = sorted((key, value) for key, value in request.query_params.multi_items() if key not in ("cursor", "limit"))
        self._filters = sha256(json.dumps(others).encode()).hexdigest()[:16]
        self._others = others
        self.after: Place | None = None if cursor is None else self._read(cursor)

    @property
    def fetch(self) -> int:
        """How many rows to fetch: one more than the page has, to know whether there is another page."""
        return self._limit + 1

    def cut(self, rows: Sequence[R], place: Callable[[R], Place]) -> tuple[Sequence[R], str | None]:
        """The page's rows and the cursor of the next page, None if this is the last; sets the header Link."""
        page = rows[: self._limit]
        if len(rows) <= self._limit:
            return page, None
        order, key = place(page[-1])
        cursor = base64.urlsafe_b64encode(json.dumps([order, key, self._filters]).encode()).decode().rstrip("=")
        query = urlencode([*self._others, ("limit", self._limit), ("cursor", cursor)])
        self._response.headers["Link"] = f'<{self._request.url.path}?{query}>; rel="next"'
        return page, cursor

    def _read(self, cursor: str) -> Place:
        try:
            order, key, filters = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, binascii.Error, TypeError, RecursionError):
            raise InvalidValue("cursor", cursor, "is no cursor that this API has given") from None
        if type(order) is not int or type(key) is not str or not 0 <= order < 2**63 or printable(key) != key:
            raise InvalidValue("cursor", cursor, "is no cursor that this API has given")
        if filters != self._filters:
            raise InvalidValue("cursor", cursor, "belongs to a list with other filters")
        return order, key


def paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Items of a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=300, description="The cursor of a page before: its next")] = None,
) -> Paging:
    """The page that a request asks for."""
    return Paging(request, response, limit, cursor)


Paged: TypeAlias = Annotated[Paging, Depends(paging)]
