"""Where the project lies, and what lies in it for the tests."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN_BENCHMARKS = ROOT / "tests" / "golden" / "benchmarks"
MODELS = ROOT / "models"
