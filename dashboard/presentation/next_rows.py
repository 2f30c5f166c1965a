"""What a machine should begin next, as a table. Pure."""

from __future__ import annotations

import pandas as pd

from dashboard.presentation import formatting
from dashboard.presentation.columns import Column, frame_of
from scheduler_core.dispatching.next_operations import NextOperation, NextOperations
from scheduler_core.dispatching.next_wording import reason_words, score_heading, score_words
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant


def next_frame(plant: Plant, answer: NextOperations) -> pd.DataFrame:
    """A row for each candidate, the best first, then for what cannot begin yet."""
    headings = (t("Next"), t("Part"), t("Job"), t("Op"), score_heading(answer), t("Why"))
    rows = [
        *(_row(plant, answer, one, str(number)) for number, one in enumerate(answer.ready, 1)),
        *(_row(plant, answer, one, t("not yet")) for one in answer.later),
    ]
    return frame_of([Column(heading) for heading in headings], rows)


def _row(plant: Plant, answer: NextOperations, one: NextOperation, place: str) -> tuple[object, ...]:
    return (
        place,
        one.job.product or formatting.NOTHING,
        one.job.id,
        one.operation.sequence,
        score_words(plant, answer, one),
        reason_words(plant, answer, one),
    )
