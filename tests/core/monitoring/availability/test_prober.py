"""The prober's file and its asking: nothing that goes wrong may stop it or turn a missing probe into a good one."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.monitoring.availability import maintenance, probe_log
from scheduler_core.monitoring.availability.doors import Door, ask, door_of
from scheduler_core.monitoring.availability.maintenance import Window
from scheduler_core.monitoring.availability.probe_log import OK, ClockJump, Line, Probe, ProbeLog, Unreadable
from scheduler_core.monitoring.availability.prober import Prober
from scheduler_core.monitoring.liveness import answering

MIDNIGHT = 1_764_460_800  # 2025-11-30 00:00 UTC


def lines(folder: Path) -> list[Line]:
    return list(probe_log.read(folder, 0, 4_000_000_000))


# ---------------------------------------------------------------- the file
def test_what_is_written_is_read_again_and_each_utc_day_has_its_file(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path / "new" / "folder")
    kept = [
        Probe(MIDNIGHT - 5, 10, {"board": OK, "api": "status-503"}),
        ClockJump(MIDNIGHT + 5, -3600),
        Probe(MIDNIGHT + 5, 10, {"board": "timeout"}),
    ]
    for line in kept:
        log.append(line)  # type: ignore[arg-type]
    assert log.failure == ""
    assert [file.name for file in probe_log.files(tmp_path / "new" / "folder")] == ["2025-11-29.probes", "2025-11-30.probes"]
    assert lines(tmp_path / "new" / "folder") == kept


def test_a_line_that_was_cut_short_is_no_probe_and_swallows_no_other(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path)
    log.append(Probe(MIDNIGHT, 10, {"board": OK, "api": OK}))
    file = tmp_path / "2025-11-30.probes"
    whole = file.read_bytes()
    for length in range(1, len(whole)):
        file.write_bytes(whole[:length])
        ProbeLog(tmp_path).append(Probe(MIDNIGHT + 10, 10, {"board": "refused"}))
        found = lines(tmp_path)
        assert found[-1] == Probe(MIDNIGHT + 10, 10, {"board": "refused"})
        # All but the line end is the whole line.
        first = Probe(MIDNIGHT, 10, {"board": OK, "api": OK}) if length == len(whole) - 1 else Unreadable(file)
        assert found[:-1] == [first]


@pytest.mark.parametrize(
    "text", ["", "x", "5 0 board=ok .", "5 10 board=ok", "5 10 .", "5 10 Board=ok .", "5 clock 3 .", "\ufffd"]
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert probe_log.read_line(text, Path("a")) == Unreadable(Path("a"))


def test_a_full_disk_loses_no_probe_and_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    now = [MIDNIGHT + 5.0]
    prober = Prober(
        [Door("board", "http://x/")], ProbeLog(tmp_path), 10, 1, said.append,
        ask=lambda _door, _seconds: OK, clock=lambda: now[0], passing=lambda: now[0],
    )  # fmt: skip
    write = os.write

    def full(handle: int, content: bytes) -> int:
        if len(said) == 0 and content.startswith(str(int(MIDNIGHT + 15)).encode()):
            return write(handle, content[:9])  # the last bytes of the disk
        raise OSError(errno.ENOSPC, "No space left on device")

    prober.look()
    monkeypatch.setattr(os, "write", full)
    for _ in range(3):
        now[0] += 10
        prober.look()
    monkeypatch.setattr(os, "write", write)
    now[0] += 10
    prober.look()
    assert said == [
        "probes cannot be written, 1 wait in memory: a line was written in part",
        "probes cannot be written, 2 wait in memory: No space left on device",
        "probes are written again",
    ]
    found = lines(tmp_path)
    assert [line.at - MIDNIGHT for line in found if isinstance(line, Probe)] == [5, 15, 25, 35, 45]
    assert sum(isinstance(line, Unreadable) for line in found) == 1


def test_the_newest_files_are_kept_also_after_a_clock_that_ran_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_log, "KEPT_FILES", 3)
    log = ProbeLog(tmp_path)
    for day in (0, 1, 2, 4000, 3):
        log.append(Probe(MIDNIGHT + day * 86400, 10, {"board": OK}))
    assert [file.stem for file in probe_log.files(tmp_path)] == ["2025-12-02", "2025-12-03", "2036-11-12"]


def test_the_doors_before_a_period_are_those_of_the_last_probe_before_it(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path)
    log.append(Probe(MIDNIGHT - 9 * 86400, 10, {"board": OK, "old": OK}))
    log.append(Probe(MIDNIGHT - 8 * 86400, 10, {"board": OK, "api": OK}))
    assert probe_log.earlier_doors(tmp_path, MIDNIGHT) == {"board", "api"}
    assert probe_log.earlier_doors(tmp_path, MIDNIGHT - 9 * 86400) == frozenset()


# ---------------------------------------------------------------- its pace and its clock
def prober_at(now: list[float], log: ProbeLog, passing: list[float] | None = None) -> Prober:
    return Prober(
        [Door("board", "http://x/")], log, 10, 1, lambda _line: None,
        ask=lambda _door, _seconds: OK, clock=lambda: now[0], passing=lambda: (passing or now)[0],
    )  # fmt: skip


def test_it_looks_in_the_middle_of_each_stretch_and_never_waits_for_more_than_one_and_a_half(tmp_path: Path) -> None:
    now = [1000.0]
    prober = prober_at(now, ProbeLog(tmp_path))
    assert prober.pause() == 5.0
    now[0] = 1008.0
    assert prober.pause() == 0.0, "the stretch has no probe yet"
    prober.look()
    assert prober.pause() == 7.0
    now[0] = 990.0  # set back
    assert prober.pause() == 5.0
    now[0] = 1000.0
    assert prober.pause() == 15.0


def test_a_jump_of_the_clock_is_kept_before_the_probe_that_follows(tmp_path: Path) -> None:
    now, passing = [MIDNIGHT + 5.0], [100.0]
    prober = prober_at(now, ProbeLog(tmp_path), passing)
    for by, seconds in ((10, 10), (3610, 10), (11, 10), (-3600, 10)):
        prober.look()
        now[0] += by
        passing[0] += seconds
    prober.look()
    assert [line for line in lines(tmp_path) if isinstance(line, ClockJump)] == [
        ClockJump(MIDNIGHT + 3625, 3600),
        ClockJump(MIDNIGHT + 36, -3610),
    ]


def test_it_stops_when_asked(tmp_path: Path) -> None:
    stopped = threading.Event()
    now = [1000.0]
    prober = prober_at(now, ProbeLog(tmp_path))
    thread = threading.Thread(target=prober.serve, args=(stopped,))
    thread.start()
    stopped.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_door_that_never_comes_back_holds_no_other_up_and_gathers_no_threads(tmp_path: Path) -> None:
    release = threading.Event()

    def stuck(door: Door, _seconds: float) -> str:
        if door.name == "stuck":
            release.wait(20)
        return OK

    doors = [Door("stuck", "http://x/"), Door("board", "http://x/")]
    prober = Prober(doors, ProbeLog(tmp_path), 10, 0.05, lambda _line: None, ask=stuck)
    began = time.monotonic()
    for _ in range(3):
        prober.look()
    assert time.monotonic() - began < 5
    assert sum(thread.name == "stuck" for thread in threading.enumerate()) == 1
    release.set()
    assert [line.answers for line in lines(tmp_path) if isinstance(line, Probe)] == [{"stuck": "timeout", "board": OK}] * 3


# ---------------------------------------------------------------- the doors
@pytest.fixture
def raw() -> Iterator[tuple[int, dict[str, list[bytes]]]]:
    """A server that answers with the bytes under "say", one piece every 0.1 s, and then stays silent."""
    say: dict[str, list[bytes]] = {"say": []}
    ended = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)

    def serve() -> None:
        while not ended.is_set():
            try:
                client, _ = server.accept()
            except TimeoutError:
                continue
            with client:
                client.recv(1000)
                for piece in say["say"]:
                    client.sendall(piece)
                    if ended.wait(0.1):
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], say
    ended.set()
    thread.join(5)
    server.close()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ([b"HTTP/1.1 200 OK\r\n"], OK),
        ([b"HTTP/1.0 204\r\n"], OK),
        ([b"HTTP/1.1 503 Service Unavailable\r\n"], "status-503"),
        ([b"HTTP/1.1 302 Found\r\n"], "status-302"),
        ([b"HT", b"TP/1.1 2", b"00 OK\r\n"], OK),
        ([b"SSH-2.0-x\r\n"], "not-http"),
        ([b"x" * 500], "not-http"),
        ([], "not-http"),
        ([b"H"] * 20, "timeout"),
    ],
)
def test_a_status_from_200_to_299_opens_a_door(
    raw: tuple[int, dict[str, list[bytes]]], said: list[bytes], answer: str
) -> None:
    port, say = raw
    say["say"] = said
    began = time.monotonic()
    assert ask(Door("board", f"http://127.0.0.1:{port}/livez"), 0.5) == answer
    assert time.monotonic() - began < 2


def test_nobody_behind_a_door() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert ask(Door("board", f"http://127.0.0.1:{port}/"), 1) == "refused"
    with answering(0, lambda: "") as port:
        assert ask(Door("board", f"https://127.0.0.1:{port}/"), 1) in {"tls", "timeout", "unreachable"}


def test_a_program_without_pages_says_whether_it_gets_on() -> None:
    reason = [""]
    with answering(0, lambda: reason[0]) as port:
        door = Door("exporter", f"http://127.0.0.1:{port}/livez")
        assert ask(door, 2) == OK
        reason[0] = "releases wait"
        assert ask(door, 2) == "status-503"
        assert ask(Door("exporter", f"http://127.0.0.1:{port}/"), 2) == "status-404"
        with pytest.raises(InvalidValue, match=f"port: {port} cannot be used"), answering(port, lambda: ""):
            pass
    assert ask(door, 2) == "refused"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("board", "must have an address"),
        ("Board=http://x/", "must be NAME=URL"),
        ("=http://x/", "must be NAME=URL"),
        ("board=ftp://x/", "begins with http"),
        ("board=http:///x", "begins with http"),
        ("board=http://x:99999/", "begins with http"),
        ("board=http://x/ y", "without spaces"),
        ("board=http://ann:geheim@x/", "process list"),
    ],
)
def test_a_door_that_cannot_be_asked_is_refused_without_its_password(text: str, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason) as refused:
        door_of(text)
    assert "geheim" not in str(refused.value)


# ---------------------------------------------------------------- maintenance
def test_maintenance_is_declared_before_it_is_over(tmp_path: Path) -> None:
    maintenance.declare(tmp_path / "new", Window(100, 200, 300, "update to 0.3"))
    maintenance.declare(tmp_path / "new", Window(250, 200, 300, "late"))
    assert [window.planned for window in maintenance.windows(tmp_path / "new")] == [(200, 300), (250, 300)]
    assert maintenance.windows(tmp_path) == ()
    for wrong in (
        Window(100, 200, 200, "x"), Window(400, 200, 300, "x"), Window(100, 200, 300, " "), Window(0, 1, 700_000, "x"),
    ):  # fmt: skip
        with pytest.raises(InvalidValue):
            maintenance.declare(tmp_path / "new", wrong)
    with (tmp_path / "new" / maintenance.FILE).open("a") as file:
        file.write("{}\n")
    with pytest.raises(InvalidValue, match="line 3"):
        maintenance.windows(tmp_path / "new")
