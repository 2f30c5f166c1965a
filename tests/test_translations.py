"""Every text is in every catalogue, translated, with the same placeholders; and no page shows a text past the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from dashboard.gantt import texts
from scheduler_core.errors import InvalidValue
from scheduler_core.i18n import local_formats, time_wording, translate
from scheduler_core.i18n.translate import ENGLISH, LANGUAGES, speaking, t, tn
from tests.support.paths import ROOT

UPDATE = "run `make texts`, then translate what is empty in scheduler_core/i18n/translations (docs/translating.md)"
TRANSLATED = [name for name in LANGUAGES if name != ENGLISH]
CALLS = {"t": 1, "mark": 1, "tn": 2, "tp": 2}
"""Functions whose first so many arguments are texts, or for ``tp`` a context and a text."""
SHOWN = frozenset({
    "title", "header", "subheader", "text", "caption", "info", "success", "warning", "error", "toast", "markdown", "metric",
    "button", "download_button", "selectbox", "multiselect", "text_input", "text_area", "number_input", "toggle", "checkbox",
    "segmented_control", "radio", "expander", "popover", "file_uploader", "time_input", "datetime_input", "badge",
})  # fmt: skip
"""Streamlit's functions whose first argument a reader sees."""
SHOWN_AT = {
    "trend_chart": (1, 2), "search_chart": (1,), "figures_chart": (1,), "Figure": (0, 3), "Table": (0,), "setTitle": (0,),
    "NotSignedIn": (0,), "TextColumn": (0,), "NumberColumn": (0,),
}  # fmt: skip
"""Functions of which a reader sees the arguments at these places."""
SEEN_KEYWORDS = ("help", "placeholder", "label", "delta_description", "annotation_text", "instead")
SAYS_ENGLISH = frozenset({"InvalidValue", "debug", "exception", "log"})
"""What these are given stays English: messages of errors and lines of the log (docs/translating.md)."""
NAMES = frozenset({"XLSX", "SVG", "PDF", "Shopwright", "SHA-256"})
"""The same in every language."""
UNSEEN = frozenset({"fix", "activate", "keep", "promote", "scenario", "x unified", "top left"})
"""What identities of questions and dialogs begin with, and words of the drawing library."""
_MARKUP = re.compile(r"<[^>]*>|%{[^}]*}|{\w+}|:material/\w+:")
Key = tuple[str | None, str, str | None]


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for package in ("dashboard", "scheduler_core"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return (
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
    )


@cache
def said() -> frozenset[Key]:
    """(context, text, plural) of every call in the product, and every text of the canvas."""
    found: set[Key] = {(None, text, None) for text in texts.said()}
    for path, tree in trees():
        if path.name in ("translate.py",):
            tree = ast.Module(body=[n for n in tree.body if path.parent.name == "dashboard"], type_ignores=[])
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                name = node.func.id
                given = [
                    a.value for a in node.args[: CALLS[name]] if isinstance(a, ast.Constant) and isinstance(a.value, str)
                ]
                if len(given) == CALLS[name]:
                    context, text = (given[0], given[1]) if name == "tp" else (None, given[0])
                    if text:
                        found.add((context, text, given[1] if name == "tn" else None))
                else:
                    assert name == "t", f"{path}, line {node.lineno}: {name} needs its texts written out"
    return frozenset(found)


def catalogue(name: str) -> Catalog:
    with (translate.FOLDER / f"{name}.po").open("rb") as file:
        return read_po(file, locale=name)


def holes(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_text_is_translated(name: str) -> None:
    known = catalogue(name)
    missing = []
    for context, text, _ in sorted(said(), key=str):
        message = known.get(text, context)
        strings = [] if message is None else [message.string] if isinstance(message.string, str) else list(message.string)
        if message is None or message.fuzzy or not strings or not all(strings):
            missing.append(text)
    assert not missing, f"{name}: {len(missing)} texts have no translation: {missing[:10]}; {UPDATE}"


@pytest.mark.parametrize("name", TRANSLATED)
def test_placeholders_are_the_same(name: str) -> None:
    for message in catalogue(name):
        if not message.id or message.context == "canvas date":
            continue
        wanted = holes(message.id if isinstance(message.id, str) else message.id[1])
        for string in (message.string,) if isinstance(message.string, str) else message.string:
            assert not string or holes(string) == wanted, f"{name}: {message.id!r} became {string!r}"


def test_no_page_shows_a_text_past_the_catalogues() -> None:
    """What a reader sees is wrapped in t(...), as one message per sentence."""
    found = [
        f"{path.relative_to(ROOT)}, line {one.lineno}: {ast.unparse(one)}"
        for path, tree in trees()
        if "dashboard" in path.parts
        for one in past_the_catalogues(tree)
    ]
    assert not found, "wrap in t(...): " + "; ".join(found)


def test_no_sentence_is_glued_from_texts() -> None:
    """Another language may need another order: one message with named values for each sentence."""
    found = [
        f"{path.relative_to(ROOT)}, line {one.lineno}: {ast.unparse(one)}" for path, tree in trees() for one in glued(tree)
    ]
    assert not found, "make it one text with named values: " + "; ".join(found)


def test_no_style_says_anything() -> None:
    """A style sheet knows no language: Python writes the words that it is to show."""
    for path in sorted((ROOT / "dashboard").rglob("*.css")):
        for said_there in re.findall(r"content:([^;}]*)", path.read_text(encoding="utf-8")):
            words = re.findall(r"""["']([^"']*)["']""", said_there)
            assert not any(re.search("[A-Za-z]", word) for word in words), f"{path.name}: {said_there.strip()}"


def test_no_script_says_anything_past_the_catalogues() -> None:
    shown = re.compile(r"""(?:textContent|innerText|innerHTML|title|placeholder|ariaLabel)\s*=\s*["'`]\s*[A-Za-z]""")
    for path in sorted((ROOT / "dashboard").rglob("*.js")):
        assert not shown.search(path.read_text(encoding="utf-8")), f"{path.name}: take the text from tr(...)"


def past_the_catalogues(tree: ast.Module) -> list[ast.expr]:
    """Literals that a reader sees or that read like a sentence, and that no catalogue knows."""
    seen: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node)
            places = SHOWN_AT.get(name, (0,) if name in SHOWN else ())
            seen += [node.args[k] for k in places if k < len(node.args)]
            seen += [k.value for k in node.keywords if k.arg in SEEN_KEYWORDS]
            if name == "DataFrame":
                seen += _column_names(node)
        elif isinstance(node, ast.IfExp) and any(called(branch) in CALLS for branch in (node.body, node.orelse)):
            seen += [node.body, node.orelse]
        elif isinstance(node, ast.Tuple | ast.List):
            seen += _beside_texts(node)
    found = [bare for one in seen for bare in _bare(one)]
    known = {id(inner) for one in found for inner in ast.walk(one)}
    found += [one for one in _sentences(tree) if id(one) not in known]
    return found


def glued(tree: ast.Module) -> list[ast.expr]:
    """Sums in which a text stands right beside another text or beside words, and texts that were made to be appended."""
    found: list[ast.expr] = []
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and id(node) not in inner:
            inner |= {id(one) for one in ast.walk(node) if isinstance(one, ast.BinOp)}
            parts = _summands(node)
            pairs = list(pairwise(parts))
            beside = [b for a, b in pairs if _is_text(a)] + [a for a, b in pairs if _is_text(b)]
            if any(_is_text(one) or _has_values(one) or list(_bare(one)) for one in beside):
                found.append(node)
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and list(_bare(node.value)):
            found.append(node.value)
    return found


def _summands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_summands(node.left), *_summands(node.right)]
    return [node]


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    return called(node) in CALLS


def _has_values(node: ast.expr) -> bool:
    """An f-string with values: what it shows stands beside the text, where one message would name the value."""
    if isinstance(node, ast.IfExp):
        return _has_values(node.body) or _has_values(node.orelse)
    return isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in node.values)


def _bare(node: ast.expr) -> Iterator[ast.expr]:
    """The literals with a word among what an expression can be."""
    if isinstance(node, ast.IfExp):
        yield from (*_bare(node.body), *_bare(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (bare for one in node.values for bare in _bare(one))
    elif isinstance(node, ast.BinOp):
        yield from (bare for one in _summands(node) if one is not node for bare in _bare(one))
    elif isinstance(node, ast.Constant | ast.JoinedStr) and any(_has_word(part) for part in _literals(node)):
        yield node


def _literals(node: ast.expr) -> list[str]:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def _has_word(literal: str) -> bool:
    plain = _MARKUP.sub("", literal)
    return plain.strip() not in NAMES and re.search(r"[A-Za-z]{2,}", plain) is not None


def _column_names(made: ast.Call) -> list[ast.expr]:
    """The keys of the dictionaries that a table is made of, and its ``columns``."""
    tables = [a.elt if isinstance(a, ast.ListComp) else a for a in made.args]
    tables = [one for a in tables for one in (a.elts if isinstance(a, ast.List) else [a])]
    keys = [key for one in tables if isinstance(one, ast.Dict) for key in one.keys if key is not None]
    listed = [k.value for k in made.keywords if k.arg == "columns" and isinstance(k.value, ast.List)]
    return [*keys, *(one for names in listed if isinstance(names, ast.List) for one in names.elts)]


def _beside_texts(rows: ast.Tuple | ast.List) -> list[ast.expr]:
    """Of a table of rows, what stands in a column in which another row has a text or words that a function makes."""
    widths = {len(row.elts) if isinstance(row, ast.Tuple) else 0 for row in rows.elts}
    if len(widths) != 1 or widths == {0}:
        return []
    columns = zip(*(row.elts for row in rows.elts if isinstance(row, ast.Tuple)), strict=True)
    return [
        one
        for column in columns
        if any(called(cell) in CALLS or called(cell).endswith("_words") for cell in column)
        for one in column
    ]


def _sentences(tree: ast.Module) -> Iterator[ast.expr]:
    """Literals with a word and a blank beside it, wherever they stand; errors and the log stay English."""
    exempt: set[int] = set()
    inside_strings: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            exempt |= {
                id(line.value) for line in body if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
            }
        if isinstance(node, ast.JoinedStr):
            inside_strings |= {id(part) for part in node.values}
        own = isinstance(node, ast.Call) and (called(node) in CALLS or called(node) in SAYS_ENGLISH)
        error = isinstance(node, ast.Raise) and node.exc is not None and called(node.exc) != "NotSignedIn"
        if own or error:
            exempt |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant | ast.JoinedStr) or id(node) in exempt or id(node) in inside_strings:
            continue
        if _reads_like_a_text(node):
            yield node


def _reads_like_a_text(node: ast.expr) -> bool:
    parts = [_MARKUP.sub("", literal) for literal in _literals(node)]
    if any(re.search(r"[\[\]{}\\|=_#<>/;@]", plain) for plain in parts):
        return False  # a style, an address or a pattern
    return any(
        plain.strip() not in NAMES | UNSEEN
        and re.search(r"(?:^|[\s(·])[A-Za-z]{2,}[,.:;)?!…]?\s|\s[(·]?[A-Za-z]{2,}(?:$|[\s,.:;)?!…])", plain)
        for plain in parts
    )


@pytest.mark.parametrize(
    "line",
    [
        'foot = f"Page {number} of {pages}"',
        'pen.text(f"Page {number}", 1, 2)',
        'canvas.setTitle("Dispatch")',
        'make(f"Dispatch {shift}", foot)',
        'names[key] += " · what-if"',
        'title = t("Late orders ({late})", late=3) + f" · {shift}"',
        'words = t("{down} down", down=n) + (f" ({names})" if names else "")',
        'words = t("Setup first") + (t(", for family {family}", family=f) if f else "")',
        'share = f"{ratio:+.1f}" + t(" %")',
        'trend_chart(points, "release", t("days"))',
        'trend_chart(points, t("release"), "hours")',
        'for cell, unit in ((left, value_words(aim)), (right, "seconds")): pass',
        'column = st.column_config.TextColumn(width=28, help="important")',
        'st.text("late" if late else t("on time"))',
        'st.text(name or "nobody")',
        'label = t("Late") if late else "early"',
        'frame = pd.DataFrame({"Plan": plans})',
        'frame = pd.DataFrame([{"Plan": p} for p in plans])',
        'frame = pd.DataFrame(rows, columns=[t("Card"), "Says"])',
        'raise NotSignedIn(f"The identity provider sent no {claim}.")',
        'seen = {"failure": "the look ended with an error"}',
    ],
)
def test_texts_past_the_catalogues_are_found(line: str) -> None:
    tree = ast.parse(line)
    assert past_the_catalogues(tree) or glued(tree)


@pytest.mark.parametrize(
    "line",
    [
        'foot = t("Page {n} of {pages}", n=1, pages=2)',
        'canvas.setTitle("Shopwright")',
        'hover = "%{x}: " + t("{n} jobs", n="%{y}") + "<extra></extra>"',
        'words = sign + t("{n} h", n=1)',
        'raise InvalidValue(where, text, "is not a whole number")',
        'LOG.exception("the database failed")',
        'st.text_input(t("Name"), key="name_of plan", placeholder=t("any"))',
        'def f():\n    """What a plan is."""',
        'frame = pd.DataFrame({"SHA-256": sums, t("Plan"): plans})',
        'trend_chart(points, t("release"), unit)',
    ],
)
def test_what_the_catalogues_know_is_left_alone(line: str) -> None:
    tree = ast.parse(line)
    assert [ast.unparse(one) for one in (*past_the_catalogues(tree), *glued(tree))] == []


def test_no_text_is_put_together_inside_the_call() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args:
                assert not isinstance(node.args[0], ast.JoinedStr), f"{path}, line {node.lineno}: name the values instead"


def test_the_walk_sees_what_is_there() -> None:
    assert len(said()) > 500
    assert (None, "Late jobs", None) in said()
    assert "Find job, part, machine, work centre" in texts.said()


# ---------------------------------------------------------------- speaking
def test_a_thread_speaks_its_own_language() -> None:
    heard: list[str] = []
    with speaking("ms"):
        other = Thread(target=lambda: heard.append(t("Late jobs")))
        other.start()
        other.join()
        assert t("Late jobs") == "Kerja lewat"
    assert heard == ["Late jobs"]
    assert t("Late jobs") == "Late jobs"


def test_later_work_keeps_the_language_of_its_beginning() -> None:
    with speaking("zh_CN"):
        later = translate.kept(lambda: t("Late jobs"))
    assert later() == "延误订单"


def test_english_counts_and_fills_in() -> None:
    assert tn("{n} job", "{n} jobs", 1) == "1 job"
    assert tn("{n} job", "{n} jobs", 0) == "0 jobs"
    assert t("Version {number}", number=3) == "Version 3"


def test_values_are_not_read_as_texts() -> None:
    assert t("Comment: {comment}", comment="{number} %s") == "Comment: {number} %s"


@pytest.mark.parametrize(
    ("tag", "name"),
    [("en-GB", "en"), ("ms-MY", "ms"), ("zh-Hans-MY", "zh_CN"), ("zh_CN", "zh_CN"), ("fr", None), ("", None), (None, None)],
)
def test_a_browsers_tag_finds_the_language(tag: str | None, name: str | None) -> None:
    assert translate.best_match(tag) == name


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InvalidValue, match="language"):
        translate.use("xx")


MOMENT = datetime(2026, 11, 24, 6, 5)


@pytest.mark.parametrize(
    ("name", "stamp", "number", "percent", "late"),
    [
        ("en", "Tue 24 Nov 06:05", "12\u202f345.6", "50 %", "+2 d 3 h"),
        ("ms", "Sel 24 Nov 06:05", "12,345.6", "50%", "+2 hari 3 jam"),
        ("zh_CN", "11月24日 周二 06:05", "12,345.6", "50%", "+2 天 3 小时"),
    ],
)
def test_dates_and_numbers(name: str, stamp: str, number: str, percent: str, late: str) -> None:
    with speaking(name):
        assert time_wording.stamp(MOMENT) == stamp
        assert local_formats.number_text(12345.6) == number
        assert local_formats.percent_text(0.5) == percent
        assert time_wording.signed_days(2 * 1440 + 3 * 60) == late
