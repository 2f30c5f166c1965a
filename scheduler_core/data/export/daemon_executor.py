"""Work that cannot be called off, in threads that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import Any


class DaemonExecutor(ThreadPoolExecutor):
    """A daemon thread for each call. The standard executor's threads are waited for when an event loop or the program ends,
    and the look-up of a name whose server is silent lasts half a minute and more."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Begin the call; see ``Executor.submit``."""
        future: Future[Any] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # the caller's, whatever it is
                future.set_exception(error)
            else:
                future.set_result(result)

        Thread(target=work, name="look-up", daemon=True).start()
        return future
