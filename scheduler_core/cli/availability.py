"""``shopwright availability``: probe the service from outside, and say how available it was."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.signals import stopped_by_signals
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.errors import InvalidValue

if TYPE_CHECKING:
    from scheduler_core.monitoring.availability.report import Availability, Outage, Report

MOST_DAYS = 90
SHOWN_OUTAGES = 40
LEAST_SECONDS, MOST_SECONDS = 2, 3600
DOORS = (
    "board=http://127.0.0.1:8501/_stcore/health",
    "api=http://127.0.0.1:8600/readyz",
    "exporter=http://127.0.0.1:8602/livez",
)
"""The doors of an installation on one machine (deploy/)."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments; without a subcommand the availability is shown."""
    parser.add_argument(
        "--days", type=int, default=30, metavar="N", help="days of 24 hours up to now, 1 to 90 (default: 30)"
    )
    parser.add_argument(
        "--target",
        type=float,
        default=99.9,
        metavar="PERCENT",
        help="the availability to reach, 50 to 99.999 (default: 99.9)",
    )
    parser.add_argument(
        "--door",
        action="append",
        default=[],
        metavar="NAME",
        help="count only this door; may be repeated (default: all probed)",
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    _folder(parser, None)
    parser.set_defaults(answer=_report)
    asked = parser.add_subparsers(metavar="WHAT")
    probe = asked.add_parser("probe", help="probe the doors of the service until stopped, and append the answers to a file")
    probe.add_argument(
        "--url", action="append", default=[], metavar="NAME=URL",
        help="a door and its address, which answers with a status from 200 to 299 while it works; may be repeated (default: "
        f"{' '.join(DOORS)})",
    )  # fmt: skip
    probe.add_argument("--every", type=int, default=10, metavar="SECONDS", help="2 to 3600 (default: 10)")
    probe.add_argument(
        "--timeout", type=float, default=4.0, metavar="SECONDS", help="for an answer, less than half of --every (default: 4)"
    )
    probe.set_defaults(answer=_probe)
    planned = asked.add_parser("maintenance", help="declare planned maintenance before it begins; it is shown separately")
    planned.add_argument("--from", dest="begin", required=True, metavar="TIME", help="such as 2026-12-05T02:00")
    planned.add_argument(
        "--until", required=True, metavar="TIME", help="its end; without an offset both are this machine's time"
    )
    planned.add_argument("--reason", required=True, metavar="TEXT", help="what is done")
    planned.set_defaults(answer=_maintenance)
    for part in (probe, planned):
        _folder(part, argparse.SUPPRESS)


def _folder(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument(
        "--folder", type=Path, default=default, metavar="FOLDER",
        help="the folder of the probes (default: var/availability below SHOPWRIGHT_HOME)",
    )  # fmt: skip


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Shows the availability, or does what was asked. Exit status 1 if the target is certainly missed."""
    from scheduler_core.settings import locations

    folder: Path = args.folder or locations.var() / "availability"
    return int(args.answer(args, terminal, folder))


def _probe(args: argparse.Namespace, terminal: Terminal, folder: Path) -> int:
    from scheduler_core.monitoring.availability.doors import door_of
    from scheduler_core.monitoring.availability.probe_log import ProbeLog
    from scheduler_core.monitoring.availability.prober import Prober

    doors = [door_of(text) for text in args.url or DOORS]
    names = [door.name for door in doors]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidValue("--url", twice, "is duplicated")
    if not LEAST_SECONDS <= args.every <= MOST_SECONDS:
        raise InvalidValue("--every", args.every, f"must be between {LEAST_SECONDS} and {MOST_SECONDS}")
    if not 0 < args.timeout < args.every / 2:
        raise InvalidValue("--timeout", args.timeout, f"must be above 0 and below {args.every / 2:g}, half of --every")
    terminal.say(f"probing {', '.join(names)} every {args.every} s; the answers are in {folder}")
    with stopped_by_signals() as stopped:
        Prober(doors, ProbeLog(folder), args.every, args.timeout, terminal.say).serve(stopped)
    return Exit.DONE


def _maintenance(args: argparse.Namespace, terminal: Terminal, folder: Path) -> int:
    from scheduler_core.monitoring.availability.maintenance import Window, declare

    now = int(datetime.now(UTC).timestamp())
    window = Window(now, _moment("--from", args.begin), _moment("--until", args.until), args.reason)
    declare(folder, window)
    begin, end = window.planned
    print(f"declared: {shown_time(begin)} to {shown_time(end)}, {_length(end - begin)}: {window.reason}")
    return Exit.DONE


def _report(args: argparse.Namespace, terminal: Terminal, folder: Path) -> int:
    from scheduler_core.monitoring.availability import probe_log
    from scheduler_core.monitoring.availability.maintenance import windows
    from scheduler_core.monitoring.availability.report import USUAL_EVERY, Verdict, period_of, report

    if not 1 <= args.days <= MOST_DAYS:
        raise InvalidValue("--days", args.days, f"must be between 1 and {MOST_DAYS}")
    if not 50 <= args.target <= 99.999:
        raise InvalidValue("--target", args.target, "must be between 50 and 99.999")
    now = int(datetime.now(UTC).timestamp())
    if not folder.is_dir() or not (listed := probe_log.files(folder)):
        raise InvalidValue("folder of the probes", str(folder), "has no probes: start 'shopwright availability probe'")
    newest = [line.every for line in probe_log.read_file(listed[-1]) if isinstance(line, probe_log.Probe)]
    period = period_of(args.days, now, newest[-1] if newest else USUAL_EVERY)
    before = probe_log.earlier_doors(folder, period[0])
    only = frozenset(args.door)
    found = report(
        probe_log.read(folder, period[0], now + 86400), period, now, before=before, declared=windows(folder), only=only
    )
    if unknown := sorted(only - found.doors.keys()):
        raise InvalidValue("--door", unknown[0], "was not probed in this period")
    if found.whole is None:
        raise InvalidValue("folder of the probes", str(folder), f"has no readable probe of the last {args.days} days")
    verdict = found.whole.verdict(args.target / 100, found.period)
    if args.json:
        print_json(_document(found, args.target, verdict.value))
    else:
        _tell(found, args.target, verdict)
    return Exit.VIOLATIONS if verdict is Verdict.MISSED else Exit.DONE


def _tell(found: Report, target: float, verdict: str) -> None:
    whole = found.whole
    assert whole is not None
    print(f"{shown_time(found.start)} to {shown_time(found.end)}: {_period(found)}, a probe every {found.every} s")
    print()
    rows = [["", "share", "days measured", "down", "longest outage", "outages", "down in maintenance"]]
    for name, one in [("all doors", whole), *found.doors.items()]:
        longest = _length(one.longest.seconds) if one.longest else "-"
        rows.append([
            name, _percent(one.share), _days(one.measured), _length(one.down), longest, str(len(one.outages)),
            _length(one.down_planned),
        ])  # fmt: skip
    print_table(rows)
    print()
    left = whole.budget(target / 100, found.period)
    allowed = (1 - target / 100) * found.period
    budget = f"{_length(left)} left" if left >= 0 else f"overdrawn by {_length(-left)}"
    print(f"Error budget for {target:g} % of {_period(found)}: {_length(allowed)}, {budget}")
    print(f"Target of {target:g} %: {_verdict(found, verdict)}")
    if whole.planned:
        print(
            f"Planned maintenance: {_length(whole.planned)}, of it {_length(whole.down_planned)} down; "
            f"{_percent(whole.share_outside_maintenance)} outside it"
        )
    _tell_outages(whole.outages)
    _tell_oddities(found)


def _verdict(found: Report, verdict: str) -> str:
    if verdict != "too few data" or found.whole is None:
        return verdict
    return f"no statement yet, as only {_days(found.whole.measured)} of {_period(found)} are measured"


def _period(found: Report) -> str:
    days = found.period // 86400
    return f"{days} day{'s' if days > 1 else ''}"


def _tell_outages(outages: Sequence[Outage]) -> None:
    if not outages:
        return
    print()
    shown = outages[-SHOWN_OUTAGES:]
    if len(shown) < len(outages):
        print(f"The newest {len(shown)} of {len(outages)} outages (all of them: --json)")
    rows = [["from", "to", "length", "in maintenance", "cause"]]
    for outage in shown:
        cause = "; ".join(f"{name}: {', '.join(reasons)}" for name, reasons in sorted(outage.causes.items()))
        planned = _length(outage.planned) if outage.planned else "-"
        rows.append([shown_time(outage.start), shown_time(outage.end), _length(outage.seconds), planned, cause])
    print_table(rows)


def _tell_oddities(found: Report) -> None:
    said = [
        f"{shown_time(jump.at)}: the prober's clock was set {'forward' if jump.seconds > 0 else 'back'} by "
        f"{_length(abs(jump.seconds))}, or its machine had slept"
        for jump in found.jumps
    ]
    if found.unreadable:
        said.append(f"{found.unreadable} lines cannot be read and count as no probe")
    if found.future:
        said.append(f"{found.future} probes are of the future and do not count")
    if found.doubled:
        said.append(
            f"{found.doubled} probes are of a time that had one already (two probers, or a clock set back): the worse counts"
        )
    if said:
        print()
        print("\n".join(said))


def _document(found: Report, target: float, verdict: str) -> dict[str, object]:
    assert found.whole is not None
    return {
        "from": _utc(found.start),
        "to": _utc(found.end),
        "every_seconds": found.every,
        "target_percent": target,
        "verdict": verdict,
        "error_budget_seconds": round((1 - target / 100) * found.period, 3),
        "error_budget_left_seconds": round(found.whole.budget(target / 100, found.period), 3),
        "all": _figures(found.whole),
        "doors": {name: _figures(one) for name, one in found.doors.items()},
        "clock_jumps": [{"at": _utc(jump.at), "seconds": jump.seconds} for jump in found.jumps],
        "unreadable_lines": found.unreadable,
        "future_probes": found.future,
        "doubled_probes": found.doubled,
    }


def _figures(one: Availability) -> dict[str, object]:
    return {
        "since": _utc(one.since),
        "measured_seconds": one.measured,
        "down_seconds": one.down,
        "share": one.share,
        "longest_outage_seconds": one.longest.seconds if one.longest else 0,
        "maintenance_seconds": one.planned,
        "down_in_maintenance_seconds": one.down_planned,
        "share_outside_maintenance": one.share_outside_maintenance,
        "outages": [
            {
                "from": _utc(outage.start),
                "to": _utc(outage.end),
                "seconds": outage.seconds,
                "causes": {name: list(reasons) for name, reasons in outage.causes.items()},
                "maintenance_seconds": outage.planned,
            }
            for outage in one.outages
        ],
    }


def _moment(where: str, text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        raise InvalidValue(where, text, "must be a time such as 2026-12-05T02:00 or 2026-12-05T02:00+08:00") from None


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown_time(seconds: int) -> str:
    """This machine's time with its offset, as an hour comes twice where clocks change."""
    shown = datetime.fromtimestamp(seconds, UTC).astimezone()
    return shown.strftime("%Y-%m-%d %H:%M:%S%z")


def _length(seconds: float) -> str:
    whole = int(seconds + 1e-6)
    days, rest = divmod(whole, 86400)
    clock = f"{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days} d {clock}" if days else clock


def _days(seconds: int) -> str:
    return f"{int(seconds / 864) / 100:.2f}"


def _percent(share: float) -> str:
    """Rounded down: 99.9996 % are not 100 %."""
    return f"{int(share * 100_000 + 1e-6) / 1000:.3f} %"
