"""Every text is in every catalogue, translated, with the same placeholders; and no page shows a text past the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
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
SEEN_KEYWORDS = ("help", "placeholder", "label")
NAMES = frozenset({"XLSX", "SVG", "PDF", "Shopwright"})
"""The same in every language."""
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
    """A literal with a word in it, given to a function that shows it, is wrapped in t(...)."""
    strays = []
    for path, tree in trees():
        if "dashboard" not in path.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in SHOWN:
                seen = [*node.args[:1], *(k.value for k in node.keywords if k.arg in SEEN_KEYWORDS)]
                strays += [f"{path.name}, line {one.lineno}: {ast.unparse(one)}" for one in seen if _is_bare(one)]
    assert not strays, "wrap in t(...): " + "; ".join(strays)


def _is_bare(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value not in NAMES and re.search(r"[A-Za-z]{2,}", node.value) is not None
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(v, ast.Constant) and re.search(r"[A-Za-z]{2,}", str(v.value)) for v in node.values)
    return False


def test_no_text_is_put_together_inside_the_call() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args:
                assert not isinstance(node.args[0], ast.JoinedStr), f"{path}, line {node.lineno}: name the values instead"


def test_the_walk_sees_what_is_there() -> None:
    assert len(said()) > 500
    assert (None, "Late jobs", None) in said()
    assert "Find job, part or machine" in texts.said()


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
