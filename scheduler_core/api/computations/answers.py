"""What a computing process does: a question in, the document of its answer out. Reads the store and writes odds only."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

from pydantic import BaseModel

from scheduler_core.api.asking import changes_of, now_of
from scheduler_core.api.computations.questions import (
    ExpediteQuestion,
    FixesQuestion,
    OddsQuestion,
    PerformanceQuestion,
)
from scheduler_core.api.computations.records import Answer, AnyQuestion
from scheduler_core.api.loaded_plans import LoadedPlans
from scheduler_core.api.plant_time import typed
from scheduler_core.api.results.causes import TriedFixes
from scheduler_core.api.results.expedite import Curve
from scheduler_core.api.results.floor import PerformanceDocument
from scheduler_core.api.results.odds import PlanOddsDocument
from scheduler_core.data.store import Store
from scheduler_core.data.store_errors import NotFound
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import InvalidValue

if TYPE_CHECKING:
    from scheduler_core.plant import Plant
    from scheduler_core.services.expediting import ExpediteQuestion as Expediting

REMEMBERED = 2
"""Plans that are kept loaded for the next question."""


class Answerer:
    """Answers questions from one store, one after another; it remembers the plans of the last ones."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._plans = LoadedPlans(store, REMEMBERED)

    def answer(self, question: AnyQuestion, progress: Progress = no_progress) -> Answer:
        """The answer. Raises NotFound, Refused, InvalidValue and Unschedulable for what cannot be answered."""
        match question:
            case FixesQuestion():
                return self._fixes(question, progress)
            case ExpediteQuestion():
                return self._expedite(question, progress)
            case OddsQuestion():
                return self._odds(question, progress)
            case PerformanceQuestion():
                return self._performance(question, progress)

    def _fixes(self, question: FixesQuestion, progress: Progress) -> Answer:
        from scheduler_core.causes.explanation_document import fix_document
        from scheduler_core.causes.fixes import try_fixes
        from scheduler_core.floor.odds_change_wording import odds_change_document
        from scheduler_core.scenarios.changes_file import changes_to_json
        from scheduler_core.scenarios.from_fix import changes_of as changes_of_fix
        from scheduler_core.services.odds import assumed_noise
        from scheduler_core.services.odds_changes import odds_changes

        loaded = self._plans.get(question.plan)
        plant, plan = loaded.plant, loaded.schedule
        fixes = try_fixes(plant, plan, question.job, _part(progress, 0.0, 0.7))
        assumed = assumed_noise(self.store, loaded.snapshot.plant)
        odds = odds_changes(
            plant, plan, [(fix.plant, fix.schedule) for fix in fixes], question.job, assumed,
            progress=_part(progress, 0.7, 1.0),
        ) if fixes else ()  # fmt: skip
        found = {
            "kind": question.kind, "plan": question.plan, "job": question.job,
            "fixes": [
                {
                    **fix_document(plant, fix, odds_change_document(change)),
                    "on_time": fix.on_time,
                    "changes": json.loads(changes_to_json(plant, changes_of_fix(fix, question.job)))["changes"],
                }
                for fix, change in zip(fixes, odds, strict=True)
            ],
        }  # fmt: skip
        return Answer(_json(typed(TriedFixes, found, plant.timezone)))

    def _expedite(self, question: ExpediteQuestion, progress: Progress) -> Answer:
        from scheduler_core.scenarios.expedite_document import expedite_document
        from scheduler_core.services import expediting
        from scheduler_core.services.odds import assumed_noise
        from scheduler_core.services.odds_changes import odds_changes
        from scheduler_core.services.what_if import changed_plant

        loaded = self._plans.get(question.plan)
        asked = _expediting(question, loaded.plant)
        changed = changed_plant(loaded.plant, loaded.schedule, asked.changes, asked.now, asked.frozen_hours, ())
        if asked.job not in changed.job_by_id:
            raise InvalidValue("job", asked.job, "is no order of the plan; a rush order must be among the changes")
        curve = expediting.find(self.store, asked, _part(progress, 0.0, 0.7))
        assumed = assumed_noise(self.store, loaded.snapshot.plant)
        odds = odds_changes(
            changed, loaded.schedule, [(changed, point.schedule) for point in curve.points], asked.job, assumed,
            progress=_part(progress, 0.7, 1.0),
        )  # fmt: skip
        document = {"kind": question.kind, "plan": question.plan, **expedite_document(changed, curve, odds)}
        return Answer(_json(typed(Curve, document, changed.timezone)), pickle.dumps((asked, curve.points)))

    def _odds(self, question: OddsQuestion, progress: Progress) -> Answer:
        from scheduler_core.floor.odds_document import plan_odds_document
        from scheduler_core.services.odds import assumed_noise, compute_odds, known_odds

        loaded = self._plans.get(question.plan)
        progress(0.1, "playing the plan with varying durations")
        assumed = assumed_noise(self.store, loaded.snapshot.plant)
        computed = compute_odds(self.store, question.plan, assumed)
        # As they are kept, so that whoever asks later reads the same.
        found = known_odds(self.store, question.plan, assumed) or computed
        document = {"kind": question.kind, "plan": question.plan, **plan_odds_document(loaded.plant, found)}
        return Answer(_json(typed(PlanOddsDocument, document, loaded.plant.timezone)))

    def _performance(self, question: PerformanceQuestion, progress: Progress) -> Answer:
        from scheduler_core.comparison.performance import performance, week_reasons
        from scheduler_core.comparison.performance_document import performance_document
        from scheduler_core.services import floor_actuals
        from scheduler_core.settings.kpi_targets import load_kpi_targets

        progress(0.0, "comparing pulls with plans")
        floor_actuals.bring_up_to_date(self.store, question.plant)
        found = performance(self.store, question.plant)
        if found is None:
            raise NotFound(f"{question.plant} has no figures yet: they take two pulls at different times")
        reasons = {}
        if question.reasons:
            for done, week in enumerate(found.weeks):
                progress(0.4 + 0.6 * done / len(found.weeks), "finding why orders were late")
                reasons[week.monday] = week_reasons(self.store, question.plant, found, week)
        targets = load_kpi_targets().model_dump()
        document = {"kind": question.kind, "plant": question.plant, **performance_document(found, targets, reasons)}
        return Answer(_json(typed(PerformanceDocument, document, found.plant.timezone)))


def _expediting(question: ExpediteQuestion, plant: Plant) -> Expediting:
    """The question in minutes of the plan's plant."""
    from scheduler_core.services.expediting import ExpediteQuestion as Expediting

    changes, now = changes_of(plant, question.changes), now_of(plant, question.now)
    return Expediting(question.plan, question.job, changes, now, question.frozen_hours)


def _json(document: BaseModel) -> dict[str, object]:
    return document.model_dump(mode="json")


def _part(progress: Progress, first: float, last: float) -> Progress:
    """The progress of a part of the work."""

    def told(fraction: float, message: str) -> None:
        progress(first + (last - first) * fraction, message)

    return told
