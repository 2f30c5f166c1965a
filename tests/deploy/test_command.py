"""deploy/shopwright.sh: the command of people and cron runs as the services' user with their addresses."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

COMMAND = ROOT / "deploy" / "shopwright.sh"
PROGRAM = '#!/bin/sh\necho "$SHOPWRIGHT_DATABASE_URL $SHOPWRIGHT_HOME $HOME $NUMBA_CACHE_DIR" "$@"\n'
RUNUSER = '#!/bin/sh\necho "$1 $2"; shift 3; AS=7 exec "$@"\n'


@pytest.mark.parametrize(("user", "switched"), [("7", ""), ("0", "-u shopwright\n")])
def test_it_has_the_services_addresses_and_is_never_root(tmp_path: Path, user: str, switched: str) -> None:
    for name, text in (
        ("current/bin/shopwright", PROGRAM),
        ("bin/runuser", RUNUSER),
        ("bin/id", f'#!/bin/sh\necho "${{AS:-{user}}}"\n'),
        ("env", "SHOPWRIGHT_DATABASE_URL='sqlite:////a b'\n"),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        file.chmod(0o755)
    here = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "SHOPWRIGHT_CONFIG": str(tmp_path), "PREFIX": str(tmp_path)}
    ran = subprocess.run(["sh", str(COMMAND), "a b", "c"], env=here, capture_output=True, text=True, check=True)
    home = "/var/lib/shopwright"
    assert ran.stdout == f"{switched}sqlite:////a b {home} {home} /var/cache/shopwright a b c\n"
