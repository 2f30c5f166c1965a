"""Finding orders by words: job, part, family, process, work centre, machine and status, in any order.

Pure. A word is looked for anywhere in a job's number and part, and at the beginning of the words of everything else, so that
"tr30 late" finds the late orders on TR30 and "late" finds no part that is called PLATE. All words must be found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class JobText:
    """What can be found of one job, in lower case.

    ``names``: its number and its part; ``status``: words of its status, such as "late"; ``words``: everything else.
    """

    names: tuple[str, ...]
    status: tuple[str, ...]
    words: tuple[str, ...]


def job_texts(
    plant: Plant, schedule: Schedule | None = None, status: Mapping[str, str] | None = None, important: str = "important"
) -> dict[str, JobText]:
    """What can be found of every job, by its id.

    Machines and work centres are those of ``schedule``; without one, all on which an operation may run. ``status``: a job's
    status in the reader's words, by its id; ``important``: how the reader calls an important job.
    """
    said = status or {}
    found = {}
    for job in plant.jobs:
        machines = [plant.machine_by_id[m] for m in sorted(machines_of(plant, job, schedule))]
        centres = {plant.machine_type_by_id[m.type].name for m in machines}
        others = [m.name for m in machines]
        others += [
            *sorted(centres),
            job.family or "",
            *(o.process for o in job.operations),
            important if job.important else "",
        ]
        found[job.id] = JobText(
            names=tuple(n.casefold() for n in (job.id, job.product or "") if n),
            status=tuple(said.get(job.id, "").casefold().split()),
            words=tuple(sorted({w for text in others for w in _words(text)})),
        )
    return found


def machines_of(plant: Plant, job: Job, schedule: Schedule | None) -> frozenset[int]:
    """Ids of the machines that a schedule gives the job; without one, of all on which one of its operations may run."""
    if schedule is not None:
        planned = (schedule.by_operation.get((job.id, o.sequence)) for o in job.operations)
        return frozenset(m for a in planned if a is not None for m in a.machines)
    types = {kind for o in job.operations for kind in o.machine_types}
    named = {m for o in job.operations for m in o.machines}
    return frozenset(m.id for m in plant.machines if m.type in types or m.id in named)


def matching_jobs(texts: Mapping[str, JobText], query: str) -> frozenset[str]:
    """Ids of the jobs in which every word of ``query`` is found; of an empty query all."""
    wanted = query.casefold().split()
    known = {word for text in texts.values() for word in text.status if word.isalpha() and len(word) > 1}
    return frozenset(job for job, text in texts.items() if all(_holds(text, word, known) for word in wanted))


def _holds(text: JobText, word: str, statuses: Collection[str]) -> bool:
    if word in statuses:
        # A status that some job has: a part may begin with the word, but not merely contain it.
        return word in text.status or any(w.startswith(word) for w in (*text.names, *text.words))
    return any(word in name for name in text.names) or any(w.startswith(word) for w in (*text.words, *text.status))


def _words(text: str) -> list[str]:
    """The words of a text, and the text as a whole, both in lower case."""
    whole = text.casefold()
    return [*re.split(r"[\s,;/()·]+", whole), whole] if whole else []
