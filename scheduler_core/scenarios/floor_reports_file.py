"""Reports from the floor as JSON and back: their part of ``changes/1``."""

from __future__ import annotations

from scheduler_core.interchange.canonical import stamp
from scheduler_core.interchange.snapshot_reading import SnapshotReader
from scheduler_core.interchange.strict_json import Node
from scheduler_core.plant import Plant
from scheduler_core.scenarios.floor_reports import FloorReport, OperationFinished, OperationStarted, PiecesScrapped

STARTED, FINISHED, SCRAPPED = "operation-started", "operation-finished", "pieces-scrapped"
"""What ``changes/1`` calls the reports."""
KINDS = (STARTED, FINISHED, SCRAPPED)


def written_report(plant: Plant, report: FloorReport) -> dict[str, object]:
    """A report; keys without a value are left out."""
    what: dict[str, object] = {"job": report.job, "sequence": report.sequence}
    moment = {"at": stamp(plant, report.at)}
    match report:
        case OperationStarted():
            return {"change": STARTED, **what, "machine": report.machine, **moment}
        case OperationFinished():
            pieces = {"good": report.good, "of": report.of}
            return {"change": FINISHED, **what, **moment, **{key: n for key, n in pieces.items() if n is not None}}
        case PiecesScrapped():
            of = {} if report.of is None else {"of": report.of}
            return {"change": SCRAPPED, **what, **moment, "pieces": report.pieces, **of}


def read_started(node: Node, reader: SnapshotReader) -> OperationStarted:
    """Reads what ``written_report`` writes of a start."""
    f = node.fields(("change", "job", "sequence", "machine", "at"))
    return OperationStarted(f["job"].text(), f["sequence"].whole(), f["machine"].whole(), reader.minute(f["at"]))


def read_finished(node: Node, reader: SnapshotReader) -> OperationFinished:
    """Reads what ``written_report`` writes of an end."""
    f = node.fields(("change", "job", "sequence", "at"), ("good", "of"))
    good, of = f.maybe("good"), f.maybe("of")
    return OperationFinished(
        f["job"].text(), f["sequence"].whole(), reader.minute(f["at"]), None if good is None else good.number(),
        None if of is None else of.number(),
    )  # fmt: skip


def read_scrapped(node: Node, reader: SnapshotReader) -> PiecesScrapped:
    """Reads what ``written_report`` writes of scrapped pieces."""
    f = node.fields(("change", "job", "sequence", "at", "pieces"), ("of",))
    of = f.maybe("of")
    return PiecesScrapped(
        f["job"].text(), f["sequence"].whole(), reader.minute(f["at"]), f["pieces"].number(),
        None if of is None else of.number(),
    )  # fmt: skip
