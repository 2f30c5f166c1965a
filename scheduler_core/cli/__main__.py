"""``python -m scheduler_core.cli`` is ``shopwright``."""

import sys

from scheduler_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
