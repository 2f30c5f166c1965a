"""XML parts of a workbook, read as a stream: memory stays small however large a part is."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.packed_files import BLOCK, DAMAGED, UNREADABLE, check_elements, part_named
from scheduler_core.limits import MAX_BOOK_ENTRIES

MOST_DEPTH = 200
"""Elements inside each other; more come from a file that was made to do harm."""
MOST_CHARACTERS = 32_767
"""Text of one cell that is kept: what a spreadsheet can hold."""
_LONGEST = 2 * BLOCK
"""Bytes that the parser may hold back because a tag or a comment has begun and not ended."""

Attributes = dict[str, str]


class XmlHandler:
    """Follows the elements of a document; ``depth`` counts those that are open. Tags are "NAMESPACE NAME"."""

    depth = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def text(self, characters: str) -> None:
        """Characters between elements."""


def parsed(packed: zipfile.ZipFile, part: str, name: str, handler: XmlHandler) -> Iterator[None]:
    """Read a part block by block and stop after each. Raises InvalidValue for what cannot be read."""

    def start(tag: str, attributes: Attributes) -> None:
        handler.depth += 1
        if handler.depth > MOST_DEPTH:
            raise InvalidValue(name, handler.depth, f"elements inside each other are more than the limit of {MOST_DEPTH}")
        handler.start(tag, attributes)

    def end(tag: str) -> None:
        handler.end(tag)
        handler.depth -= 1

    def refuse(*_: object) -> None:
        raise InvalidValue(name, part, "declares a document type, which no spreadsheet does")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = refuse
    given = 0
    try:
        with packed.open(part) as document:
            while block := document.read(BLOCK):
                parser.Parse(block)
                given += len(block)
                if given - parser.CurrentByteIndex > _LONGEST:  # a comment without an end: scanned again with each block
                    raise InvalidValue(f"{name}: {part}", part, f"holds a tag or a comment of more than {BLOCK} characters")
                yield
        parser.Parse(b"", True)
        yield
    except InvalidValue:
        raise
    except (expat.ExpatError, ValueError, KeyError, *UNREADABLE) as error:
        raise InvalidValue(name, type(error).__name__, DAMAGED) from None


class _Listed(XmlHandler):
    def __init__(self, part: str, name: str) -> None:
        self.found: list[tuple[str, Attributes]] = []
        self._where = (part, name)

    def start(self, tag: str, attributes: Attributes) -> None:
        part, name = self._where
        if len(self.found) == MAX_BOOK_ENTRIES:
            reason = f"entries or more are more than the limit of {MAX_BOOK_ENTRIES}"
            raise InvalidValue(f"{name}: {part}", MAX_BOOK_ENTRIES + 1, reason)
        self.found.append((tag.rpartition(" ")[2], attributes))


def elements(packed: zipfile.ZipFile, part: str, name: str) -> list[tuple[str, Attributes]]:
    """The elements of a part that lists something, by their names without namespaces. Raises InvalidValue."""
    part = part_named(packed, part)
    if part not in packed.namelist():
        raise InvalidValue(name, part, "is missing: it is not a workbook that can be opened")
    check_elements(packed, part, name)
    listed = _Listed(part, name)
    for _ in parsed(packed, part, name, listed):
        pass
    return listed.found
