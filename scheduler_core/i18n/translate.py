"""The words of the product in the reader's language: gettext catalogues, and which of them this thread speaks.

English is the language of the source: a text is its own key, and what no catalogue knows is said in English. Files, logs and
the command line stay English, because nothing there chooses a language. How to translate: docs/translating.md.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from io import BytesIO
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_group_symbol

from scheduler_core.errors import InvalidValue

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = {ENGLISH: "English", "ms": "Bahasa Melayu", "zh_CN": "简体中文"}
"""The languages shipped, each by its own name."""
THIN_SPACE: Final = "\u202f"
FOLDER: Final = Path(__file__).parent / "translations"
"""One catalogue per language, ``ms.po``; English needs none."""

_P = ParamSpec("_P")
_R = TypeVar("_R")

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_asked: list[Callable[[], str]] = []


def language() -> str:
    """What this thread speaks: what it chose (``use``), else what the one who is asked says (``ask``), else English."""
    chosen = _spoken.get()
    if chosen is not None:
        return chosen
    return _asked[-1]() if _asked else ENGLISH


def use(chosen: str) -> None:
    """Speak this language in this thread from now on; no other thread hears of it. Raises InvalidValue."""
    _spoken.set(_known(chosen))


def ask(whom: Callable[[], str]) -> None:
    """Let threads that chose nothing ask this function, as parts of a page are drawn anew by threads of their own."""
    _asked[:] = [whom]


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Speak a language for the length of a block. Raises InvalidValue."""
    token = _spoken.set(_known(chosen))
    try:
        yield
    finally:
        _spoken.reset(token)


def kept(make: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function, speaking what is spoken now wherever it is called later: for work that another thread does."""
    now = language()

    @wraps(make)
    def later(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with speaking(now):
            return make(*args, **kwargs)

    return later


def best_match(wanted: str | None) -> str | None:
    """The language shipped that suits a browser's tag such as ``zh-Hans-MY`` or ``ms_MY``; None if none does."""
    if not wanted:
        return None
    tag = wanted.replace("-", "_").lower()
    exact = next((name for name in LANGUAGES if name.lower() == tag), None)
    return exact or next((name for name in LANGUAGES if name.split("_")[0].lower() == tag.split("_")[0]), None)


# ---------------------------------------------------------------- texts
def t(message: str, **values: object) -> str:
    """A text in the reader's language, its ``{names}`` filled in. ``message`` is written out where it is called, or was
    given to ``mark``: only so it gets into the catalogues."""
    said = _catalogue(language()).gettext(message) if message else ""
    return said.format(**values) if values else said


def tn(one: str, many: str, n: int, **values: object) -> str:
    """A text with an amount, in the form that the language has for so many; ``{n}`` is the amount, its thousands set
    apart."""
    spoken = language()
    return _catalogue(spoken).ngettext(one, many, n).format(n=f"{n:,}".replace(",", group_sign(spoken)), **values)


@cache
def group_sign(spoken: str) -> str:
    """What stands between thousands in a language."""
    return THIN_SPACE if spoken == ENGLISH else get_group_symbol(Locale.parse(spoken))


def tp(context: str, message: str, **values: object) -> str:
    """A text that means different things in different places: ``context`` tells the translator which."""
    said = _catalogue(language()).pgettext(context, message)
    return said.format(**values) if values else said


def mark(message: str) -> str:
    """The text itself, for the catalogues: for words that stand in a table when the program starts and go to ``t`` later."""
    return message


@cache
def _catalogue(name: str) -> gettext.NullTranslations:
    """A language's texts, compiled in memory: what stands in the .po file is what is said, with no step between."""
    if name == ENGLISH:
        return gettext.NullTranslations()
    with (FOLDER / f"{name}.po").open("rb") as file:
        texts = read_po(file, locale=name)
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _known(chosen: str) -> str:
    if chosen not in LANGUAGES:
        raise InvalidValue("language", chosen, f"must be one of {', '.join(LANGUAGES)}")
    return chosen
