"""Numbers and moments are written by formatting.py and nowhere else, so that they look alike on every page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.i18n.local_formats import date_field, number_text, zone_text
from scheduler_core.i18n.translate import speaking, tn
from tests.support.paths import ROOT

BOARD = ROOT / "dashboard"
MAY_FORMAT = {"presentation/formatting.py", "gantt/surfaces.py"}
"""The one place of formats, and the coordinates of a drawing."""
DATE_FIELDS = {"date_input", "datetime_input"}
WRITES_MOMENTS = {"strftime", "ctime", "isoformat"}
FOR_MACHINES = {("presentation/dispatch_rows.py", "isoformat"), ("gantt/payload.py", "isoformat")}
"""A page's address and the drawing's data, which no reader sees."""
RAW_SPEC = re.compile(r"[,%+]|[.0-9][fge]$")
RAW_HOVER = re.compile(r"%\{[xyz]:(?!,)")
"""Plotly sets thousands apart only where it is told to."""
BROWSERS_OWN = re.compile(r"toLocale\w*\(|Intl\.|type: \"(?:date|time|datetime-local|month)\"")


def raw_formats(name: str, source: str) -> list[str]:
    """What writes a number or a moment by itself in a file of the board: line and reason."""
    tree = ast.parse(source)
    return [f"{name}:{line} {why}" for line, why in (*_fields(tree), *_moments(name, tree), *_numbers(name, tree))]


def _fields(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in DATE_FIELDS:
            continue
        if not any(k.arg == "format" for k in node.keywords):
            yield node.lineno, f"{node.func.attr} without format"


def _moments(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WRITES_MOMENTS and (name, node.attr) not in FOR_MACHINES:
            yield node.lineno, node.attr


def _numbers(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None and name not in MAY_FORMAT:
            spec = ast.unparse(node.format_spec)[2:-1]
            if RAW_SPEC.search(spec):
                yield node.lineno, f"format {spec}"
        if isinstance(node, ast.keyword) and node.arg in ("hovertemplate", "texttemplate", "n"):
            for part in ast.walk(node.value):
                text = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
                if found := RAW_HOVER.search(text):
                    yield node.value.lineno, f"hover {found[0]}"


def test_only_formatting_writes_numbers_and_moments() -> None:
    files = sorted(BOARD.rglob("*.py"))
    assert len(files) > 50
    found = [x for f in files for x in raw_formats(f.relative_to(BOARD).as_posix(), f.read_text("utf-8"))]
    assert found == []


def test_no_script_lets_the_browser_write_dates_or_numbers() -> None:
    scripts = sorted(BOARD.rglob("*.js"))
    assert len(scripts) > 10
    assert [str(f) for f in scripts if BROWSERS_OWN.search(f.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "source",
    ['st.date_input("Day", today)', "cell.datetime_input(label, at, step=900)", 'at.strftime("%H:%M")', "day.isoformat()",
     'f"{at:%H:%M}"', 'f"{n:,}"', 'f"{share:.1f}"', 'f"{ratio:+}"', 'go.Bar(hovertemplate="%{y:.4g}")',
     't("{n} h", n="%{x:.0f}")'],
)  # fmt: skip
def test_the_scan_finds_each_kind(source: str) -> None:
    assert len(raw_formats("views/page.py", source)) == 1


@pytest.mark.parametrize(
    "source",
    ['st.date_input("Day", today, format=date_field())', 'f"{name}: {words}"', 'f"{row:02d}"', 'f"{key:<8}"',
     'go.Bar(hovertemplate="%{y:,.1f} %{customdata[0]}")'],
)  # fmt: skip
def test_the_scan_lets_the_rest_be(source: str) -> None:
    assert raw_formats("views/page.py", source) == []


@pytest.mark.parametrize(
    ("spoken", "thousands", "amount", "field"),
    [("en", "−1\u202f000.5", "1\u202f000 jobs", "DD/MM/YYYY"), ("ms", "−1,000.5", "1,000 kerja", "DD/MM/YYYY"),
     ("zh_CN", "−1,000.5", "1,000 个订单", "YYYY-MM-DD")],
)  # fmt: skip
def test_each_language_has_one_way(spoken: str, thousands: str, amount: str, field: str) -> None:
    with speaking(spoken):
        assert number_text(-1000.5) == thousands
        assert tn("{n} job", "{n} jobs", 1000) == amount
        assert date_field() == field


def test_what_is_cut_to_nothing_has_no_sign() -> None:
    assert number_text(-0.04) == "0.0"


def test_a_time_zone_is_named_by_its_city() -> None:
    assert zone_text("Asia/Kuala_Lumpur") == "Kuala Lumpur time"
    assert Path(BOARD, "gantt", "payload.py").read_text("utf-8").count("zone_text(plant.timezone)") == 1
