"""What a machine should begin next, as plain values for JSON. Moments are the plant's wall clock."""

from __future__ import annotations

from scheduler_core.dispatching.next_operations import NextOperation, NextOperations
from scheduler_core.dispatching.next_wording import machine_words, outcome_words, reason_words
from scheduler_core.plant import Plant
from scheduler_core.schedule import Assignment


def next_document(plant: Plant, answer: NextOperations, *, end_unknown: bool = False) -> dict[str, object]:
    """The answer with its reasons, in words and in values. ``end_unknown``: as ``machine_words``."""
    down = answer.down
    said = (machine_words(plant, answer, end_unknown=end_unknown), outcome_words(plant, answer))
    return {
        "plant": plant.name,
        "machine": {"id": answer.machine.id, "name": answer.machine.name},
        "now": plant.clock.text(answer.now),
        "free": None if answer.moment is None else plant.clock.text(answer.moment),
        "running": None if answer.running is None else _place(plant, answer.running),
        "down": None
        if down is None
        else {
            "until": plant.clock.text(down.end),
            "until_is_known": not end_unknown,
            "reason": down.reason,
        },
        "rule": answer.rule,
        "words": " ".join(filter(None, said)),
        "ready": [_candidate(plant, answer, one) for one in answer.ready],
        "later": [_candidate(plant, answer, one) for one in answer.later],
    }


def _candidate(plant: Plant, answer: NextOperations, one: NextOperation) -> dict[str, object]:
    return {
        "job": one.job.id,
        "product": one.job.product,
        "operation": one.operation.sequence,
        "process": one.operation.process,
        "standing": one.standing.value,
        "score": round(one.score, 4),
        "would_be_first": one.first_by_score,
        "ready": None if one.ready is None else plant.clock.text(one.ready),
        "start": plant.clock.text(one.start),
        "end": plant.clock.text(one.end),
        "setup_minutes": one.setup,
        "same_family": one.same_family,
        "planned": None if one.planned is None else _place(plant, one.planned),
        "due": None if one.job.due is None else plant.clock.text(one.job.due),
        "slack_working_minutes": one.slack,
        "waits_for": None if one.blocker is None else _place(plant, one.blocker),
        "machines": list(one.elsewhere),
        "words": reason_words(plant, answer, one),
    }


def _place(plant: Plant, a: Assignment) -> dict[str, object]:
    return {
        "job": a.job,
        "operation": a.sequence,
        "machines": list(a.machines),
        "start": plant.clock.text(a.start),
        "end": plant.clock.text(a.end),
    }
