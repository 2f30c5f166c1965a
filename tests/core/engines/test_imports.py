"""Slow libraries are loaded only by the engine that needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = (
    "import sys, {module}; print(*sorted({{m.split('.')[0] for m in sys.modules}} & {{'torch', 'ortools', 'sb3_contrib'}}))"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        "scheduler_core.engines.registry",
        "scheduler_core.engines.greedy",
        "scheduler_core.policy.inference",
        "scheduler_core.policy.checkpoint",
        "scheduler_core.environments.random_plants",
    ],
)
def test_importing_it_loads_no_slow_library(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(module=module)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
