"""How functions are compiled, and where the compiled code is kept so that stale code is never run.

Numba caches each function under the time stamp of its own file only. Compiled code also holds the functions that it calls
and the constants that it reads, from whatever file they come: after an edit of one of those it would go on as before. So
the cache lies in a folder named after the contents of all files that can end up in compiled code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba as nb
from numba.core import sigutils

PACKAGE = Path(__file__).parents[1]
Function = TypeVar("Function", bound=Callable[..., Any])
IMPORT = re.compile(r"^from ([\w.]+) import (\((?:.|\n)*?\)|.+)", re.MULTILINE)


def compiled(function: Function) -> Function:
    """Compiles a function at its first call. It must not allocate: whoever adds a kernel hands it its memory.

    A plant and a state are 80 arrays; counting a reference to each of them at every call costs a thousand times what a
    small function does, so compiled code does without Numba's runtime (``_nrt``).

    Numba takes types from the arguments of a call and ignores what is annotated. So a compiled function counts as the
    Python function that it was made of: mypy checks its body and its callers by the annotations.
    """
    return _compiled(function, _nrt=False)


def compiled_inline(function: Function) -> Function:
    """``compiled``, and copied into each caller: for what loops call, where the compiler would not do so by itself.

    A call hands over every field of a plant and a state, which takes 60 ns, more than most small functions themselves.
    """
    return _compiled(function, _nrt=False, forceinline=True)


def compiled_over_lists(function: Function) -> Function:
    """Compiles a function that goes through typed lists of plants, which Numba cannot read without its runtime."""
    return _compiled(function)


def _compiled(function: Function, **more: Any) -> Function:
    config: Any = nb.config
    usual = config.CACHE_DIR
    config.CACHE_DIR = str((Path(usual) if usual else PACKAGE / "__pycache__") / CACHE_NAME)
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", **more}
    options["no_cfunc_wrapper"] = True  # a way in from C takes long to compile, and nobody takes it
    try:
        made: Any = nb.njit(**options)(function)
        return function if config.DISABLE_JIT else cast(Function, _with_one_integer(made))
    finally:
        config.CACHE_DIR = usual


def _with_one_integer(dispatcher: Any) -> Any:
    """The compiled function, which takes every whole number as 64 bits.

    Numba would compile it once for a number out of an array of 32 bits, once for a constant, and once for any other, and so
    all that it calls: a third of all compilations, for the same results.
    """
    compile_for = dispatcher.compile
    parts: Any = sigutils.normalize_signature

    def compile_once(signature: Any) -> Any:
        arguments, result = parts(signature)
        wide = tuple(nb.int64 if _narrow(argument) else argument for argument in arguments)
        return compile_for(wide if result is None else result(*wide))

    dispatcher.compile = compile_once
    return dispatcher


def _narrow(argument: Any) -> bool:
    types: Any = nb.types
    number = types.unliteral(argument)
    return isinstance(number, types.Integer) and number.signed and argument != nb.int64


def cache_name(package: Path) -> str:
    """A name that changes with the contents of the package's compiled sources."""
    digest = hashlib.sha256()
    for path in compiled_sources(package):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"compiled-{digest.hexdigest()[:16]}"


def compiled_sources(package: Path) -> list[Path]:
    """The package's files that define compiled functions, and those that they import from the package, directly or not."""
    texts = {path: path.read_text("utf-8") for path in package.rglob("*.py")}
    found = {path for path, text in texts.items() if re.search(r"^@compiled\w*$", text, re.MULTILINE)}
    unread = list(found)
    while unread:
        imported = _imports(package, texts[unread.pop()]) & texts.keys() - found
        found |= imported
        unread += imported
    return sorted(found)


def _imports(package: Path, text: str) -> set[Path]:
    files = set()
    for module, names in IMPORT.findall(text):
        top, *parts = module.split(".")
        if top == package.name:
            base = package.joinpath(*parts)
            files |= {base.with_suffix(".py"), base / "__init__.py"}
            files |= {base / f"{name}.py" for name in re.findall(r"\w+", names)}
    return files


CACHE_NAME = cache_name(PACKAGE)
