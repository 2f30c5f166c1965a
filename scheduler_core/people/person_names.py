"""People's names: the one rule for every name, wherever it comes from, and whether two names may be one person's.

A name may be typed, claimed by a token or a header, granted a role, or propose a release: ``person_named`` decides for all
of them. Names that were stored before the rule was as strict are read as they are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from scheduler_core.errors import InvalidValue

MAX_PERSON: Final = 128
"""Characters of a person's name."""
MOST_MARKS: Final = 4
"""Marks in a row on one letter (Unicode Technical Standard #39, section 5.4)."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""Signs without a width of their own that change how the letters beside them are written, in Persian or Sinhala names."""
_ACUTE, _APOSTROPHE = "\u00b4", "\u2019"
"""Many keyboards have a key with the accent that is taken for an apostrophe (D´Angelo). NFKC would make a blank of it, with
a mark that stands on no letter."""
_NEVER_DRAWN: Final = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0), (0x13441, 0x13442), (0x16FE4, 0x16FE4), (0xE0100, 0xE01EF),
)  # fmt: skip
"""Letters and marks without a picture: those with Unicode's property Default_Ignorable_Code_Point, and three blanks."""
_TOGETHER: Final = tuple(
    frozenset(scripts.split())
    for scripts in ("LATIN HAN HIRAGANA KATAKANA", "LATIN HAN BOPOMOFO", "LATIN HAN HANGUL")
)  # fmt: skip
"""Scripts of which several may stand in one word ("highly restrictive" in Unicode Technical Standard #39)."""


def person_named(text: str, where: str = "person") -> str:
    """A person's name as the tables hold it: Unicode's form NFKC, one plain blank between words, none around them, an e-mail
    address in small letters.

    Raises InvalidValue for a name that is empty, has no letter or digit, is longer than ``MAX_PERSON`` characters, or holds
    a sign that is no visible part of a name: anything but letters, their marks, digits, punctuation, blanks and the symbols
    of ASCII; a letter or mark that is never drawn; a mark without its letter; a joiner where the script needs none; letters
    of two scripts in one word.
    """
    name = _composed(text).strip()
    if "@" in name:
        name = _composed(name.lower())
    name = " ".join(part for part in name.split(" ") if part)
    if not name:
        raise InvalidValue(where, text, "is empty")
    if len(name) > MAX_PERSON:
        raise InvalidValue(where, text, f"is longer than {MAX_PERSON} characters")
    for fault in (*_signs_at_fault(name), *_marks_at_fault(unicodedata.normalize("NFD", name))):
        raise InvalidValue(where, text, f"holds {fault}")
    if not any(_is_word(sign) for sign in name):
        raise InvalidValue(where, text, "must have a letter or a digit")
    for word in _words(name):
        _refuse_mixed_scripts(word, where, text)
    return name


def same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's, so that they do not count as two where a release needs two.

    They may if they differ only in letter case, width, blanks and signs that are not seen, or if they look alike: as they
    are written, or, whatever their case, with each letter that looks like one of ASCII taken for that one.
    """
    return any(a == b for a, b in zip(_seen_as(one), _seen_as(other), strict=True))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text.replace(_ACUTE, _APOSTROPHE))


def _told(sign: str) -> str:
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".rstrip()


def _signs_at_fault(name: str) -> Iterator[str]:
    """Each sign that cannot stand in a name, with the reason."""
    for position, sign in enumerate(name):
        if sign in _JOINERS:
            if not _joins(name, position):
                yield f"{_told(sign)}, which cannot be seen there"
        elif _is_invisible(sign):
            yield f"{_told(sign)}, which cannot be seen"
        elif not (sign == " " or _is_word(sign) or _is_mark(sign) or _is_punctuation(sign)):
            yield f"{_told(sign)}, which is no letter, digit or punctuation"


def _marks_at_fault(name: str) -> Iterator[str]:
    """Each mark that adds nothing to be seen, with the reason; ``name`` has each mark apart from its letter (form NFD)."""
    before, in_a_row = " ", 0
    for sign in name:
        in_a_row = in_a_row + 1 if unicodedata.category(sign) == "Mn" else 0
        if _is_mark(sign) and not (_is_word(before) or _is_mark(before) or before in _JOINERS):
            yield f"{_told(sign)}, which stands on no letter"
        if in_a_row and sign == before:
            yield f"{_told(sign)} twice on one letter"
        if in_a_row > MOST_MARKS:
            yield f"more than {MOST_MARKS} marks on one letter"
        before = sign


def _joins(name: str, position: int) -> bool:
    """Whether the script of the letters beside a joiner needs it (RFC 5892, appendix A.1 and A.2)."""
    import idna  # reads its tables, which few names need

    try:
        return idna.valid_contextj(name, position)
    except ValueError:
        return False


def _is_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LN"


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Mc")


def _is_punctuation(sign: str) -> bool:
    """True also for the symbols of ASCII, which e-mail addresses and names of accounts have."""
    category = unicodedata.category(sign)
    return category[0] == "P" or (category[0] == "S" and sign.isascii())


def _is_invisible(sign: str) -> bool:
    """True for a sign without a picture, the plain blank apart: controls, format characters, separators, code points that
    are private or not assigned, and letters and marks that are never drawn."""
    if sign == " ":
        return False
    return unicodedata.category(sign)[0] in "CZ" or any(first <= ord(sign) <= last for first, last in _NEVER_DRAWN)


def _words(name: str) -> Iterator[str]:
    """The runs of letters, digits and their marks."""
    word = ""
    for sign in name:
        if _is_word(sign) or sign in _JOINERS or _is_mark(sign):
            word += sign
        elif word:
            yield word
            word = ""
    if word:
        yield word


def _refuse_mixed_scripts(word: str, where: str, text: str) -> None:
    """A letter of another script within a word passes for one of its own."""
    if word.isascii():
        return
    from confusable_homoglyphs import categories  # reads its tables, which most names do not need

    scripts = {categories.alias(sign) for sign in word} - {"COMMON", "INHERITED"}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        named = " and ".join(sorted(script.capitalize() for script in scripts))
        raise InvalidValue(where, text, f"mixes letters of {named} in one word")


def _seen_as(name: str) -> tuple[str, str, str]:
    """How a name may be taken: in any letter case; in any case with the look-alikes of ASCII's letters as these; as it is
    written, with one letter for all that look like it."""
    from scheduler_core.people.look_alikes import as_ascii, as_seen

    plain = "".join(sign for sign in _composed(name) if sign != " " and not _is_invisible(sign))
    return _composed(plain.casefold()), _composed(as_ascii(plain).casefold()), as_seen(plain)
