"""Files that tell the world about the project say the same as the project does: versions, locks, workflows, citation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from scheduler_core.settings import locations
from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
PINNED = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
PUBLIC = {"pypi.org", "files.pythonhosted.org", "download.pytorch.org"}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def name_of(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None, requirement
    return normal(found[0])


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def files(package: dict[str, Any]) -> list[dict[str, str]]:
    return [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]


# ---------------------------------------------------------------- versions
def test_the_newest_section_of_the_changelog_is_the_version_that_is_cited() -> None:
    sections = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert sections[0] == "Unreleased"
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert sections[1] == f"{citation['version']} ({citation['date-released']})"
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]


def test_build_requirements_are_pinned() -> None:
    required = PROJECT["build-system"]["requires"]
    assert required
    for requirement in required:
        name, _, version = requirement.partition("==")
        assert PINNED[name] == version, "built and tested with the same version"


def test_every_dependency_is_pinned() -> None:
    project = PROJECT["project"]
    asked = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    pinned = {normal(name) for name in PINNED}
    assert sorted({name_of(r) for r in asked} - pinned) == []


# ---------------------------------------------------------------- the lock file of uv
def test_the_lock_has_the_versions_with_which_the_tests_pass() -> None:
    pinned = {normal(name): version for name, version in PINNED.items()}
    versions = {
        (package["name"], package["version"].removesuffix("+cpu")) for package in LOCKED if package["name"] in pinned
    }
    assert len(versions) > 80
    assert sorted((name, version) for name, version in versions if pinned[name] != version) == []


def test_the_lock_asks_for_what_the_project_asks_for() -> None:
    own = next(package for package in LOCKED if package["name"] == "shopwright")
    project = PROJECT["project"]
    assert own["version"] == project["version"]
    asked = {name_of(requirement) for requirement in project["dependencies"]}
    assert {dependency["name"] for dependency in own["dependencies"]} == asked
    for extra, requirements in project["optional-dependencies"].items():
        locked = {dependency["name"] for dependency in own["optional-dependencies"][extra]}
        assert locked == {name_of(requirement) for requirement in requirements}


def test_the_lock_names_public_hosts_and_a_hash_for_every_file() -> None:
    found = [file for package in LOCKED for file in files(package)]
    assert len(found) > 1000
    assert {urlsplit(file["url"]).hostname for file in found} <= PUBLIC
    assert {urlsplit(p["source"]["registry"]).hostname for p in LOCKED if "registry" in p["source"]} <= PUBLIC
    assert [file["url"] for file in found if not re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"])] == []


def test_the_lock_takes_torch_without_a_graphics_card_s_libraries() -> None:
    torch = {package["version"]: package for package in LOCKED if package["name"] == "torch"}
    assert torch.keys() == {"2.13.0", "2.13.0+cpu"}
    names = [urlsplit(file["url"]).path.rsplit("/", 1)[1] for file in files(torch["2.13.0+cpu"])]
    for python in ("cp311", "cp312", "cp313", "cp314"):
        assert any(f"-{python}-manylinux_2_28_x86_64" in name for name in names)
    assert {urlsplit(file["url"]).hostname for file in files(torch["2.13.0+cpu"])} == {"download.pytorch.org"}
    assert [package["name"] for package in LOCKED if package["name"].startswith(("nvidia", "triton", "cuda"))] == []
    wanted = (ROOT / ".python-version").read_text("utf-8").strip()
    assert PROJECT["project"]["requires-python"] == f">={wanted}"


# ---------------------------------------------------------------- workflows
def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            for step in job["steps"]:
                yield path.name, step


def test_actions_are_pinned_by_what_they_contain() -> None:
    used = [step["uses"] for _, step in steps() if "uses" in step]
    assert len(used) > 5
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_only_read(path: Any) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))["permissions"] == {"contents": "read"}


def test_workflows_and_hooks_call_what_there_is() -> None:
    targets = set(re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    called = {
        target
        for _, step in steps()
        for line in re.findall(r"^\s*make (.+)$", step.get("run", ""), re.M)
        for target in line.split()
    }
    assert {"check", "test", "wheel", "bill", "coverage"} <= called <= known
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    tests = re.findall(r"tests/[\w/]+\.py", hooks)
    assert len(tests) == 2
    assert [path for path in tests if not (ROOT / path).is_file()] == []


# ---------------------------------------------------------------- ways to start
def test_a_source_tree_is_its_own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOPWRIGHT_HOME", raising=False)
    assert locations.home() == ROOT
    assert not (ROOT / "scheduler_core" / "packaged").exists(), "it would hide configs and models of the source tree"
