"""What every printed result says about itself: command, commit and machine, above its table."""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from scheduler_core.engines.config import EngineConfig
from scheduler_core.objectives import Objective

METHODS = ("greedy", "learned", "improved", "exact")
"""Ways to make a plan: the engines, and ``improved``, which is the learned engine with a time limit."""
ROOT = Path(__file__).parents[1]


def engine_of(method: str) -> str:
    """The engine behind a way to make a plan."""
    return "learned" if method == "improved" else method


def config_of(method: str, args: argparse.Namespace, objective: Objective) -> EngineConfig:
    """The engine's settings: ``args`` has time_limit, samples and seed."""
    limited = method in ("improved", "exact")
    return EngineConfig(
        objective=objective,
        time_limit=args.time_limit if limited else None,
        samples=1 if limited else args.samples,
        seed=args.seed,
    )


def limits(args: argparse.Namespace) -> str:
    """What the columns mean, in words."""
    return (
        f"Greedy: the best of all dispatching rules. Learned: the policy's best of {args.samples} schedules. Improved and "
        f"exact stop after {args.time_limit:g} s."
    )


def heading(title: str, arguments: Sequence[str]) -> str:
    """Markdown lines that say how a result came about. Folders are named without where they happened to lie."""
    named = [Path(a).name if os.sep in a and " " not in a else a for a in arguments]
    machine = f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"
    versions = ", ".join(f"{p} {metadata.version(p)}" for p in ("ortools", "numba", "torch"))
    return "\n".join([
        f"# {title}",
        "",
        f"- Command: `python benchmarks/{Path(sys.argv[0]).name} {shlex.join(named)}`",
        f"- Commit: {commit()}",
        f"- Machine: {machine}; Python {platform.python_version()}, {versions}",
        "",
    ])  # fmt: skip


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table: the first column to the left, the others to the right."""
    lines = [header, ["---", *(["---:"] * (len(header) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def commit() -> str:
    """The checked-out commit, and whether what matters to a result differs from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "scheduler_core", "benchmarks", "models")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
