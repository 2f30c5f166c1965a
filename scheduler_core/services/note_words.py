"""What a pull noted on a row that it used, in a planner's words. Pure.

The store keeps the pull's own remark; these words are made when it is shown, in the reader's language. A remark of another
version, on a pin or on an imported table is said as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scheduler_core.data.store.records import PullNote
from scheduler_core.i18n.translate import mark, t
from scheduler_core.services.planner_additions import TABLE
from scheduler_core.services.planner_facts.questions import ASKS, WAITS
from scheduler_core.services.quarantine_words import MACHINE

RULES: Mapping[str, str] = {
    r"\S+ (?P<due>\S+) is before the material's date (?P<material>\S+): it is planned late": mark(
        "The material comes on {material}, after the due date {due}: the order is planned, and it is late."
    ),
    r"has the target date (?P<date>.*), which stands for none: it is never late": mark(
        "The due date {date} means “no due date”: the order is never late."
    ),
    r"has the material date (?P<date>.*), which stands for none: its material counts as there": mark(
        "The material date {date} means “no date”: the material counts as available."
    ),
    r"(?P<date>.*) stands for no target date in (?P<jobs>\d+) of (?P<all>\d+) open jobs": mark(
        "Orders with {date} for “no due date”: {jobs} of {all}. They are never late."
    ),
    "has no target date and is never late": mark("The order has no due date and is never late."),
    "has no product code in its processes' names: it counts as a setup family of its own": mark(
        "No operation name contains a part number: the order counts as a setup family of its own."
    ),
    r"has (?P<made>\S+) of (?P<wanted>\S+) pieces reported: it counts as finished": mark(
        "Operation {number}: {made} of {wanted} pieces are reported, so it counts as finished."
    ),
    "takes no time: it is a milestone and left out": mark(
        "Operation {number} takes no time: it is a milestone, which the plan leaves out."
    ),
    rf"was at work on {MACHINE}, which is not active: any other of its type makes what is left": mark(
        "Operation {number}: {machine} went out of service during the operation; any other machine of its type "
        "makes the rest."
    ),
    rf"was at work on {MACHINE}, whose status in the ERP is not known: any other of its type makes what is left": mark(
        "Operation {number}: it is not known whether {machine} is in service; any other machine of its type makes the rest."
    ),
    rf"is assigned to {MACHINE}, whose status in the ERP is not known: any other of its type will do": mark(
        "Operation {number}: it is not known whether {machine} is in service; any other machine of its type may be used."
    ),
    r"has no machine, and its routing names the machine types (?P<types>.*): it may run on (?P<able>.*)": mark(
        "Operation {number}: the routing names several machine types ({types}); it may run on {able}."
    ),
    rf"is assigned to {MACHINE}, which is not active: any other of its type will do": mark(
        "Operation {number}: {machine} is not in service; any other machine of its type may be used."
    ),
    r"was interrupted: machine (?P<id>-?\d+) has later output of job (?P<other>.*)": mark(
        "Operation {number}: it was interrupted, because {machine} has later output of order {other}; the rest is planned."
    ),
    "has output before the operation in front of it is finished: its remaining pieces wait for that one": mark(
        "Operation {number}: it has output before the previous operation is finished; the rest waits for the "
        "previous operation."
    ),
    "runs beside the operation in front of it: it keeps its machine, and its remaining pieces follow that one": mark(
        "Operation {number}: it runs in parallel with the previous operation. It keeps its machine; the rest "
        "follows the previous operation."
    ),
    r"runs over midnight for (?P<hours>\S+) hours, from (?P<start>\S+) to (?P<end>\S+) of the next day": mark(
        "Hours of weekday {number} run over midnight for {hours} h: {start} to {end} of the next day."
    ),
    r"has no length: its times count, from (?P<start>\S+) to (?P<end>\S+)": mark(
        "A break states no length; its times count: {start} to {end}."
    ),
    r"ends when it begins, at (?P<start>\S+): its length of (?P<minutes>\d+) minutes counts": mark(
        "A break ends when it begins, at {start}; its length counts: {minutes} min."
    ),
    r"is half a day, the ERP does not say which half: nobody works from (?P<start>\S+) to (?P<end>\S+)": mark(
        "The day off {number} is half a day; the ERP does not say which half. By the settings nobody works {start} to {end}."
    ),
    r"is a part of a day: nobody works from (?P<start>\S+) to (?P<end>\S+)": mark(
        "The day off {number} is a part of a day: nobody works {start} to {end}."
    ),
    "may run beside the operation before it in the ERP: it is planned after that one": mark(
        "Operation {number} may run beside the operation before it; it is planned after that one."
    ),
    "has no working hours in the ERP: it is planned round the clock": mark(
        "Machine {number} has no working hours in the ERP; it is planned round the clock."
    ),
    "has no working hours that can be used: it is not planned": mark(
        "Machine {number} has no working hours that can be used; it is not planned."
    ),
    "has no name and is shown by its id": mark("Machine {number} has no name and is shown by its number."),
}
"""Patterns of whole remarks, whose named groups fill the texts. ``number``: the last number of the row."""

LOADED = "the plant was loaded from this workbook"
UPLOADED = "the plant was uploaded with this snapshot file"
"""The note on a plant that came from no ERP."""
SHEET_RULES: Mapping[str, str] = {
    r"due (?P<due>.*) is before the material's date (?P<material>.*): it is planned late": mark(
        "The material comes on {material}, after the due date {due}: the order is planned, and it is late."
    ),
    r"due (?P<day>\S+) 00:00 was read as the end of that day, 23:59": mark(
        "The due date {day} 00:00 was read as the end of that day, 23:59."
    ),
    r"rows? (?P<rows>\S+) without a job number were read as operations of this job": mark(
        "No order number in table rows {rows}: they were read as operations of this order."
    ),
    LOADED: mark("The plant was loaded from this workbook."),
    UPLOADED: mark("A program uploaded the plant with this snapshot file."),
}
"""The same of remarks that only a table of jobs gets; the others of a table are in ``RULES``."""


def note_words(note: PullNote) -> str:
    """The note for a planner."""
    if note.table == WAITS and note.message.endswith(ASKS):
        return t("{name} is out of service: when is it back?", name=note.message.removesuffix(ASKS))
    for remark, words in (*RULES.items(), *SHEET_RULES.items()):
        if found := re.fullmatch(remark, note.message, re.DOTALL):
            named = {name: text or "" for name, text in found.groupdict().items()}
            if "id" in named:
                named["machine"] = named.get("name") or t("machine {number}", number=named["id"])
            # A machine that is known by name may have blanks in it.
            number = note.row.rpartition("=")[2] if "=" in note.row else note.row.rpartition(" ")[2]
            return t(words, **{**named, "number": number})
    return note.message


def noted_jobs(notes: Iterable[PullNote]) -> int:
    """Jobs that a planner should look at; that a job came from a table is no reason to."""
    return len({note.job for note in notes if note.job is not None and note.table != TABLE})
