"""Approve's handler run twice in the same moment, and cut off right at the commit: never two approvals, never half of one.

    python benchmarks/approval_handlers.py [--times 100]

No hand can time this (``benchmarks/clicks.py`` has real double clicks and closed tabs), so the page stands under Streamlit's
AppTest and its approval is disturbed. Twice at once: two threads with the request that the page had drawn. Cut off:
Streamlit's StopException, which is what a script gets at its next ``st.`` call after the browser has gone, before or right
after the commit; then the planner opens the page again and confirms what is still to do.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from report import heading, markdown_table
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dashboard.background import progress  # noqa: E402
from scheduler_core.data.read_progress import ReadProgress  # noqa: E402
from scheduler_core.data.store import Store  # noqa: E402
from scheduler_core.data.store.records import ApprovalRequest, Release  # noqa: E402
from scheduler_core.services import releasing  # noqa: E402
from scheduler_core.settings import environment  # noqa: E402
from tests.support.sample_plans import good_schedule, planned  # noqa: E402

PAGE = "from dashboard.components import page_shell\nfrom dashboard.views import approve\npage_shell.top()\napprove.show()"
PATIENCE_SECONDS = 60.0
"""The page waits in place, however busy the machine is."""
Approve = Callable[..., Release]


@dataclass(frozen=True)
class Outcome:
    """``approvals``: rows made; ``most``: by one intention; ``halves``: releases without outbox row, lines or audit."""

    case: str
    times: int
    approvals: int
    most: int
    halves: int


@contextmanager
def approving_by(approve: Approve) -> Iterator[None]:
    """The page's approval replaced by one that is disturbed."""
    usual, patience = releasing.approve, progress.AT_ONCE_SECONDS
    releasing.approve, progress.AT_ONCE_SECONDS = approve, PATIENCE_SECONDS
    try:
        yield
    finally:
        releasing.approve, progress.AT_ONCE_SECONDS = usual, patience


def twice_at_once(store: Store, request: ApprovalRequest, listener: ReadProgress) -> Release:
    """Two handlers in the same moment."""
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: store.releases.approve(request, None), range(2))
    if one != two:
        raise AssertionError("the two were told of different releases")
    return one


def cut_off_before(store: Store, request: ApprovalRequest, listener: ReadProgress) -> Release:
    """Before the approval."""
    raise StopException


def cut_off_after(store: Store, request: ApprovalRequest, listener: ReadProgress) -> Release:
    """After the commit, before the page hears of it."""
    store.releases.approve(request, None)
    raise StopException


def confirm(schedule_id: str) -> AppTest:
    """Choose the plan on the page, release it, confirm."""
    page = AppTest.from_string(PAGE, default_timeout=60)
    page.query_params["plan"] = schedule_id
    page.run()
    page.text_input(key="approver").set_value("Ana").run()
    if not page.button(key="release").disabled:
        page.button(key="release").click().run()
        page.button(key="confirm").click().run()
    return page


def study(case: str, disturbed: Sequence[Approve], times: int) -> Outcome:
    """So many intentions, each with the disturbance, then the page opened again and confirmed if offered."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.sqlite3"
        os.environ[environment.DATABASE_URL] = url
        with closing(Store.open(url)) as store:
            first = planned(store, good_schedule(0))
            plans = [first.schedule, planned(store, good_schedule(5), first.snapshot).schedule]
            made = []
            for number in range(times):
                before = len(store.releases.newest("tiny", 10**6))
                with approving_by(disturbed[number % len(disturbed)]):
                    confirm(plans[number % 2])
                with approving_by(releasing.approve):  # undisturbed, and waited for: an approval counts to its intention
                    confirm(plans[number % 2])
                made.append(len(store.releases.newest("tiny", 10**6)) - before)
            releases = store.releases.newest("tiny", 10**6)
            told = {e.subject for e in store.audit.newest(10**6) if e.action == "approve"}
            delivered = {d.release_id for d in store.deliveries.newest(limit=10**6)}
            halves = sum(
                r.id not in told or r.id not in delivered or len(store.releases.dispatch_rows(r.id)) != 4 for r in releases
            )
            if store.audit.verify() is not None:
                raise AssertionError("the audit trail is broken")
            return Outcome(case, times, len(releases), max(made), halves)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; exit code 1 if one intention made two approvals, or half of one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    args = parser.parse_args(arguments)
    outcomes = [
        study("twice at once", [twice_at_once], args.times),
        study("cut off", [cut_off_before, cut_off_after], args.times),
    ]
    print(heading("Approve's handler twice at once, and cut off", sys.argv[1:]))
    columns = ("case", "times", "approvals", "most by one intention", "halves")
    rows = [[o.case, str(o.times), str(o.approvals), str(o.most), str(o.halves)] for o in outcomes]
    print(markdown_table(columns, rows))
    return 1 if any(o.most > 1 or o.halves for o in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
