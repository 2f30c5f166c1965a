"""The HTTP API against its own OpenAPI document, by schemathesis, signed in as each role: all checks, stateful.

    python benchmarks/api_schema.py [--examples 30] [--folder var/api_schema] > benchmarks/results/api_schema.md

Each role has a real service token, and a server of its own over a store with plans, a rejected schedule and a run. What
is checked, and which two checks are told what this API promises on purpose: tests/support/api_schema.py. A role whose report
lies in the folder already is not asked again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from threading import Event, Thread
from typing import Any

from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.api.app import routed_app
from scheduler_core.api.document import as_text
from scheduler_core.api.server import ApiServer, listen
from scheduler_core.api.service import Service
from scheduler_core.data.store import Store
from scheduler_core.roles import Role
from scheduler_core.services import service_tokens
from scheduler_core.services.bearer_tokens import identifier
from scheduler_core.settings.api_settings import ApiSettings
from scheduler_core.settings.sign_in import SignIn
from tests.support.api_schema import ACCEPTED, TELLS_WHAT_IS_WRONG
from tests.support.sample_plans import fresh, overlapping_schedule, planned, running

HOOKS = "tests.support.api_schema"
PERSON = "Ann"


@contextmanager
def served(role: Role) -> Iterator[tuple[str, str]]:
    """Address of a server, and a token of the role."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'store.sqlite3'}")
        running(store, planned(store).snapshot)
        planned(store, overlapping_schedule())
        store.roles.grant(PERSON, role.value, "benchmark")
        token = service_tokens.make(
            store, owner=PERSON, name="schemathesis", roles=[role], expires_at=datetime.now(UTC) + timedelta(days=1),
            actor=PERSON, request_id=fresh(),
        ).secret  # fmt: skip
        settings = ApiSettings(
            token_per_minute=10**9, address_per_minute=10**9, longest_wait_seconds=0.0, longest_stream_seconds=1.0
        )
        server = ApiServer(Service(store, identifier(SignIn(way="none")), settings), None, say=print, status=print)
        stopped, sock = Event(), listen("127.0.0.1", 0, beyond=False)
        thread = Thread(target=server.serve, args=(sock, stopped))
        thread.start()
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}", str(token)
        finally:
            stopped.set()
            thread.join()
            store.close()


def asked(role: Role, folder: Path, examples: int) -> dict[str, Any]:
    """What schemathesis found, signed in as the role."""
    kept = folder / f"{role.value}.json"
    if not kept.exists():
        document, config = folder / "openapi.json", folder / "schemathesis.toml"
        document.write_text(as_text(routed_app().openapi()))
        accepted = f"positive_data_acceptance.expected-statuses = {json.dumps(ACCEPTED)}"
        told = f'[[operations]]\ninclude-path = "{TELLS_WHAT_IS_WRONG}"\nchecks.negative_data_rejection.enabled = false\n'
        config.write_text(f"[checks]\nuse_after_free.enabled = false\n{accepted}\n{told}")
        began = time.perf_counter()
        with served(role) as (address, token):
            report = folder / f"{role.value}.report.json"
            command = [
                str(Path(sys.executable).with_name("st")), "--config-file", str(config), "run", str(document),
                "--url", address, "-H", f"Authorization: Bearer {token}", "--checks", "all", "--max-examples", str(examples),
                "--no-color", "--continue-on-failure", "--request-timeout", "20", "--seed", "1",
                "--report-json-path", str(report),
            ]  # fmt: skip
            variables = {**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)}
            with (folder / f"{role.value}.log").open("w") as log:
                status = subprocess.run(command, cwd=folder, env=variables, stdout=log, stderr=log, check=False).returncode
        found = {"status": status, "seconds": time.perf_counter() - began, "report": json.loads(report.read_text())}
        kept.write_text(json.dumps(found))
    loaded: dict[str, Any] = json.loads(kept.read_text())
    return loaded


def main() -> None:
    """Ask as each role, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=30, help="examples of an operation in each phase")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "api_schema")
    args = parser.parse_args()
    args.folder = args.folder.absolute()
    args.folder.mkdir(parents=True, exist_ok=True)
    rows = [row(role, asked(role, args.folder, args.examples)) for role in Role]
    print(heading("The HTTP API against its own OpenAPI document", sys.argv[1:]))
    print(
        f"schemathesis {metadata.version('schemathesis')}, all its checks, coverage, fuzzing and stateful phases, "
        f"{args.examples} examples of an operation. Failures: no 5xx, no status and no field that the document does not "
        "tell, no value refused by the schema that it fits, no request served without its token.\n"
    )
    print(markdown_table(("role", "operations", "requests", "without a check", "failures", "seconds"), rows))
    failures = [one for role in Role for one in asked(role, args.folder, args.examples)["report"]["failures"]]
    for one in failures:
        print(f"\n- {json.dumps(one)[:500]}")


def row(role: Role, found: dict[str, Any]) -> list[str]:
    """The line of a role. Raises RuntimeError for a run that did not come to its end."""
    report = found["report"]
    if not report["complete"] or report["errors"]:
        raise RuntimeError(f"{role.value}: schemathesis did not come to its end: {report['errors']}")
    tested, cases = report["operations"]["tested"], report["test_cases"]
    numbers = (
        tested,
        cases["generated"],
        cases["without_checks"],
        cases["unique_failures"],
        round(found["seconds"]),
    )
    return [role.value, *(f"{number:,}" for number in numbers)]


if __name__ == "__main__":
    main()
