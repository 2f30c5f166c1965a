"""The learning curve: one row of ``curve.csv`` for every validation."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

BEFORE = ("steps", "hours", "stage", "episode_relative")
AFTER = ("approx_kl", "explained_variance", "entropy", "steps_per_second")


class Curve:
    """The file, with the columns of one validation."""

    def __init__(
        self, path: Path, measured: Sequence[str], before: Sequence[str] = BEFORE, after: Sequence[str] = AFTER
    ) -> None:
        self.path, self.columns = path, (*before, *measured, *after)

    def begin(self, upto: int = 0) -> None:
        """Starts the file anew, but for the rows of the first ``upto`` steps: a run that was cut off may have written some
        that it is about to repeat."""
        kept: list[dict[str, str]] = []
        if upto and self.path.is_file():
            with self.path.open(newline="", encoding="utf-8") as file:
                kept = [row for row in csv.DictReader(file) if int(row["steps"]) <= upto]
        with self.path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(kept)

    def add(self, row: Mapping[str, object]) -> None:
        """Adds a row, which must have exactly the columns."""
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self.columns).writerow(row)
