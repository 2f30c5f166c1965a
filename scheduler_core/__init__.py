"""Shopwright's core: plants, schedules, rules, engines and planning, free of any user interface.

The names in ``__all__`` are the library (``docs/library.md``): ``from scheduler_core import read_plant, solve, violations``.
Each is imported when it is first used, so that ``import scheduler_core`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler_core.interchange import read_snapshot
    from scheduler_core.judge.kpis import measure
    from scheduler_core.judge.validator import violations
    from scheduler_core.library.comparing import compare
    from scheduler_core.library.dispatching import dispatch
    from scheduler_core.library.explaining import explain
    from scheduler_core.library.generating import random_plants
    from scheduler_core.library.plan_files import read_plan, rows, write_plan
    from scheduler_core.library.planning import read_plant, solve
    from scheduler_core.library.varying import odds

__all__ = [
    "compare",
    "dispatch",
    "explain",
    "measure",
    "odds",
    "random_plants",
    "read_plan",
    "read_plant",
    "read_snapshot",
    "rows",
    "solve",
    "violations",
    "write_plan",
]

_HOMES = {
    "compare": "library.comparing",
    "dispatch": "library.dispatching",
    "explain": "library.explaining",
    "measure": "judge.kpis",
    "odds": "library.varying",
    "random_plants": "library.generating",
    "read_plan": "library.plan_files",
    "read_plant": "library.planning",
    "read_snapshot": "interchange",
    "rows": "library.plan_files",
    "solve": "library.planning",
    "violations": "judge.validator",
    "write_plan": "library.plan_files",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
