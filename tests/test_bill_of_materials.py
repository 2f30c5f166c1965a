"""The bill of materials: which licences pass, and what belongs to the product."""

from __future__ import annotations

import json
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from bill_of_materials.__main__ import main, needed, product_part, requirements
from bill_of_materials.licences import ALLOWED, is_allowed, licence_of, refusal
from tests.support.paths import ROOT


def component(name: str, *licences: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "bom-ref": name, "licenses": list(licences)}


def named(name: str) -> dict[str, Any]:
    return {"license": {"name": name}}


def spdx(identifier: str) -> dict[str, Any]:
    return {"license": {"id": identifier}}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True), ("GPL-3.0-only", False), ("GPL-3.0-only OR MIT", True), ("GPL-3.0-only AND MIT", False),
        ("Apache-2.0 WITH LLVM-exception", True), ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("(GPL-3.0-only OR MIT) AND BSD-3-Clause", True), ("MIT OR GPL-3.0-only AND AGPL-3.0-only", True),
        ("(MIT OR GPL-3.0-only) AND AGPL-3.0-only", False),
    ],
)  # fmt: skip
def test_an_expression_is_weighed_as_it_is_written(expression: str, allowed: bool) -> None:
    assert is_allowed(expression, ALLOWED) is allowed


@pytest.mark.parametrize("text", ["", "MIT AND", "(MIT", "MIT)", "OR MIT", "MIT Apache-2.0"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no SPDX expression"):
        is_allowed(text, ALLOWED)


def test_expressions_go_before_classifiers() -> None:
    assert licence_of(component("a", spdx("MIT"), named("License :: OSI Approved :: BSD License"))) == "MIT"
    assert licence_of(component("a", {"expression": "MIT OR ISC"}, spdx("Zlib"))) == "(MIT OR ISC) AND Zlib"
    assert licence_of(component("a", named("License :: OSI Approved :: BSD License"))) == "BSD-3-Clause"


def test_a_licence_that_nobody_knows_is_refused_with_package_and_reason() -> None:
    assert refusal(component("a")) == "a 1.0: no known licence"
    assert refusal(component("a", named("Our own terms"))) == "a 1.0: no known licence (Our own terms)"
    assert refusal(component("protobuf", named("Our own terms"))) is not None, "the metadata outrank what was looked up"
    assert (
        refusal(component("a", spdx("AGPL-3.0-only"))) == "a 1.0: AGPL-3.0-only is not among the licences that are allowed"
    )
    assert refusal(component("psycopg", spdx("LGPL-3.0-only"))) is None
    assert refusal(component("a", spdx("LGPL-3.0-only"))) is not None, "allowed for single packages only"


TREE = {
    "product-a": ["deep>=1", "Other_Name[fast]; python_version >= '3'", "never; python_version < '3'"],
    "other-name": ["quick; extra == 'fast'", "huge; extra == 'all'"],
    "deep": ["product-a"],
}


def test_what_is_needed_follows_extras_and_markers_and_ends_in_circles() -> None:
    assert needed(["Product.A"], TREE.get) == {"product-a", "deep", "other-name", "quick"}
    assert needed(["other-name"], TREE.get) == {"other-name"}


def test_the_bill_leaves_out_what_the_product_does_not_need() -> None:
    names = ("Product_A", "deep", "other.name", "quick", "huge", "tool")
    bill = {
        "metadata": {"component": {"bom-ref": "own"}},
        "components": [component(name) for name in names],
        "dependencies": [
            {"ref": "own", "dependsOn": ["Product_A", "tool"]}, {"ref": "other.name", "dependsOn": ["huge", "quick"]},
            {"ref": "tool", "dependsOn": ["deep"]},
        ],
    }  # fmt: skip
    part = product_part(bill, ["product-a"], TREE.get)
    assert [c["name"] for c in part["components"]] == ["Product_A", "deep", "other.name", "quick"]
    assert part["dependencies"] == [
        {"ref": "own", "dependsOn": ["Product_A"]},
        {"ref": "other.name", "dependsOn": ["quick"]},
    ]
    with pytest.raises(ValueError, match="not installed: absent"):
        product_part(bill, ["absent"], TREE.get)


def installed_licences(path: Path, extra: dict[str, Any] | None = None) -> Path:
    """A document like that of ``cyclonedx-py`` with all packages that the product needs here, each under MIT."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = sorted(needed(requirements(project), metadata.requires))
    components = [component(name, spdx("MIT")) for name in names]
    bill = {
        "metadata": {"component": {"bom-ref": "own"}},
        "components": [*components, *([extra] if extra else [])],
        "dependencies": [{"ref": "own", "dependsOn": names}],
    }
    path.write_text(json.dumps(bill))
    return path


def test_the_command_writes_the_bill_of_this_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tool = component("only-a-tool", spdx("MIT"))
    environment = installed_licences(tmp_path / "environment.json", tool)
    assert main([str(environment), str(tmp_path / "bill.json")]) == 0
    held = {c["name"] for c in json.loads((tmp_path / "bill.json").read_text())["components"]}
    assert {"torch", "streamlit", "psycopg", "numpy", "llvmlite"} <= held
    assert held.isdisjoint({"only-a-tool", "pytest", "mypy", "ruff", "playwright"})


def test_the_command_writes_nothing_with_a_licence_that_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    environment = installed_licences(tmp_path / "environment.json", component("tool", spdx("SSPL-1.0")))
    assert main([str(environment), str(tmp_path / "bill.json")]) == 1
    assert "tool 1.0: SSPL-1.0 is not among the licences that are allowed" in capsys.readouterr().err
    assert not (tmp_path / "bill.json").exists()
