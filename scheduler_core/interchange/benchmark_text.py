"""The text of a benchmark file: its encoding, its comments, its instances, and its numbers with their places.

A file holds one instance or several:

* one stream of numbers, where ``#`` and ``//`` begin a comment and a Control-Z (the end of a DOS file) ends the text;
* OR-Library's collections: ``instance NAME`` on a line of its own, lines of prose and of plus signs, then the numbers. The
  line may be a comment (``# instance NAME``), as in JSPLIB;
* Taillard's layout: a line of column names that begins ``Nb of jobs`` or ``number of jobs``, the line of their values, then
  the words ``Times`` and ``Machines``, each before a matrix. Such a file holds one instance or several, without names.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import NoReturn

from scheduler_core.errors import InvalidValue

_COMMENT = re.compile(r"#|//")
_INSTANCE = re.compile(r"[#\s]*instance\s+(\S+)\s*", re.IGNORECASE)
_COLUMN_NAMES = re.compile(r"\s*(nb|number)\s+of\s+jobs\s*,\s*(nb|number)\s+of\s+machines\b.*", re.IGNORECASE)
_TIMES = re.compile(r"\s*(processing\s+)?times\s*:?\s*", re.IGNORECASE)
_MACHINES = re.compile(r"\s*machines\s*:?\s*", re.IGNORECASE)
_RULER = re.compile(r"\s*[-+=*]{3,}.*")
_DOS_END = "\x1a"


class Matrices(Enum):
    """What the headings of Taillard's layout say about the numbers after the header."""

    UNSAID = "no headings"
    TIMES = "a matrix of times"
    TIMES_AND_MACHINES = "a matrix of times and one of machines"


@dataclass(frozen=True)
class Token:
    """One word: ``line`` counts from 1 in the file, ``position`` from 1 in its line."""

    text: str
    line: int
    position: int


@dataclass(frozen=True)
class Section:
    """The numbers of one instance. ``where`` names the file, and the instance where there are several."""

    name: str
    where: str
    items: list[Token]
    matrices: Matrices = Matrices.UNSAID

    def lines(self) -> list[list[Token]]:
        """The words of each line that has any."""
        return [list(line) for _, line in groupby(self.items, key=lambda token: token.line)]

    def numbers(self) -> list[list[int]]:
        """The same as numbers; nothing if a word is not a whole number of at most 18 digits."""
        if not all(token.text.isascii() and token.text.isdigit() and len(token.text) <= 18 for token in self.items):
            return []
        return [[int(token.text) for token in line] for line in self.lines()]


def decoded(raw: bytes, where: str) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark. Raises InvalidValue for another encoding."""
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        raise InvalidValue(f"{where}: byte {error.start}", raw[error.start], f"is not {name} text") from None


def sections(text: str, where: str) -> list[Section]:
    """The instances of a file's text, at least one. Raises InvalidValue if two of them have one name."""
    lines = list(enumerate(text.partition(_DOS_END)[0].splitlines(), start=1))
    starts = [k for k, (_, line) in enumerate(lines) if _INSTANCE.fullmatch(line)]
    if not starts and any(_COLUMN_NAMES.fullmatch(line) or _TIMES.fullmatch(line) for _, line in lines):
        return _taillard(lines, where)
    if not starts:
        return [Section("", where, _words(lines))]
    found: dict[str, Section] = {}
    for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        number, heading = lines[begin]
        name = _instance_name(heading)
        if name in found:
            raise InvalidValue(f"{where}: line {number}", name, "is the name of two instances")
        found[name] = Section(name, _within(where, name, len(starts)), _collected(lines[begin + 1 : end]))
    return list(found.values())


def _within(where: str, name: str, count: int) -> str:
    return where if count == 1 else f"{where}#{name}"


def _instance_name(line: str) -> str:
    match = _INSTANCE.fullmatch(line)
    assert match is not None
    return match.group(1)


def _words(lines: list[tuple[int, str]]) -> list[Token]:
    return [
        Token(word, number, position)
        for number, line in lines
        for position, word in enumerate(_COMMENT.split(line, maxsplit=1)[0].split(), start=1)
    ]


def _collected(lines: list[tuple[int, str]]) -> list[Token]:
    """The words from the first line of numbers on; the prose and the plus signs around them count as comments."""
    kept = [(number, line) for number, line in lines if not _RULER.fullmatch(line)]
    first = next((k for k, (_, line) in enumerate(kept) if _is_numbers(line)), len(kept))
    return _words(kept[first:])


def _is_numbers(line: str) -> bool:
    words = _COMMENT.split(line, maxsplit=1)[0].split()
    return bool(words) and all(word.isdigit() for word in words)


def _taillard(lines: list[tuple[int, str]], where: str) -> list[Section]:
    starts = [k for k, (_, line) in enumerate(lines) if _COLUMN_NAMES.fullmatch(line)] or [0]
    spans = zip(starts, [*starts[1:], len(lines)], strict=True)
    return [
        _taillard_instance(lines[begin:end], str(number), _within(where, str(number), len(starts)))
        for number, (begin, end) in enumerate(spans, start=1)
    ]


def _taillard_instance(lines: list[tuple[int, str]], name: str, where: str) -> Section:
    numbers = [(number, line) for number, line in lines if not _is_heading(line)]
    items = _words(numbers)
    # Seeds and bounds follow the two sizes on their line, which is the first one.
    header = [item for item in items if item.line == items[0].line][:2]
    body = [item for item in items if item.line != items[0].line]
    whole = any(_MACHINES.fullmatch(line) for _, line in lines)
    return Section(name, where, header + body, Matrices.TIMES_AND_MACHINES if whole else Matrices.TIMES)


def _is_heading(line: str) -> bool:
    return any(heading.fullmatch(line) for heading in (_COLUMN_NAMES, _TIMES, _MACHINES))


class NumberStream:
    """Takes one whole number after the other and knows where each stood. ``next`` is the index of the next one."""

    def __init__(self, section: Section, start: int = 0) -> None:
        self.section = section
        self.next = start

    @property
    def left(self) -> int:
        """How many numbers were not taken."""
        return len(self.section.items) - self.next

    def integer(self, meaning: str, low: int, high: int) -> int:
        """The next number. Raises InvalidValue if there is none, or it is not a whole number from low to high."""
        items = self.section.items
        if self.next >= len(items):
            raise InvalidValue(f"{self.section.where}: end of file", "", f"where {meaning} is expected")
        token = items[self.next]
        self.next += 1
        # Stricter than int(), which also takes "1_000" and digits of other scripts.
        digits = token.text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
            self.refuse(f"is not a whole number ({meaning} is expected)")
        value = int(token.text)
        if not low <= value <= high:
            self.refuse(f"is not between {low} and {high} ({meaning})")
        return value

    def refuse(self, reason: str) -> NoReturn:
        """Raises InvalidValue about the number taken last."""
        token = self.section.items[self.next - 1]
        raise InvalidValue(f"{self.section.where}: line {token.line}, position {token.position}", token.text, reason)

    def finish(self, reason: str = "follows after the last job that the header announces") -> None:
        """Raises InvalidValue, with this reason, unless every number was taken."""
        if self.left > 0:
            self.next += 1
            self.refuse(reason)
