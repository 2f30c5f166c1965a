"""JSON read strictly: every complaint names the file, the path inside it, the value and the reason.

``parse`` returns the top of a tree of nodes; a node knows its path and is asked for the type that it should have. What
Python's parser would let pass (a key given twice, NaN, numbers of thousands of digits) is refused where it is met.
"""

from __future__ import annotations

import json
import math
import reprlib
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime
from difflib import get_close_matches
from re import ASCII
from re import compile as pattern
from typing import NoReturn

from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_LONG_TEXT

MAX_DIGITS = 300
"""Longest number read: what a double can hold, and short enough to convert at once."""

_SHOWN = 3
"""Values of a key given more than once that a message shows."""
_STAMP = pattern(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?([+-]\d{2}:\d{2})?", ASCII)
_DATE = pattern(r"\d{4}-\d{2}-\d{2}", ASCII)
_TIME_OF_DAY = pattern(r"\d{2}:\d{2}(:\d{2})?", ASCII)


class _Unusable:
    """Stands in the tree for something that Python's parser accepts and JSON or this reader does not."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        self.reason = reason

    def __repr__(self) -> str:
        return self.text


class Node:
    """A value of the file and its place. Asked for a type that it does not have, it raises InvalidValue."""

    def __init__(self, value: object, file: str, parent: Node | None = None, key: str | int = "") -> None:
        self.value = value
        self.file = file
        self._parent = parent
        self._key = key

    @property
    def path(self) -> str:
        """Where the value stands inside the file, such as ``jobs[3].operations[0].minutes``; empty at the top."""
        if self._parent is None:
            return ""
        before = self._parent.path
        if isinstance(self._key, int):
            return f"{before}[{self._key}]"
        key = self._key if self._key.replace("_", "").isalnum() else json.dumps(self._key)
        return f"{before}.{key}" if before else key

    def refuse(self, reason: str, value: object = ...) -> NoReturn:
        """Raise InvalidValue for this place (about ``value`` where it is not the node's own)."""
        if isinstance(self.value, _Unusable):
            reason = self.value.reason
        path = self.path
        raise InvalidValue(f"{self.file}: {path}" if path else self.file, self.value if value is ... else value, reason)

    def child(self, key: str | int, value: object) -> Node:
        """The node of a value inside this one."""
        return Node(value, self.file, self, key)

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> Fields:
        """The node as an object with these keys and no other."""
        if not isinstance(self.value, dict):
            self.refuse("is not an object in {}")
        for key in self.value:
            if key not in required and key not in optional:
                known = [*required, *optional]
                meant = get_close_matches(key, known, 1)
                hint = f"did you mean {meant[0]!r}?" if meant else f"the keys here are {', '.join(known)}"
                self.child(key, self.value[key]).refuse(f"stands under the unknown key {key!r}: {hint}")
        for key in required:
            if key not in self.value:
                self.refuse(f"lacks the key {key!r}")
        return Fields(self, self.value)

    def entries(self) -> Iterator[tuple[str, Node]]:
        """The node as an object with any keys."""
        if not isinstance(self.value, dict):
            self.refuse("is not an object in {}")
        return ((k, self.child(k, v)) for k, v in self.value.items())

    def items(self) -> Iterator[Node]:
        """The node as a list."""
        if not isinstance(self.value, list):
            self.refuse("is not a list in []")
        return (self.child(i, v) for i, v in enumerate(self.value))

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.refuse("is not a text in quotes")
        if len(self.value) > MAX_LONG_TEXT:
            self.refuse(f"is longer than the limit of {MAX_LONG_TEXT} characters")
        try:
            self.value.encode()
        except UnicodeEncodeError:
            self.refuse("holds half a character (a lone surrogate), which is no Unicode text")
        return self.value

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.refuse("is not a whole number")
        return self.value

    def number(self) -> int | float:
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            self.refuse("is not a number")
        if not math.isfinite(self.value):
            self.refuse("is not a finite number")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.refuse("is neither true nor false")
        return self.value

    def wholes(self) -> tuple[int, ...]:
        """The node as a list of whole numbers."""
        return tuple(n.whole() for n in self.items())

    def stamp(self) -> datetime:
        """The node as a time stamp in whole minutes: naive, or with an offset from UTC."""
        text = self.text()
        if not _STAMP.fullmatch(text):
            self.refuse("is not a time stamp like 2025-07-21T06:30 or 2026-10-25T02:30+01:00")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            self.refuse(f"is no time that exists: {error}")
        if moment.second:
            self.refuse("has seconds, and times are whole minutes")
        return moment

    def day(self) -> date:
        """The node as a date."""
        text = self.text()
        if not _DATE.fullmatch(text):
            self.refuse("is not a date like 2025-08-31")
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            self.refuse(f"is no date that exists: {error}")

    def time_of_day(self) -> int:
        """The node as a time of day: minutes after midnight, 00:00 to 24:00."""
        text = self.text()
        if not _TIME_OF_DAY.fullmatch(text):
            self.refuse("is not a time of day like 06:30")
        hours, minutes, *seconds = (int(part) for part in text.split(":"))
        if seconds and seconds[0]:
            self.refuse("has seconds, and times are whole minutes")
        if minutes > 59 or hours * 60 + minutes > 24 * 60:
            self.refuse("is not between 00:00 and 24:00")
        return hours * 60 + minutes


class Fields:
    """An object's values by key."""

    def __init__(self, node: Node, values: dict[str, object]) -> None:
        self.node = node
        self._values = values

    def __getitem__(self, key: str) -> Node:
        return self.node.child(key, self._values[key])

    def given(self, key: str) -> Node | None:
        """The value of a key that may be left out, or None."""
        return self[key] if key in self._values else None

    def maybe(self, key: str) -> Node | None:
        """The value of a key that may be left out or null, or None."""
        return self[key] if self._values.get(key) is not None else None

    def items(self, key: str) -> Iterator[Node]:
        """The items of a list that may be left out."""
        return self[key].items() if key in self._values else iter(())

    def wholes(self, key: str) -> tuple[int, ...]:
        """The whole numbers of a list that may be left out."""
        return self[key].wholes() if key in self._values else ()

    def text(self, key: str) -> str:
        """A text that may be left out: then empty."""
        return self[key].text() if key in self._values else ""

    def flag(self, key: str) -> bool:
        """A truth value that may be left out: then false."""
        return self[key].flag() if key in self._values else False


def parse(content: str | bytes, file: str) -> Node:
    """The top of the file's tree. ``file`` is what messages call it. Raises InvalidValue for what is not UTF-8 JSON."""
    text = _decoded(content, file).removeprefix("\ufeff")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=lambda name: _Unusable(name, "is no number that JSON knows"),
            parse_int=_whole,
            parse_float=_fraction,
        )
    except json.JSONDecodeError as error:
        near = text[max(0, error.pos - 20) : error.pos + 20]
        raise InvalidValue(f"{file}: line {error.lineno} column {error.colno}", near, f"is not JSON: {error.msg}") from None
    except RecursionError:
        raise InvalidValue(file, text[:40], "is nested too deeply") from None
    return Node(value, file)


def _decoded(content: str | bytes, file: str) -> str:
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        around = content[max(0, error.start - 20) : error.end + 20]
        raise InvalidValue(f"{file}: byte {error.start}", around, f"is not UTF-8: {error.reason}") from None


def _unique_keys(pairs: list[tuple[str, object]]) -> object:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    count = Counter(k for k, _ in pairs)
    twice = next(k for k, _ in pairs if count[k] > 1)
    given = [v for k, v in pairs if k == twice]
    some = ", ".join(f"{twice!r}: {reprlib.repr(v)}" for v in given[:_SHOWN])
    return _Unusable("{" + some + "}", f"has the key {twice!r} more than once")


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= MAX_DIGITS else _too_long(digits)


def _fraction(digits: str) -> object:
    return float(digits) if len(digits) <= MAX_DIGITS else _too_long(digits)


def _too_long(digits: str) -> _Unusable:
    return _Unusable(digits[:20] + "…", f"has more than {MAX_DIGITS} digits")
