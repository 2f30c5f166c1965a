"""The Python of README and docs/library.md runs as it stands there."""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT


def blocks() -> list[tuple[str, str]]:
    """(document and number, code) of every Python block."""
    return [
        (f"{document}, block {number}", code)
        for document in ("README.md", "docs/library.md")
        for number, code in enumerate(re.findall(r"```python\n(.*?)```", (ROOT / document).read_text("utf-8"), re.DOTALL), 1)
    ]


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in blocks()])
def test_the_code_of_the_documents_runs(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, "document", "exec"), {"__name__": "document"})


def test_there_is_code_in_both_documents() -> None:
    names = [name for name, _ in blocks()]
    assert any(name.startswith("README") for name in names)
    assert len(names) >= 4
