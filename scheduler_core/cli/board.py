"""``shopwright board``: the planning board's server."""

from __future__ import annotations

import argparse
import os
import sys

from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.terminal import Terminal

PORTS = range(1, 65536)


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--port", type=port_number, metavar="N", help="the server's port (default: 8501, in its settings)")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Becomes the server, which serves until it is stopped (Ctrl-C or SIGTERM). It works in SHOPWRIGHT_HOME.

    Its settings are ``.streamlit/config.toml`` there; the first start copies those of this version. Without an ERP the board
    has the demo's jobs.
    """
    from scheduler_core.settings import locations

    command = [sys.executable, "-m", "streamlit", "run", str(locations.board())]
    if args.port is not None:
        command += ["--server.port", str(args.port)]
    # The server believes no proxy's headers: dashboard/auth decides about them.
    variables = {**os.environ, **locations.variables_at_home(), "FORWARDED_ALLOW_IPS": ""}
    try:
        for file in locations.copy_packaged([locations.SERVER_SETTINGS]):
            terminal.say(f"the server's settings, to be edited: {file}")
        terminal.say(f"plans, logs and settings are in {locations.home()}; stop the board with Ctrl-C")
        os.chdir(locations.home())
        os.execve(sys.executable, command, variables)
    except OSError as error:
        raise Failed(Exit.UNREACHABLE, f"cannot start the board in {locations.home()}: {error.strerror}") from None


def port_number(text: str) -> int:
    """The number of a port that is written so. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, a number from {PORTS[0]} to {PORTS[-1]}")
    return int(text)
