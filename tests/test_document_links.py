"""Every relative link of the documents leads to a file that exists, and every anchor to a heading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def anchors(text: str) -> set[str]:
    """The addresses of the headings, as hosts of repositories make them: lower case, spaces as hyphens, no punctuation."""
    found: set[str] = set()
    for title in re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)
        name = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = 0
        while (unique := f"{name}-{number}" if number else name) in found:
            number += 1
        found.add(unique)
    return found


def broken(document: Path) -> list[str]:
    """The links of a document that lead nowhere."""
    wrong = []
    for link in LINK.findall(CODE.sub("", document.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text("utf-8"))):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# What it *does*, exactly\n", "utf-8")
    document = tmp_path / "one.md"
    links = "[a](other.md) [b](other.md#what-it-does-exactly) [c](none.md) [d](other.md#none) `[e](no.md)`"
    document.write_text(links, "utf-8")
    assert broken(document) == ["none.md", "other.md#none"]
