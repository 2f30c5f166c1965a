"""deploy/upgrade.sh with two pretended installations: what it does, in which order, and that it comes back by itself."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.skipif(shutil.which("flock") is None, reason="util-linux is not installed")

PROGRAM = """#!/bin/sh
# A version that knows tables up to KNOWN; the tables' version, faults and failures are files in STATE.
me=$(basename "$(dirname "$(dirname "$0")")")
echo "$me $*" >>"$STATE/log"
tables=$(cat "$STATE/tables")
if [ -e "$STATE/fails-$me-$1${2:+-$2}" ]; then exit 1; fi
case "$1 ${2:-}" in
"db status")
    [ "$tables" -le KNOWN ] || exit 4
    echo "{\\"version\\": $tables, \\"newest\\": KNOWN, \\"missing\\": $(( (KNOWN - tables) * 7 ))}" ;;
"db backup") [ "$tables" -le KNOWN ] || exit 4; echo "$tables" >"$3" ;;
"db upgrade") echo KNOWN >"$STATE/tables"; echo "with ${SHOPWRIGHT_DATABASE_URL:-}" >>"$STATE/log" ;;
"db restore") for file; do :; done; cp "$file" "$STATE/tables" ;;
"db accounts") echo "GRANT of $me;" ;;
"health --json")
    faults=$(cat "$STATE/faults-$me" 2>/dev/null || true)
    level=ok; [ -z "$faults" ] || level=fault
    echo "{\\"checks\\": [{\\"name\\": \\"${faults:-database}\\", \\"level\\": \\"$level\\"}]}"
    [ -z "$faults" ] ;;
esac
"""
SYSTEMCTL = """#!/bin/sh
case "$1" in
is-active) case " shopwright-board shopwright-api shopwright-availability " in *" $3 "*) exit 0 ;; *) exit 3 ;; esac ;;
*) echo "systemctl $*" >>"$STATE/log" ;;
esac
"""
CURL = """#!/bin/sh
[ ! -e "$STATE/silent-$(basename "$(readlink -f "$PREFIX/current")")" ]
"""


@dataclass(frozen=True)
class Ran:
    status: int
    said: str
    did: list[str]


class Installation:
    """Versions 1 (tables up to 5) and 2 (up to 6), with version 1 in service."""

    def __init__(self, folder: Path, new_tables: int = 6) -> None:
        self.folder, self.state, self.prefix = folder, folder / "state", folder / "opt"
        for place in (self.state, folder / "bin", folder / "etc", folder / "backups"):
            place.mkdir(parents=True)
        for version, known in (("1", 5), ("2", new_tables)):
            place = self.prefix / "versions" / version / "bin"
            place.mkdir(parents=True)
            self._executable(place / "shopwright", PROGRAM.replace("KNOWN", str(known)))
            self._executable(place / "python", f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
        (self.prefix / "current").symlink_to("versions/1")
        self._executable(folder / "bin" / "systemctl", SYSTEMCTL)
        self._executable(folder / "bin" / "curl", CURL)
        (self.state / "tables").write_text("5")
        (folder / "etc" / "env").write_text("SHOPWRIGHT_DATABASE_URL='mysql+pymysql://app:x@127.0.0.1/shopwright'\n")
        (folder / "etc" / "migrator").write_text("SHOPWRIGHT_DATABASE_URL='migrator-url'\n")
        self.settings(GRANTS=f"cat >>{self.state}/log")

    def settings(self, **more: str) -> None:
        lines = {"PREFIX": str(self.prefix), "BACKUPS": str(self.folder / "backups"), "RUN_AS": "", "WAIT": "0", **more}
        text = "".join(f"{name}='{value}'\n" for name, value in lines.items())
        (self.folder / "etc" / "upgrade.conf").write_text(f"{text}export PREFIX\n")

    def run(self, *arguments: str) -> Ran:
        (self.state / "log").write_text("")
        ran = subprocess.run(
            ["sh", str(ROOT / "deploy" / "upgrade.sh"), *arguments], capture_output=True, text=True, timeout=120,
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "STATE": str(self.state),
                "SHOPWRIGHT_CONFIG": str(self.folder / "etc"),
            },
        )  # fmt: skip
        stamped = str(self.folder / "backups")
        did = [line.replace(f"{stamped}/", "") for line in (self.state / "log").read_text().splitlines()]
        return Ran(
            ran.returncode, ran.stdout + ran.stderr, [line for line in did if "status" not in line and "health" not in line]
        )

    @property
    def in_service(self) -> str:
        return os.readlink(self.prefix / "current")

    @property
    def tables(self) -> str:
        return (self.state / "tables").read_text().strip()

    def backups(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "backups").iterdir())

    def marks(self, name: str, content: str = "") -> None:
        (self.state / name).write_text(content)

    @staticmethod
    def _executable(file: Path, text: str) -> None:
        file.write_text(text)
        file.chmod(0o755)


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def first_words(did: list[str], words: int = 3) -> list[str]:
    return [" ".join(line.split()[:words]) for line in did]


def test_an_update_backs_up_between_stopping_and_changing_the_tables(installed: Installation) -> None:
    ran = installed.run("2")
    assert ran.status == 0, ran.said
    assert (installed.in_service, installed.tables) == ("versions/2", "6")
    assert first_words(ran.did) == [
        "2 --version", "2 warm", "systemctl stop shopwright-board", "1 db backup", "2 db upgrade", "with migrator-url",
        "2 db accounts", "GRANT of 2;", "systemctl start shopwright-board", "systemctl restart shopwright-availability",
    ]  # fmt: skip
    assert ran.did[2].split()[2:] == ["shopwright-board", "shopwright-api"], "only what was running"
    (backup,) = installed.backups()
    assert f"to come back: upgrade.sh --back 1 --restore {installed.folder}/backups/{backup}" in ran.said
    assert "migrator-url" not in ran.said


def test_a_dry_run_changes_nothing_and_says_what_would_be_done(installed: Installation) -> None:
    ran = installed.run("--dry-run", "2")
    assert (ran.status, first_words(ran.did)) == (0, ["2 --version"])
    assert "from 1 to 2; tables of version 5 -> 6; services: shopwright-board shopwright-api" in ran.said
    assert (installed.in_service, installed.tables, installed.backups()) == ("versions/1", "5", [])


@pytest.mark.parametrize(
    ("marks", "content", "reason"),
    [
        ("silent-2", "", "shopwright-board does not answer at http://127.0.0.1:8501/_stcore/health"),
        ("faults-2", "exporter", "shopwright health: FAULT exporter, which was fine before"),
        ("fails-2-health---json", "", "shopwright health does not work"),
        ("fails-2-db-accounts", "", ""),
        ("fails-2-db-upgrade", "", "the tables could not be changed"),
        ("fails-1-db-backup", "", "the backup failed"),
    ],
)
def test_a_version_that_does_not_work_is_left_by_itself(
    installed: Installation, marks: str, content: str, reason: str
) -> None:
    if marks == "fails-2-db-accounts":
        installed.settings(GRANTS="cat >/dev/null; exit 1")
        reason = "the rights of store_app could not be given"
    else:
        installed.marks(marks, content)
    ran = installed.run("2")
    assert ran.status == 1, ran.said
    assert f"upgrade: {reason}; back to version 1" in ran.said
    assert (installed.in_service, installed.tables) == ("versions/1", "5")
    assert first_words(ran.did)[-2:] == ["systemctl start shopwright-board", "systemctl restart shopwright-availability"]
    restored = [line for line in ran.did if "db restore" in line]
    if marks == "fails-1-db-backup":
        assert restored == []
    else:
        # The new program restores, as the old one knows nothing of the newer tables, and keeps what was stored meanwhile.
        (before,) = [name for name in installed.backups() if name.startswith("before-2")]
        assert restored == [f"2 db restore --replace --keep-version {before}"]
        assert [name[:7] for name in installed.backups()] == ["after-2", "before-"]
        assert "1 db verify" in ran.did


def test_a_fault_of_before_does_not_stand_in_the_way(installed: Installation) -> None:
    for version in ("1", "2"):
        installed.marks(f"faults-{version}", "ERP")
    ran = installed.run("2")
    assert (ran.status, installed.in_service) == (0, "versions/2")
    assert "faults already now: ERP" in ran.said


def test_tables_that_did_not_change_need_no_migrator_and_no_restore(tmp_path: Path) -> None:
    installed = Installation(tmp_path, new_tables=5)
    (tmp_path / "etc" / "migrator").unlink()
    installed.marks("silent-2")
    ran = installed.run("2")
    assert (ran.status, installed.in_service) == (1, "versions/1")
    assert not [line for line in ran.did if "restore" in line or "upgrade" in line]
    (installed.state / "silent-2").unlink()
    ran = installed.run("2")
    assert (ran.status, installed.in_service) == (0, "versions/2")
    assert ran.said.splitlines()[-1] == "upgrade: to come back: upgrade.sh --back 1"
    back = installed.run("--back", "1")
    assert (back.status, installed.in_service) == (0, "versions/1"), back.said


def test_the_way_back_days_later_keeps_what_was_stored_since(installed: Installation) -> None:
    installed.run("2")
    (before,) = installed.backups()
    backup = str(installed.folder / "backups" / before)
    assert "give --restore FILE" in installed.run("--back", "1").said
    dry = installed.run("--dry-run", "--back", "1", "--restore", backup)
    assert (dry.status, installed.in_service) == (0, "versions/2")
    ran = installed.run("--back", "1", "--restore", backup)
    assert (ran.status, installed.in_service, installed.tables) == (0, "versions/1", "5"), ran.said
    assert [name[:7] for name in installed.backups()] == ["after-2", "before-"]
    assert first_words(ran.did)[1:3] == ["systemctl stop shopwright-board", "2 db backup"]


def test_an_update_that_was_cut_short_is_undone_with_the_version_that_began_it(installed: Installation) -> None:
    installed.marks("tables", "6")
    backup = installed.folder / "backups" / "before.backup"
    backup.write_text("5")
    assert "newer tables: --back" in installed.run("2").said
    assert installed.run("--back", "1", "--restore", str(backup)).status == 1
    ran = installed.run("--back", "1", "--restore", str(backup), "--from", "2")
    assert (ran.status, installed.in_service, installed.tables) == (0, "versions/1", "5"), ran.said


def test_neither_version_working_is_told_by_its_own_status(installed: Installation) -> None:
    installed.marks("silent-1")
    installed.marks("silent-2")
    ran = installed.run("2")
    assert (ran.status, installed.in_service, installed.tables) == (3, "versions/1", "5")
    assert "version 1 is in place again and does not work" in ran.said


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        ([], 2, "usage"),
        (["../2"], 2, "usage"),
        (["2", "3"], 2, "usage"),
        (["2", "--restore", "x"], 2, "usage"),
        (["--nonsense"], 2, "usage"),
        (["3"], 1, "is not installed"),
        (["1"], 1, "is in service already"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_touched(
    installed: Installation, arguments: list[str], status: int, reason: str
) -> None:
    ran = installed.run(*arguments)
    assert (ran.status, ran.did) == (status, [])
    assert reason in ran.said


@pytest.mark.parametrize(
    ("lacks", "reason"),
    [
        ("etc/migrator", "must have the address of store_migrator"),
        ("backups", "must be a folder"),
        ("etc/env", "cannot be read"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_stopped(installed: Installation, lacks: str, reason: str) -> None:
    place = installed.folder / lacks
    if place.is_dir():
        place.rmdir()
    else:
        place.unlink()
    ran = installed.run("2")
    assert (ran.status, reason in ran.said) == (1, True), ran.said
    assert not [line for line in ran.did if line.startswith("systemctl")]


def test_two_updates_at_once_are_one(installed: Installation) -> None:
    with (installed.prefix / ".upgrade.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ran = installed.run("2")
    assert (ran.status, ran.did) == (1, [])
    assert "another upgrade.sh is at work" in ran.said
