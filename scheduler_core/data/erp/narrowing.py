"""A condition by which the database gives only rows whose text is wanted, so that old rows are not read to be dropped.

The condition may let more through than is wanted, never less: what is wanted is decided on the cells that were read. So text
counts without trailing blanks and letter case, whatever the column's collation.
"""

from __future__ import annotations

import re
from collections.abc import Collection

MOST_TEXTS = 5_000
"""Beyond this a list of texts is longer than what it spares."""
_NUMBER_LIKE = re.compile(r"[-+.\d\s]*")


def one_of(dialect: str, column: str, cells: Collection[object]) -> str | None:
    """The condition that a column (SQL) holds the text of one of the cells; None where that cannot be said safely, or not
    shortly: then every row has to be read. ``dialect``: SQLAlchemy's name of it."""
    texts = {cell for cell in cells if type(cell) is str}
    # A number or a date is written by the database in its own way, which is not that of the cells.
    if len(texts) < len(set(cells)) or any(_NUMBER_LIKE.fullmatch(text) for text in texts):
        return None
    wanted = sorted({form for text in texts for form in (text.rstrip(" "), text.rstrip(" ").lower())})
    if not wanted or len(wanted) > MOST_TEXTS:
        return None
    if dialect == "sqlite":
        text = f"RTRIM(CAST({column} AS TEXT))"
        # LOWER knows the letters of ASCII only, so a text with others is always let through.
        other = "" if all(form.isascii() for form in wanted) else f" OR LENGTH(CAST({text} AS BLOB))<>LENGTH({text})"
    elif dialect == "postgresql":
        text = f"RTRIM(CAST({column} AS TEXT))"
        other = "" if all(form.isascii() for form in wanted) else f" OR OCTET_LENGTH({text})<>CHAR_LENGTH({text})"
    else:
        # Converted like this a text has a collation without letter case, whatever that of its column.
        text, other = f"RTRIM(CONVERT({column} USING utf8mb4))", ""
    listed = ", ".join(_literal(dialect, form) for form in wanted)
    return f"({text} IN ({listed}) OR LOWER({text}) IN ({listed}){other})"


def _literal(dialect: str, text: str) -> str:
    """A text in SQL by its bytes: nothing in it can end the text."""
    digits = text.encode("utf-8", "surrogateescape").hex()
    if dialect == "sqlite":
        return f"CAST(X'{digits}' AS TEXT)"
    return f"CONVERT_FROM('\\x{digits}', 'UTF8')" if dialect == "postgresql" else f"_utf8mb4 X'{digits}'"
