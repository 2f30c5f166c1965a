"""The height of a table on a page: as high as its rows where they are few, so that no empty rows stand below them."""

from __future__ import annotations

from typing import Final, Literal

ROW: Final = 31
"""Pixels of a row at the board's font size; the heading is as high."""


def table_height(rows: int, most: int) -> int | Literal["content"]:
    """For so many rows: "content" where they fit into ``most`` pixels with their heading, else ``most``."""
    return "content" if (rows + 1) * ROW <= most else most
