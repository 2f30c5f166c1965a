"""A TCP port as an argument of a command."""

from __future__ import annotations

import argparse

PORTS = range(1, 65536)


def port(text: str) -> int:
    """The port that the text names. Raises ArgumentTypeError for any other text."""
    if not text.isdecimal() or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, a number from {PORTS[0]} to {PORTS[-1]}")
    return int(text)
