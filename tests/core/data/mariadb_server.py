"""A throw-away MariaDB server on a free port, gone without trace when the tests end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql

START_SECONDS = 60


@dataclass(frozen=True)
class MariaDb:
    """A running server; ``account`` may do everything."""

    port: int
    socket: str
    account: str = "shop"
    password: str = "p@ss/word"

    def execute(self, *statements: str) -> None:
        """Run statements as the server's root."""
        connection = pymysql.connect(unix_socket=self.socket, user="root", autocommit=True)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def url(self, database: str, account: str | None = None) -> str:
        """SQLAlchemy URL of a database."""
        return f"mysql+pymysql://{account or self.account}:p%40ss%2Fword@127.0.0.1:{self.port}/{database}"


def missing_program() -> str | None:
    """The name of the program that is not installed, None if the server can be started."""
    return next((name for name in ("mariadb-install-db", "mariadbd") if _program(name) is None), None)


@contextmanager
def running_server() -> Iterator[MariaDb]:
    """Start a server, wait until it answers, and remove it afterwards."""
    # A Unix socket's path must be short, so pytest's own folders will not do.
    folder = Path(tempfile.mkdtemp(prefix="swdb-"))
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    data, address = folder / "data", folder / "s"
    try:
        subprocess.run(
            [str(_program("mariadb-install-db")), "--no-defaults", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal", *as_root],
            check=True, capture_output=True,
        )  # fmt: skip
        server = MariaDb(_free_port(), str(address))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(_program("mariadbd")), "--no-defaults", f"--datadir={data}", f"--port={server.port}",
                 "--bind-address=127.0.0.1", f"--socket={address}", f"--pid-file={folder / 'pid'}",
                 "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0",
                 "--innodb-buffer-pool-size=64M", "--skip-name-resolve", *as_root],
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            _wait(server, process, folder / "log")
            server.execute(
                f"CREATE USER '{server.account}'@'127.0.0.1' IDENTIFIED BY '{server.password}'",
                f"GRANT ALL ON *.* TO '{server.account}'@'127.0.0.1' WITH GRANT OPTION",
            )
            yield server
        finally:
            process.terminate()
            process.wait(30)
    finally:
        shutil.rmtree(folder)


def _wait(server: MariaDb, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
            return
        except pymysql.err.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"mariadbd did not start:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str) -> str | None:
    # Debian keeps the server where a user's PATH does not look.
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
