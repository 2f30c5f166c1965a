"""``shopwright settings``: where the files of settings are."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler_core.cli.exit_status import CannotWrite, Exit
from scheduler_core.cli.terminal import Terminal, print_json


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--copy", action="store_true", help="first copy the packaged files to SHOPWRIGHT_HOME")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Lists each file and which one is in force. Files that are there already are never overwritten."""
    from scheduler_core.settings import locations

    if args.copy:
        try:
            for file in locations.copy_packaged():
                terminal.say(f"copied {file}")
        except OSError as error:
            raise CannotWrite(f"cannot write {error.filename or locations.home()}: {error.strerror}") from None
    found = locations.settings_in_force()
    if args.json:
        files = {file.as_posix(): {"path": str(path), "is": _whose(path)} for file, path in found.items()}
        print_json({"home": str(locations.home()), "models": str(locations.models_folder()), "files": files})
    else:
        print(f"home    {locations.home()}")
        print(f"models  {locations.models_folder()}")
        print()
        width = max(len(file.as_posix()) for file in found)
        for file, path in found.items():
            print(f"{file.as_posix():{width}}  {_whose(path):8}  {path}")
    return Exit.DONE


def _whose(path: Path) -> str:
    from scheduler_core.settings import locations

    return "own" if path.is_relative_to(locations.home()) else "packaged"
