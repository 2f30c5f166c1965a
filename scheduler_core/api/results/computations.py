"""A computation as its caller gets it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from scheduler_core.api.computations.questions import Question
from scheduler_core.api.computations.records import Computation, State
from scheduler_core.api.documents import Document, Moment
from scheduler_core.api.error_mapping import problem_of
from scheduler_core.api.problems import ProblemDocument
from scheduler_core.api.results.causes import TriedFixes
from scheduler_core.api.results.expedite import Curve
from scheduler_core.api.results.floor import PerformanceDocument
from scheduler_core.api.results.odds import PlanOddsDocument

AnyResult: TypeAlias = Annotated[TriedFixes | Curve | PlanOddsDocument | PerformanceDocument, Field(discriminator="kind")]


class ComputationDocument(Document):
    """A question, how far its answer is, and the answer."""

    id: str
    question: Question
    state: State
    progress: float = Field(description="The part that is done, 0 to 1")
    message: str
    asked_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    result: AnyResult | None = Field(description="The answer, once it is done")
    problem: ProblemDocument | None = Field(description="Why there is none, where it failed")


class ComputationLine(Document):
    """A computation in a list, without its answer."""

    id: str
    question: Question
    state: State
    progress: float
    asked_at: Moment
    ended_at: Moment | None


class ComputationList(Document):
    """The caller's computations, newest first."""

    items: list[ComputationLine]


def computation_document(one: Computation) -> ComputationDocument:
    """With its answer or its problem."""
    return ComputationDocument.model_validate({
        "id": one.id, "question": one.question, "state": one.state, "progress": one.fraction, "message": one.message,
        "asked_at": one.created_at, "started_at": one.started_at, "ended_at": one.ended_at,
        "result": None if one.answer is None else one.answer.document,
        "problem": None if one.error is None else problem_of(one.error).document,
    })  # fmt: skip


def computation_line(one: Computation) -> ComputationLine:
    """Without its answer."""
    return ComputationLine(
        id=one.id, question=one.question, state=one.state, progress=one.fraction, asked_at=one.created_at,
        ended_at=one.ended_at,
    )  # fmt: skip
