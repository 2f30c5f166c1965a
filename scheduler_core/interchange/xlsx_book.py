"""What an XLSX workbook keeps beside its cells and they refer to: its sheets, the texts that cells share, number formats.

Styles, rules of colouring and names are not read: nothing in them says what is to be planned, and each costs time.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.packed_files import check_elements, part_named
from scheduler_core.interchange.sheet_rows import SheetTitle
from scheduler_core.interchange.xlsx_formats import GENERAL, NumberFormat, number_format
from scheduler_core.interchange.xml_stream import MOST_CHARACTERS, Attributes, XmlHandler, elements, parsed
from scheduler_core.limits import MAX_BOOK_ENTRIES, MAX_SHEET_CELLS

_RELATIONS: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""A sign that XML cannot hold, as such a file writes it."""
PHONETIC: Final = "rPh"
"""How a word is pronounced: shown small above it, and no part of it."""


@dataclass(frozen=True)
class Book:
    """``sheets``: the part of each sheet, in the order of ``titles``. ``mac``: days are counted from 1904."""

    titles: tuple[SheetTitle, ...]
    sheets: tuple[str, ...]
    texts: Sequence[str]
    formats: Sequence[NumberFormat]
    mac: bool


def read_book(packed: zipfile.ZipFile, name: str) -> Book:
    """Raises InvalidValue for what cannot be read, and above a limit."""
    main = _main_part(packed, name)
    folder, _, file = main.rpartition("/")
    targets: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for tag, attributes in elements(packed, f"{folder}/_rels/{file}.rels".lstrip("/"), name):
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            part = posixpath.normpath(posixpath.join(f"/{folder}", attributes.get("Target", ""))).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            targets[attributes.get("Id", "")] = part if kind == "worksheet" else ""
            kinds.setdefault(kind, part)
    titles, sheets, mac = [], [], False
    for tag, attributes in elements(packed, main, name):
        part = targets.get(next((attributes[key] for key in _RELATIONS if key in attributes), ""), "")
        if tag == "sheet" and part:
            titles.append(SheetTitle(attributes.get("name", ""), attributes.get("state", "visible") != "visible"))
            sheets.append(part_named(packed, part))
        elif tag == "workbookPr":
            mac = attributes.get("date1904") in ("1", "true")
    texts, formats = _Texts(name), _Formats(name)
    for handler, kind in ((texts, "sharedStrings"), (formats, "styles")):
        part = part_named(packed, kinds.get(kind, ""))
        if part in packed.namelist():
            check_elements(packed, part, name)
            for _ in parsed(packed, part, name, handler):
                pass
    return Book(tuple(titles), tuple(sheets), texts.found, formats.found(), mac)


def plain(text: str) -> str:
    """A text of the file with the signs that stand in it as ``_x000D_``."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _main_part(packed: zipfile.ZipFile, name: str) -> str:
    """The part that lists the sheets; nearly every program calls it xl/workbook.xml."""
    for _, attributes in elements(packed, "_rels/.rels", name):
        if attributes.get("Type", "").endswith("/officeDocument"):
            part = posixpath.normpath(posixpath.join("/", attributes.get("Target", ""))).lstrip("/")
            return part_named(packed, part)
    raise InvalidValue(name, "officeDocument", "is missing: it is not a workbook that can be opened")


class _Texts(XmlHandler):
    """The texts that cells refer to by their places."""

    def __init__(self, name: str) -> None:
        self.found: list[str] = []
        self._name = name
        self._parts: list[str] = []
        self._taking = False
        self._skipped = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        kind = tag[tag.rfind(" ") + 1 :]
        if kind == "si":
            self._parts = []
        elif kind == PHONETIC:
            self._skipped = self.depth
        elif kind == "t":
            self._taking = not self._skipped

    def text(self, characters: str) -> None:
        if self._taking:
            self._parts.append(characters)

    def end(self, tag: str) -> None:
        self._taking = False
        if self._skipped == self.depth:
            self._skipped = 0
        if tag.endswith(" si"):
            if len(self.found) == MAX_SHEET_CELLS:
                reason = f"shared texts or more are more than the limit of {MAX_SHEET_CELLS}"
                raise InvalidValue(self._name, MAX_SHEET_CELLS + 1, reason)
            self.found.append(plain("".join(self._parts))[:MOST_CHARACTERS])


class _Formats(XmlHandler):
    """The number formats of the cells' styles."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._written: dict[int, str] = {}
        self._used: list[int] = []
        self._inside = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        kind = tag[tag.rfind(" ") + 1 :]
        if self.depth == 2:
            self._inside = kind
        elif self.depth != 3:
            return
        elif self._inside == "numFmts" and kind == "numFmt":
            self._written[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
            self._check(len(self._written))
        elif self._inside == "cellXfs" and kind == "xf":
            self._used.append(int(attributes.get("numFmtId", 0)))
            self._check(len(self._used))

    def _check(self, count: int) -> None:
        if count > MAX_BOOK_ENTRIES:
            raise InvalidValue(self._name, count, f"cell formats or more are more than the limit of {MAX_BOOK_ENTRIES}")

    def found(self) -> tuple[NumberFormat, ...]:
        """The formats by the numbers that cells give."""
        known = {number: number_format(number, self._written) for number in set(self._used)}
        return tuple(known[number] for number in self._used) or (GENERAL,)
