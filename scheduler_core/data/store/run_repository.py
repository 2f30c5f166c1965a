"""Runs: queued, leased to a worker, finished. Each method is one transaction.

Pages read, cancel and keep runs; submitting and the worker's side are called by ``scheduler_core.runs``.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database
from scheduler_core.data.store import runs
from scheduler_core.data.store.records import Run, RunRequest, RunState, StopRequest
from scheduler_core.data.store.silence import SilenceWatch
from scheduler_core.settings.run_slots import RunSlots

LEASE_SECONDS = 20
"""A worker that is silent for longer is taken for dead; it reports about twice a second."""
STARTING_SECONDS = 60
"""The same for one that has not reported yet, as its process is only being started."""
OVER_SECONDS = 3
"""The same for one whose lease was over by the clock at the first look; a worker that is alive reports six times in it."""
SIGN_SECONDS = 0.5
"""Between two looks for a sign of life of a worker in doubt."""


class RunRepository:
    """Runs by id, newest first. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watch = SilenceWatch()

    def submit(self, new: RunRequest) -> str:
        """Queue a run and return its id; the same request id again returns the first run's id."""
        return self._database.writing_once(lambda connection: runs.submit(connection, new))

    def take(self, owner: str, slots: RunSlots) -> Run | None:
        """Lease the run that has waited longest to a worker that is being started; None while no run waits or no slot is
        free."""

        def work(connection: Connection) -> Run | None:
            run_id = runs.take(connection, slots, owner, STARTING_SECONDS * 1_000_000)
            return None if run_id is None else runs.get(connection, run_id)

        with self._database.reading() as connection:
            if runs.next_in_line(connection, slots) is None:
                return None
        return self._database.writing(work)

    def claim(self, run_id: str, owner: str) -> Run:
        """Lease a queued run to a worker, or find that it is leased to it already. Raises LeaseLost if it is neither."""

        def work(connection: Connection) -> Run:
            runs.claim(connection, run_id, owner, LEASE_SECONDS * 1_000_000)
            return runs.get(connection, run_id)

        return self._database.writing(work)

    def report(self, run_id: str, owner: str, progress: tuple[float, str] | None = None) -> StopRequest | None:
        """Renew a worker's lease and note (fraction 0 to 1, message); returns what somebody has asked of the run."""
        lease = LEASE_SECONDS * 1_000_000
        return self._database.writing(lambda connection: runs.report(connection, run_id, owner, lease, progress))

    def finish(self, run_id: str, owner: str, state: RunState, message: str) -> None:
        """End a run that has no schedule: failed, timeout or cancelled."""
        self._database.writing(lambda connection: runs.finish(connection, run_id, owner, state, message))

    def get(self, run_id: str) -> Run:
        """One run."""
        with self._database.reading() as connection:
            return runs.get(connection, run_id)

    def of_request(self, request_id: str) -> Run | None:
        """The run that a request id has led to; None if there is none."""
        with self._database.reading() as connection:
            return runs.of_request(connection, request_id)

    def newest(
        self,
        *,
        snapshot_id: str | None = None,
        states: Collection[RunState] = (),
        limit: int = 50,
        after: tuple[int, str] | None = None,
    ) -> tuple[Run, ...]:
        """Newest first; ``states`` empty: all. ``after``: order and id of the run after which the list goes on."""
        with self._database.reading() as connection:
            return runs.newest(connection, snapshot_id, states, limit, after)

    def request_cancel(self, run_id: str, actor: str = "planner") -> None:
        """Ask a run to stop: a queued one is cancelled at once, a running one within about a second."""
        self._database.writing(lambda connection: runs.request_cancel(connection, run_id, actor))

    def request_keep(self, run_id: str, actor: str = "planner") -> None:
        """Ask a running run to end within about a second with the best plan so far; any other run stays as it is."""
        self._database.writing(lambda connection: runs.request_keep(connection, run_id, actor))

    def fail_expired(self, now: float | None = None) -> tuple[str, ...]:
        """Mark running runs whose worker has not been heard of for a lease as failed; returns their ids. Cheap: poll it.

        ``now``: seconds of ``time.monotonic`` (None: now). How long a worker is silent shows only to who asks again and
        again, as clocks may be set: the first call ends no run, see ``end_lost``.
        """
        moment = time.monotonic() if now is None else now
        found = {run.id: run for run in self._unfinished()}
        signs = {run.id: run.sign for run in found.values()}
        silent = self._watch.silent(signs, moment, lambda run_id: found[run_id].patience)
        if not silent:
            return ()
        lost = [found[run_id] for run_id in sorted(silent)]
        return self._database.writing(lambda connection: runs.fail(connection, lost))

    def end_lost(self) -> tuple[str, ...]:
        """The same for a caller that looks only once: it waits where a worker may still be alive.

        In doubt are workers whose lease is over by the clock, and those whose lease would last longer than any does. One
        that is alive gives a sign in half a second; one that is dead is given OVER_SECONDS, or LEASE_SECONDS.
        """
        ended = list(self.fail_expired())
        doubtful = {run.id: run.sign for run in self._unfinished() if run.doubtful}
        while doubtful:
            time.sleep(SIGN_SECONDS)
            ended += self.fail_expired()
            signs = {run.id: run.sign for run in self._unfinished()}
            doubtful = {run_id: sign for run_id, sign in doubtful.items() if signs.get(run_id) == sign}
        return tuple(ended)

    def _unfinished(self) -> tuple[runs.Unfinished, ...]:
        wait = runs.Patience(LEASE_SECONDS, STARTING_SECONDS, OVER_SECONDS)
        with self._database.reading() as connection:
            return runs.unfinished(connection, wait)
