"""The documents of operators and engineers and the command line's help keep to the plain words of the field."""

from __future__ import annotations

import argparse
import re
from typing import ClassVar

import pytest

from scheduler_core.cli.command_line import COMMANDS
from tests.support.paths import ROOT

PAGES = (
    "another-erp availability comparing databases export formats importing-jobs keys library limits logs-health-metrics "
    "machines-down people releases runbook safety server settings translating workbook"
)
DOCUMENTS = ("SECURITY.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in PAGES.split()))
RIDDLES = re.compile(
    r"\b(anew|none any ?more|whoever|stands? elsewhere|dear(?:er|est)|mended|what is (?:gone|new|empty|there|left)|taken for"
    r"|(?:that|which) (?:is|are) (?:none|no (?:number|date|text|plain file)s?)|gives? (?:it|its \w+|a \w+) away)\b",
    re.IGNORECASE,
)
"""Phrases that a reader has to decipher. The plain ones: again, no longer, the person who, at another time or machine,
expensive, fixed, the missing rows, counts as, is not a number, yields its slot."""
CODE = re.compile(r"```.*?```|`[^`\n]*`|\"[^\"\n]*\"", re.DOTALL)


def riddles(text: str) -> list[str]:
    """The riddling phrases of a document, without its code and its quotations."""
    return [found[0] for found in RIDDLES.finditer(" ".join(CODE.sub("", text).split()))]


class RecordingParser(argparse.ArgumentParser):
    """A parser that remembers every parser below it: argparse makes subcommands of the same class."""

    made: ClassVar[list[argparse.ArgumentParser]] = []

    def __init__(self, *args: object, **settings: object) -> None:
        super().__init__(*args, **settings)  # type: ignore[arg-type]
        type(self).made.append(self)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_are_in_plain_english(document: str) -> None:
    assert riddles((ROOT / document).read_text("utf-8")) == []


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_the_help_of_a_command_is_in_plain_english(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordingParser, "made", [])
    module, summary = next((module, summary) for command, module, summary in COMMANDS if command == name)
    module.add(RecordingParser(prog=name, description=summary))
    assert RecordingParser.made
    assert [phrase for parser in RecordingParser.made for phrase in riddles(parser.format_help())] == []


def test_a_riddle_is_seen() -> None:
    page = 'Run it anew. Whoever reads `anew` or "anew" finds none any\nmore, or a date that is none.\n'
    assert riddles(page) == ["anew", "Whoever", "none any more", "that is none"]
