"""The server of the API with the supervisor of runs in it, from its start until it is stopped."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from functools import partial
from threading import Event, Thread, Timer
from typing import Final

import uvicorn

from scheduler_core.api.app import create_app
from scheduler_core.api.service import Service
from scheduler_core.api.timed_connections import TimedConnection
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.runs.service import RunService
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.settings.hosts import is_loopback

LOG = logging.getLogger(__name__)
ADDRESS: Final = "127.0.0.1"
PORT: Final = 8600
FINISH_SECONDS: Final = 10
"""How long requests at work may take once the server is stopped."""
BACKLOG: Final = 256
WARM_AFTER_SECONDS: Final = 10.0
"""When the processes that compute answers are started, so that a server that begins answers first."""


def listen(address: str, port: int, *, beyond: bool) -> socket.socket:
    """A socket of this machine's own address, or of another one where ``beyond`` says that this is wanted.

    Raises InvalidValue for an address beyond this machine that nobody asked for, and OSError where the port is taken.
    """
    if not is_loopback(address) and not beyond:
        raise InvalidValue(
            "--address", address,
            "is reached by others, and tokens would cross the network in plain HTTP: put a proxy with TLS in front of "
            "127.0.0.1, or say --beyond-this-machine where such a proxy is the only one that reaches it",
        )  # fmt: skip
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=BACKLOG)


class ApiServer:
    """Serves the API, and has a supervisor begin waiting runs as slots get free, as ``shopwright work`` does; ``supervisor``
    None: another process begins them.

    ``say`` takes a line for each event of a run, ``status`` what is going on now.
    """

    def __init__(
        self,
        service: Service,
        supervisor: Supervisor | None,
        *,
        say: Callable[[str], None],
        status: Callable[[str], None],
    ) -> None:
        self._service = service
        self._runs: RunService | None = None
        if supervisor is not None:
            self._runs = RunService(supervisor, say, status)
            service.begin_runs = partial(_begin, supervisor)
        proxies = list(service.settings.proxies)
        config = uvicorn.Config(
            create_app(service), http=TimedConnection, log_config=None, access_log=False, server_header=False,
            lifespan="off", ws="none",
            proxy_headers=bool(proxies), forwarded_allow_ips=proxies, timeout_graceful_shutdown=FINISH_SECONDS,
        )  # fmt: skip
        self._server = uvicorn.Server(config)

    def serve(self, sock: socket.socket, stopped: Event) -> None:
        """Serve until ``stopped`` is set: then no request and no run is begun any more, and the call returns when the
        requests at work are answered and the runs that were begun here have ended. Raises what the server raises."""
        raised: list[BaseException] = []

        def http() -> None:
            try:
                self._server.run(sockets=[sock])
            except BaseException as error:  # raised again below
                raised.append(error)
            finally:
                stopped.set()

        def end() -> None:
            stopped.wait()
            self._service.stopping.set()
            self._server.should_exit = True

        threads = [Thread(target=work, name=f"api-{work.__name__}", daemon=True) for work in (http, end)]
        for thread in threads:
            thread.start()
        warming = Timer(WARM_AFTER_SECONDS, self._service.computations.start)
        warming.daemon = True
        warming.start()
        if self._runs is not None:
            self._runs.serve(stopped, until_idle=False)
        for thread in threads:
            thread.join()
        warming.cancel()
        self._service.computations.close()
        if raised:
            raise raised[0]


def _begin(supervisor: Supervisor) -> None:
    """Begin the run that was just asked for, if a slot is free. It waits in the store where that fails: the next look of the
    supervisor begins it, and tells what is wrong."""
    try:
        supervisor.begin_waiting()
    except (DatabaseFailure, ShopwrightError) as error:
        LOG.warning("a run could not be begun at once", extra={"reason": str(getattr(error, "orig", None) or error)})
