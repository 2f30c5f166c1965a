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
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pymysql
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

START_SECONDS = 60
LOCAL = "127.0.0.1"
REMOTE = "127.0.0.2"
"""Also this machine, but Shopwright does not know that and treats it like any other server."""


@dataclass(frozen=True)
class MariaDb:
    """A running server; ``account`` may do everything."""

    port: int
    socket: str
    account: str = "shop"
    password: str = "p@ss/word"
    ca: Path | None = None

    def execute(self, *statements: str) -> None:
        """Run statements as the server's root."""
        connection = pymysql.connect(unix_socket=self.socket, user="root", autocommit=True)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def url(self, database: str, account: str | None = None, host: str = LOCAL) -> str:
        """SQLAlchemy URL of a database."""
        return f"mysql+pymysql://{account or self.account}:p%40ss%2Fword@{host}:{self.port}/{database}"


def missing_program() -> str | None:
    """The name of the program that is not installed, None if the server can be started."""
    return next((name for name in ("mariadb-install-db", "mariadbd") if _program(name) is None), None)


@dataclass
class Running:
    """A server's process, which may be killed and started again on its data."""

    server: MariaDb
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        _wait(self.server, self.process, self.log)

    def kill(self) -> None:
        """End it at once, in whatever it is doing (SIGKILL)."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        """End it in good order."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def killable_server(durable: bool = False) -> Iterator[Running]:
    """Start a server, wait until it answers, and remove it afterwards. ``durable``: as in production, a commit is written
    to the disk before it is acknowledged; otherwise it is fast and forgets when it is killed."""
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
        certificate = self_signed(folder)
        server = MariaDb(_free_port(), str(address), ca=certificate)
        speed = ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"]
        running = Running(server, [
            str(_program("mariadbd")), "--no-defaults", f"--datadir={data}", f"--port={server.port}",
            f"--bind-address={LOCAL},{REMOTE}", f"--socket={address}", f"--pid-file={folder / 'pid'}",
            f"--ssl-cert={certificate}", f"--ssl-key={certificate}", "--innodb-buffer-pool-size=64M", "--skip-name-resolve",
            *([] if durable else speed), *as_root,
        ], folder / "log")  # fmt: skip
        running.start()
        try:
            server.execute(
                f"CREATE USER '{server.account}'@'127.0.0.1' IDENTIFIED BY '{server.password}'",
                f"GRANT ALL ON *.* TO '{server.account}'@'127.0.0.1' WITH GRANT OPTION",
            )
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def running_server() -> Iterator[MariaDb]:
    """The same for tests that kill nothing."""
    with killable_server() as running:
        yield running.server


def self_signed(folder: Path) -> Path:
    """A key with a certificate for both addresses, in one file; the certificate is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")]), datetime.now(UTC)
    addresses = [x509.IPAddress(ip_address(a)) for a in (LOCAL, REMOTE)]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "tls.pem"
    file.write_bytes(private + certificate.public_bytes(pem))
    return file


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
