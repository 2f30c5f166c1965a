"""``python -m bill_of_materials ENVIRONMENT OUT``: the bill of materials, and whether every licence is allowed.

ENVIRONMENT is what ``cyclonedx-py environment`` wrote of the environment in which this runs. OUT gets the part of it that an
installation needs: the product's dependencies and their own, without the tools of development, whose licences are looked at
too.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from bill_of_materials.licences import licence_of, refusals

EXTRAS = ("postgresql",)
"""Options of the product that belong to the bill."""
Requires = Callable[[str], Iterable[str] | None]
"""The requirements of an installed package, as its metadata state them; None if there are none."""


def product_part(bill: Mapping[str, Any], asked: Iterable[str], requires: Requires) -> dict[str, Any]:
    """The bill without what these requirements need neither directly nor through others. Raises ValueError for a requirement
    that is not in it."""
    needs = needed(asked, requires)
    by_name = {canonicalize_name(component["name"]): component for component in bill["components"]}
    absent = sorted(needs - by_name.keys())
    if absent:
        raise ValueError(f"not installed: {', '.join(absent)}")
    refs = {by_name[name]["bom-ref"] for name in needs}
    kept = [
        {"ref": entry["ref"], "dependsOn": [ref for ref in entry.get("dependsOn", []) if ref in refs]}
        for entry in bill["dependencies"]
        if entry["ref"] in refs or entry["ref"] == bill["metadata"]["component"]["bom-ref"]
    ]
    components = [component for component in bill["components"] if component["bom-ref"] in refs]
    return {**bill, "components": components, "dependencies": kept}


def needed(asked: Iterable[str], requires: Requires) -> set[NormalizedName]:
    """Normalised names of the packages that requirements need on this machine, with the extras that they name."""
    waiting = [Requirement(text) for text in asked]
    done: set[tuple[NormalizedName, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in done:
            continue
        done.add((name, extras))
        for text in requires(name) or ():
            further = Requirement(text)
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras or {""}):
                waiting.append(further)
    return {name for name, _ in done}


def requirements(project: Mapping[str, Any]) -> list[str]:
    """What an installation asks for, by pyproject.toml's table ``project``, as far as it applies to this machine."""
    asked = [*project["dependencies"], *(r for extra in EXTRAS for r in project["optional-dependencies"][extra])]
    return [text for text in asked if (marker := Requirement(text).marker) is None or marker.evaluate()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the bill and prints each component's licence; exit status 1 if one is refused, and then nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m bill_of_materials", description="Check licences; write the bill.")
    parser.add_argument("environment", type=Path, help="what 'cyclonedx-py environment' wrote (JSON)")
    parser.add_argument("out", type=Path, help="the bill of materials (CycloneDX, JSON)")
    options = parser.parse_args(arguments)
    whole = json.loads(options.environment.read_text(encoding="utf-8"))
    with Path("pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    refused = list(refusals(whole["components"]))
    if refused:
        print("\n".join(refused), file=sys.stderr)
        return 1
    bill = product_part(whole, requirements(project), metadata.requires)
    options.out.write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for component in bill["components"]:
        print(f"{component['name']:32} {component['version']:14} {licence_of(component)}")
    tools = len(whole["components"]) - len(bill["components"])
    print(f"{len(bill['components'])} dependencies in {options.out}; {tools} tools of development have allowed licences too")
    return 0


if __name__ == "__main__":
    sys.exit(main())
