"""Imports run downward only, heavy libraries stay where they belong, and the judges share nothing with the judged."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGES = ("scheduler_core", "dashboard")

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"bounded_files", "clock", "errors", "limits", "reports", "rounding", "statistics"}),
    frozenset({"settings"}),
    frozenset({"logs", "roles", "people", "plant", "calendar_hours", "schedule"}),
    frozenset({"i18n", "judge"}),
    frozenset({"interchange", "objectives"}),
    frozenset({"rollout", "simulator"}),
    frozenset({"analysis", "bounds", "policy"}),
    frozenset({"causes", "engines", "environments"}),
    frozenset({"actuals", "floor", "scenarios", "training"}),
    frozenset({"dispatching"}),
    frozenset({
        "data.store_errors", "data.read_progress", "data.accounts", "data.database_url", "data.postgresql",
        "data.server_patience",
    }),
    frozenset({"data.database", "data.new_file"}),
    frozenset({"data.demo", "data.migrations", "data.outage"}),
    frozenset({"data.store"}),
    frozenset({"data.erp", "data.export", "data.maintenance"}),
    frozenset({"comparison", "runs"}),
    frozenset({"library", "monitoring", "services"}),
    frozenset({"alerts", "automation"}),
    frozenset({"api"}),
    frozenset({"cli"}),
    frozenset({"dashboard.navigation", "dashboard.loaded_plan"}),
    frozenset({"dashboard.presentation"}),
    frozenset({"dashboard.auth", "dashboard.gantt"}),
    frozenset({"dashboard.printing", "dashboard.state"}),
    frozenset({"dashboard.background"}),
    frozenset({"dashboard.components"}),
    frozenset({"dashboard.views"}),
    frozenset({"dashboard.board"}),
    frozenset({"dashboard.app"}),
)  # fmt: skip
"""The rooms of the product from the bottom up; a room imports from its own layer or below (docs/architecture.md)."""
DIVIDED = ("scheduler_core.data", "dashboard")
"""Packages whose parts are rooms of their own."""
MOST_LOOSE = {"scheduler_core": 14, "dashboard": 8}
"""Modules that may lie in a package and in none of its rooms."""
SAYS_NOTHING = frozenset({"base", "common", "core", "helpers", "misc", "tools", "utils", "words"})

HOMES: dict[str, tuple[str, ...]] = {
    "torch": ("scheduler_core.policy", "scheduler_core.training"),
    "stable_baselines3": ("scheduler_core.training",),
    "sb3_contrib": ("scheduler_core.training",),
    "optuna": ("scheduler_core.training.tune",),
    "ortools": ("scheduler_core.engines.exact",),
    "sqlalchemy": ("scheduler_core.data",),
    "pymysql": ("scheduler_core.data",),
    "sqlite3": ("scheduler_core.data",),
    "apprise": ("scheduler_core.alerts.receivers",),
    "fastapi": ("scheduler_core.api",),
    "limits": ("scheduler_core.api.rate_limits",),
    "streamlit": ("dashboard",),
    "plotly": ("dashboard",),
}
"""The only modules (with what lies below them) that may import each of these libraries."""

SLOW_TO_IMPORT = ("torch", "stable_baselines3", "sb3_contrib", "optuna", "ortools", "apprise")
JUDGES = ("scheduler_core.judge.validator", "scheduler_core.judge.kpis")
JUDGES_MAY_USE = frozenset({"judge", "plant", "schedule", "reports", "errors"})
THROUGH_THE_PLANT = "scheduler_core.clock"
"""What the plant's times of day come from; the judge reads the zone by itself and has it at most through the plant."""
CLOCK_ANSWERS = frozenset({"minute_of", "midnight", "day_of", "hours", "end_of", "last_change"})
"""What the plant would answer from that clock; ``time_of`` stands in the judge's messages only."""
JUDGES_OWN = (
    "scheduler_core.judge.schedule_index", "scheduler_core.judge.working_minutes", "scheduler_core.judge.right_shift",
    "scheduler_core.judge.moves", "scheduler_core.judge.frozen_zone", "scheduler_core.judge.wall_clock",
)  # fmt: skip
EMPTY = ("scheduler_core", *DIVIDED)
LIBRARY_DOOR = "scheduler_core"
"""Its names are those of the library, whose rooms lie above it."""
BUILDERS = ("simulator", "policy", "environments", "engines")


@dataclass(frozen=True)
class Import:
    """One imported module; ``lazy``: inside a function or for type checking, so not run when the importer is."""

    importer: str
    target: str
    line: int
    lazy: bool

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.target}"


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> tuple[Import, ...]:
    """Every import of the product."""
    return tuple(i for name, path in modules().items() for i in _imports_of(name, path))


def _imports_of(name: str, path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text("utf-8"), str(path))
    lazy = {id(inner) for node in ast.walk(tree) if _runs_later(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = name if path.name == "__init__.py" else name.rpartition(".")[0]
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            inner = [f"{base}.{a.name}" for a in node.names]
            targets = [i if i in modules() else base for i in inner]
        else:
            continue
        for target in dict.fromkeys(targets):
            yield Import(name, target, node.lineno, id(node) in lazy)


def _runs_later(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def part(module: str) -> str:
    """The room that a module belongs to: the name below ``scheduler_core``, or below a divided package with its name."""
    package, _, rest = module.partition(".")
    for divided in DIVIDED:
        if module.startswith(divided + "."):
            inner = module.removeprefix(divided + ".").split(".")[0]
            return f"{divided.removeprefix('scheduler_core.')}.{inner}"
    return rest.split(".")[0] if package == "scheduler_core" and rest else package


def layer(module: str) -> int:
    return next((i for i, parts in enumerate(LAYERS) if part(module) in parts), -1)


def lies_in(module: str, home: str) -> bool:
    return module == home or module.startswith(home + ".")


def ours() -> tuple[Import, ...]:
    """Imports of the product's own modules, less the packages that hold nothing but rooms."""
    return tuple(i for i in imports() if i.target in modules() and i.target not in EMPTY)


def reached_at_import(start: str) -> dict[str, tuple[str, ...]]:
    """Every module that importing ``start`` runs, also of other libraries, with the way to it."""
    eager: dict[str, list[str]] = {}
    for i in imports():
        if not i.lazy:
            eager.setdefault(i.importer, []).append(i.target)
    way: dict[str, tuple[str, ...]] = {start: (start,)}
    open_ends = [start]
    while open_ends:
        module = open_ends.pop()
        packages = [module.rsplit(".", n)[0] for n in range(1, module.count(".") + 1)]
        for target in [*packages, *eager.get(module, ())]:
            if target not in way:
                way[target] = (*way[module], target)
                open_ends.append(target)
    return way


def test_every_module_has_a_layer() -> None:
    homeless = sorted(m for m in modules() if m not in EMPTY and layer(m) < 0)
    assert not homeless, f"give these modules a place in LAYERS: {homeless}"


def test_only_what_exists_is_named() -> None:
    assert {room for rooms in LAYERS for room in rooms} == {part(m) for m in modules() if m not in EMPTY}
    homes = {home for several in HOMES.values() for home in several}
    assert {*homes, *JUDGES, *JUDGES_OWN, *EMPTY} - {"dashboard"} <= modules().keys()
    idle = [
        (library, home)
        for library, several in HOMES.items()
        for home in several
        if library != "pymysql"  # named by the databases' addresses only
        and not any(lies_in(i.importer, home) and lies_in(i.target, library) for i in imports())
    ]
    assert idle == []


@pytest.mark.parametrize("package", PACKAGES)
def test_few_modules_lie_in_no_room(package: str) -> None:
    loose = [path.name for path in (ROOT / package).glob("*.py")]
    assert len(loose) <= MOST_LOOSE[package], sorted(loose)


def test_file_names_say_what_is_in_them() -> None:
    assert [m for m in modules() if m.rpartition(".")[2] in SAYS_NOTHING] == []


def test_imports_run_downward() -> None:
    upward = [str(i) for i in ours() if layer(i.target) > layer(i.importer) and i.importer != LIBRARY_DOOR]
    assert not upward, "\n".join(upward)


def test_the_library_s_names_are_imported_when_they_are_used() -> None:
    assert [str(i) for i in ours() if i.importer == LIBRARY_DOOR and not i.lazy] == []


def test_parts_do_not_import_in_circles() -> None:
    below: dict[str, set[str]] = {}
    for i in ours():
        if i.importer != LIBRARY_DOOR and part(i.importer) != part(i.target):
            below.setdefault(part(i.importer), set()).add(part(i.target))
    done: set[str] = set()
    while ready := {p for p in below if p not in done and below[p] <= done | (below[p] - below.keys())}:
        done |= ready
    assert done == below.keys(), f"a circle among {sorted(below.keys() - done)}"


@pytest.mark.parametrize("library", HOMES)
def test_libraries_stay_in_their_homes(library: str) -> None:
    strays = [
        str(i)
        for i in imports()
        if lies_in(i.target, library) and not any(lies_in(i.importer, home) for home in HOMES[library])
    ]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize(
    "start",
    [
        "scheduler_core.engines.registry",
        "scheduler_core.runs.worker",
        "scheduler_core.cli",
        "dashboard.app",
        "dashboard.board",
    ],
)
def test_slow_libraries_are_imported_lazily(start: str) -> None:
    ways = [" -> ".join(way) for module, way in reached_at_import(start).items() if module.startswith(SLOW_TO_IMPORT)]
    assert start in modules()
    assert not ways, "\n".join(ways)


@pytest.mark.parametrize("judge", JUDGES)
def test_judges_know_only_plant_and_schedule(judge: str) -> None:
    ways = reached_at_import(judge)
    strangers = [" -> ".join(ways[m]) for m in ways if m in modules() and part(m) not in JUDGES_MAY_USE]
    known = [f" -> scheduler_core.{way} -> {THROUGH_THE_PLANT}" for way in ("plant", "schedule")]
    strangers = [way for way in strangers if not way.endswith(tuple(known))]
    assert [s for s in strangers if not s.endswith("-> scheduler_core")] == []


def test_judges_ask_no_clock_but_their_own() -> None:
    direct = [str(i) for i in ours() if part(i.importer) == "judge" and i.target == THROUGH_THE_PLANT]
    assert not direct, "\n".join(direct)
    asked = [
        f"{module}, line {node.lineno}, asks for {node.attr}"
        for module, path in modules().items()
        if part(module) == "judge"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in CLOCK_ANSWERS
    ]
    assert not asked, "\n".join(asked)


def test_builders_do_not_borrow_from_judges() -> None:
    borrowed = [str(i) for i in ours() if part(i.importer) in BUILDERS and i.target in JUDGES_OWN]
    assert not borrowed, "\n".join(borrowed)


def test_only_the_settings_know_variables_and_files_of_settings() -> None:
    strays = [
        f"{module}, line {line}: {literal!r}"
        for module, path in modules().items()
        if part(module) != "settings"
        for line, literal in _literals(path)
        if literal.startswith("SHOPWRIGHT_") or literal == "configs"
    ]
    assert not strays, "take it from scheduler_core.settings: " + "; ".join(strays)


def _literals(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module, also those within f-strings, less what documents a module, a class, a function or a value."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value


def test_the_walk_sees_what_is_there() -> None:
    """Guards the tests above against passing because they look at nothing."""
    seen = {(i.importer, i.target) for i in imports()}
    assert ("scheduler_core.plant", "scheduler_core.errors") in seen
    assert ("scheduler_core.judge.schedule_index", "scheduler_core.judge.working_minutes") in seen
    assert any(i.lazy for i in imports())
    settings = [literal for name in modules() if part(name) == "settings" for _, literal in _literals(modules()[name])]
    assert {"SHOPWRIGHT_DATABASE_URL", "configs"} <= set(settings)
    assert "scheduler_core.judge.working_minutes" in reached_at_import("scheduler_core.judge.validator")


def test_tests_share_what_lies_in_support_and_nobody_s_private_names() -> None:
    strays = []
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py"), *(ROOT / "docs").glob("*.py")]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            where = f"{path.relative_to(ROOT)}, line {node.lineno}, imports"
            if lies_in(node.module, "tests") and not lies_in(node.module, "tests.support"):
                strays.append(f"{where} {node.module}")
            strays += [f"{where} {a.name} of {node.module}" for a in node.names if a.name.startswith("_")]
    assert strays == []
