"""A throw-away PostgreSQL server on a free port, gone without trace when the tests end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCAL = "127.0.0.1"
ACCOUNT = "postgres"


def missing_program() -> str | None:
    """The name of the program that is not installed, None if the server can be started."""
    return next((name for name in ("initdb", "pg_ctl") if _program(name) is None), None)


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Start a server that asks for no password; its URL, at whose end the name of a database belongs."""
    folder = Path(tempfile.mkdtemp(prefix="swpg-"))
    # The server refuses to run as root.
    user = ACCOUNT if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    port, data = _free_port(), folder / "data"
    options = f"-p {port} -c listen_addresses={LOCAL} -c unix_socket_directories='' -c fsync=off"
    control = [str(_program("pg_ctl")), "-D", str(data), "-w", "-s"]
    try:
        _run([str(_program("initdb")), "-D", str(data), "-U", ACCOUNT, "-A", "trust", "-N", "-E", "UTF8"], user, folder)
        _run([*control, "-l", str(folder / "log"), "-o", options, "start"], user, folder)
        try:
            yield f"postgresql+psycopg://{ACCOUNT}@{LOCAL}:{port}/"
        finally:
            _run([*control, "-m", "immediate", "stop"], user, folder)
    finally:
        shutil.rmtree(folder)


def _run(command: list[str], user: str | None, folder: Path) -> None:
    subprocess.run(command, user=user, group=user, extra_groups=[] if user else None, cwd=folder, check=True, timeout=120,
                   stdout=subprocess.DEVNULL)  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


def _program(name: str) -> str | None:
    # Debian keeps each version's programs in a folder of its own.
    places = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))
