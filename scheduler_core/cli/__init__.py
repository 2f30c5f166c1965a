"""The ``shopwright`` command: plan, check and compare from a terminal or a script.

One module per subcommand: ``add`` declares its arguments, ``run`` does its work and returns the exit status. Results go to
standard output; messages and progress go to standard error. ``command_line.py`` holds the subcommands together.
"""

from __future__ import annotations

import time
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line (``sys.argv`` by default) and returns its exit status."""
    # Time limits count from here; and loading the rest takes long enough to be interrupted.
    began = time.perf_counter()
    try:
        from scheduler_core.cli.command_line import run
    except KeyboardInterrupt:
        return 130
    return run(arguments, began)


__all__ = ["main"]
