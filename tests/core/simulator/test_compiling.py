"""The cache of compiled code is named after everything that can end up in compiled code."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest

from scheduler_core.engines import rules
from scheduler_core.simulator import compiling, kernel

FILES = {
    "__init__.py": "",
    "limits.py": "LIMIT = 3\n",
    "units.py": "MINUTE = 60\n",
    "kernel.py": "from shop.limits import (\n    LIMIT,\n)\n\n@compiled\ndef f():\n    return LIMIT\n",
    "rules/__init__.py": "",
    "rules/edd.py": "from shop import kernel\nfrom shop.units import MINUTE\n\n@compiled\ndef g():\n    return kernel.f()\n",
    "pages.py": "from shop import kernel\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A package with two files of compiled functions, what they import, and a file that only calls them."""
    package = tmp_path / "shop"
    for name, text in FILES.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    return package


def test_sources_are_the_compiled_files_and_what_they_import(shop: Path) -> None:
    found = {p.relative_to(shop).as_posix() for p in compiling.compiled_sources(shop)}
    assert found == {"__init__.py", "limits.py", "units.py", "kernel.py", "rules/edd.py"}


@pytest.mark.parametrize(("name", "changes"), [(name, name not in ("pages.py", "rules/__init__.py")) for name in FILES])
def test_an_edit_of_a_source_gives_another_cache(shop: Path, name: str, changes: bool) -> None:
    before = compiling.cache_name(shop)
    assert compiling.cache_name(shop) == before
    (shop / name).write_text(FILES[name] + "# edited\n")
    assert (compiling.cache_name(shop) != before) == changes


def test_the_products_compiled_files_are_all_seen() -> None:
    seen = {p.relative_to(compiling.PACKAGE).as_posix() for p in compiling.compiled_sources(compiling.PACKAGE)}
    assert {"plant.py", "simulator/arrays.py", "simulator/kernel.py", "simulator/working_time.py"} <= seen
    users = {p for p in compiling.PACKAGE.rglob("*.py") if "import compiled" in p.read_text("utf-8")}
    assert {p.relative_to(compiling.PACKAGE).as_posix() for p in users} <= seen
    assert "cli/__init__.py" not in seen


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled with NUMBA_DISABLE_JIT")
def test_compiled_functions_keep_their_code_there() -> None:
    for function in (kernel.advance, rules.run_rule):
        assert compiling.CACHE_NAME in function.stats.cache_path
    assert compiling.CACHE_NAME not in (numba.config.CACHE_DIR or ""), "other users of Numba keep their own cache"


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled with NUMBA_DISABLE_JIT")
def test_a_function_is_compiled_once_for_whole_numbers_wherever_they_come_from() -> None:
    @compiling.compiled
    def doubled(number: int) -> int:
        return 2 * number

    @compiling.compiled
    def of_all_kinds(numbers: np.ndarray, other: int) -> int:
        return doubled(numbers[0]) + doubled(-1) + doubled(other)

    narrow = np.array([2**31 - 1], np.int32)
    assert of_all_kinds(narrow, 5) == 2 * (2**31 - 1) - 2 + 10, "nothing overflows"
    assert doubled(narrow[0]) == 2**32 - 2
    assert doubled.signatures == [(numba.int64,)]
