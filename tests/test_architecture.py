"""docs/architecture.md names what exists, and its table of rules is complete."""

from __future__ import annotations

import ast
import re

import pytest

from scheduler_core.judge.validator import Rule
from tests.support.paths import ROOT

DOCUMENT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
MENTION = re.compile(r"\b[Rr]ules?\s+([1-9]\d?(?:,\s+[1-9]\d?)*(?:\s+and\s+[1-9]\d?)?)(?![\d%]|\.\d|\s+to\s)")
"""How code says that it states a rule of docs/formats.md: "Rule 5", "rules 7 and 8"."""
STATING_ROOMS = ("judge", "simulator", "engines", "bounds", "causes", "floor", "scenarios")
FIELDS = {Rule.SETUP: {"setup_matrix", "initial_family"}, Rule.RELEASE: {"release"}}
"""Fields of the plant that nobody reads but to state a rule, or to look at it without stating it (``READERS``)."""
READERS = {
    Rule.SETUP: frozenset({"floor/snapshot.py"}),
    Rule.RELEASE: frozenset({
        "engines/exact/common_time.py", "engines/rolling.py", "causes/cause_wording.py", "causes/lead_time.py",
        "floor/events.py", "floor/real_plant.py", "floor/snapshot.py", "scenarios/assumed.py", "scenarios/change_wording.py",
        "scenarios/changes.py", "scenarios/changes_file.py", "scenarios/floor_reports.py",
        "scenarios/order_changes.py",
    }),
}  # fmt: skip


def stated_in_code() -> dict[Rule, set[str]]:
    """The files below scheduler_core that mention each rule."""
    found: dict[Rule, set[str]] = {rule: set() for rule in Rule}
    for path in sorted((ROOT / "scheduler_core").rglob("*.py")):
        for mention in MENTION.findall(path.read_text("utf-8")):
            for number in re.findall(r"\d+", mention):
                found[list(Rule)[int(number) - 1]].add(path.relative_to(ROOT / "scheduler_core").as_posix())
    return found


def stated_in_document() -> dict[Rule, set[str]]:
    """The same, as the document's table has it."""
    rows = re.findall(r"^\| (\d+) ([a-z-]+) \| (.*) \|$", DOCUMENT, re.MULTILINE)
    return {Rule(name): set(re.findall(r"`([\w/]+\.py)`", files)) for _, name, files in rows}


def test_every_place_that_states_a_rule_stands_in_the_table() -> None:
    assert stated_in_document() == stated_in_code()


@pytest.mark.parametrize("rule", FIELDS)
def test_whoever_reads_a_rule_s_fields_states_the_rule_or_is_known_not_to(rule: Rule) -> None:
    reading = set()
    for room in STATING_ROOMS:
        for path in (ROOT / "scheduler_core" / room).rglob("*.py"):
            names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
            if names & FIELDS[rule]:
                reading.add(path.relative_to(ROOT / "scheduler_core").as_posix())
    assert reading - stated_in_code()[rule] == READERS[rule]


def test_every_room_stands_in_the_document() -> None:
    rooms = {path.parent for package in ("scheduler_core", "dashboard") for path in (ROOT / package).glob("*/*.py")}
    assert sorted(room.name for room in rooms if f"`{room.name}/`" not in DOCUMENT) == []


def test_every_file_that_the_document_names_exists() -> None:
    bases = [
        ROOT,
        *(p for package in ("scheduler_core", "dashboard") for p in [ROOT / package, *(ROOT / package).rglob("*")]),
    ]
    folders = [base for base in bases if base.is_dir()]
    named = set(re.findall(r"`([\w/]+(?:\.(?:py|js|css|yaml|md)|/))`", DOCUMENT))
    assert len(named) > 60
    assert sorted(name for name in named if not any((folder / name).exists() for folder in folders)) == []
