"""Are damaged and malicious model files refused, and is nothing in them ever run?

    python benchmarks/model_files.py [--seed 1]

Two checkpoints like those that come with Shopwright are saved into a fresh folder for each case, one is damaged, and it is
loaded as every engine and page loads it. 200 damaged: chance (bit flips, truncations, other files in its place) against the
manifest as it was, and edits by hand of weights, card or manifest, of weights and card also where the manifest vouches for
them. 20 malicious: made to run code, to read elsewhere or to eat memory, the manifest vouching for them. A trap that
springs leaves a file behind; refused means the error that names the file (InvalidValue), no other one, within 5 s.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from model_damage import SPRUNG, Case, damaged, malicious, pristine
from report import heading, markdown_table

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import catalogue, checkpoint

SECONDS = 5.0


@dataclass(frozen=True)
class Outcome:
    """What became of a case. ``error``: the type of what was raised, "" where the checkpoint was loaded."""

    case: Case
    error: str
    ran: bool
    seconds: float

    @property
    def refused(self) -> bool:
        """As it should be."""
        return self.error == InvalidValue.__name__ and not self.ran and self.seconds < SECONDS


def outcome(case: Case) -> Outcome:
    """Makes the files of a case and loads them, CPU seconds."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "models"
        case.make(pristine(folder))
        began = time.process_time()
        error = _loaded(folder, case.name)
        seconds = time.process_time() - began
        ran = any(SPRUNG in path.name for path in Path(made).rglob("*"))
        return Outcome(case, error, ran, seconds)


def _loaded(folder: Path, name: str | None) -> str:
    try:
        checkpoint.load(name, folder)
    except Exception as error:  # whatever it is, it is told
        _listed(folder)
        return type(error).__name__
    return ""


def _listed(folder: Path) -> None:
    """The pages' list must stand it too: a damaged checkpoint is listed with its fault, a damaged manifest is told."""
    try:
        catalogue.listing(folder)
    except InvalidValue:
        return


def outcomes(cases: Iterable[Case]) -> Iterator[Outcome]:
    """One by one."""
    return (outcome(case) for case in cases)


def main() -> int:
    """Prints the table; exit code 1 unless all are refused and nothing ran."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = list(outcomes([*damaged(args.seed), *malicious()]))
    for bad in (o for o in found if not o.refused):
        print(f"NOT REFUSED: {bad}", file=sys.stderr)
    kinds = Counter(o.case.kind for o in found)
    rows = []
    for kind in kinds:
        mine = [o for o in found if o.case.kind == kind]
        loaded, ran, other = (sum(t) for t in zip(*((o.error == "", o.ran, not o.refused) for o in mine), strict=True))
        rows.append([kind, f"{len(mine)}", f"{loaded}", f"{ran}", f"{other}", f"{max(o.seconds for o in mine):.3f}"])
    print(heading(f"{len(found)} damaged and malicious model files", sys.argv[1:]))
    print(markdown_table(("files", "cases", "loaded", "ran code", "not refused", "longest, CPU s"), rows))
    return 0 if all(o.refused for o in found) else 1


if __name__ == "__main__":
    sys.exit(main())
