"""The pages' pictures: docs/pages.md shows each of them, and nothing that is not there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from tests.support.browsing import ROOT

IMAGES = ROOT / "docs" / "images"
OTHERS = {"logo.svg", "moving.gif"}
"""The site's logo and the moving picture of README."""
MOST_BYTES = 4_500_000


def test_each_page_has_its_pictures_and_they_are_small() -> None:
    views = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["VIEWS"]
    wanted = {f"{view.name}{suffix}.png" for view in views for suffix in ("", "-dark")}
    assert {file.name for file in IMAGES.iterdir()} == wanted | OTHERS
    assert sum(file.stat().st_size for file in IMAGES.iterdir()) < MOST_BYTES


def test_what_the_way_in_and_the_pages_document_link_to_exists() -> None:
    for document in (ROOT / "README.md", ROOT / "docs" / "pages.md", ROOT / "docs" / "keys.md"):
        for link in re.findall(r"\]\(([^)#:\s,(]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / Path(link)).exists(), f"{document.name} names {link}"
