"""The HTTP API as a process over a store, with a token, for the studies of load and of failures."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from report import ROOT

sys.path.insert(0, str(ROOT))

from scheduler_core.data.store import Store
from scheduler_core.roles import Role
from scheduler_core.services import service_tokens
from scheduler_core.settings.environment import DATABASE_URL, HOME
from tests.support.browsing import free_port
from tests.support.sample_plans import fresh

READY_SECONDS = 60.0
RESTART_SECONDS = 1.0
"""What a service manager waits before it starts a service again."""


@dataclass
class ServedApi:
    """``shopwright serve``, which may be killed and started again at the same address. ``home``: its folder."""

    url: str
    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; it may not answer yet."""
        variables = {**os.environ, DATABASE_URL: self.url, HOME: str(self.home), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "scheduler_core.cli", "serve", "--port", str(self.port)]
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it, with its runs at work left to themselves."""
        assert self.process is not None
        for _ in range(2):
            self.process.terminate()
            try:
                self.process.wait(15)
                return
            except subprocess.TimeoutExpired:
                continue
        self.kill()

    def ready_after(self) -> float:
        """Seconds until it says that it is ready. Raises RuntimeError if it does not."""
        began = time.monotonic()
        while time.monotonic() - began < READY_SECONDS:
            try:
                if httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200:
                    return time.monotonic() - began
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the API is not ready:\n{(self.home / 'serve.log').read_text()[-2000:]}")

    def client(self, token: str) -> httpx.Client:
        """One that asks with the token."""
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {token}"}, timeout=40.0)


@contextmanager
def serving(url: str, home: Path, files: Mapping[str, str]) -> Iterator[ServedApi]:
    """The API over the store at ``url``, ready; ``files``: own files of settings by their names."""
    (home / "configs").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (home / "configs" / name).write_text(text)
    api = ServedApi(url, home, free_port())
    api.start()
    try:
        api.ready_after()
        yield api
    finally:
        api.stop()


def planners_token(store: Store, name: str) -> str:
    """A token of a planner."""
    store.roles.grant("Ann", "planner", "setup")
    made = service_tokens.make(
        store, owner="Ann", name=name, roles=[Role.PLANNER], actor="Ann", request_id=fresh(),
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )  # fmt: skip
    assert made.secret is not None
    return made.secret
