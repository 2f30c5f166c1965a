"""Facts: what planners know and the ERP does not say, in the words of what-if changes (``changes/1``).

Facts are recorded once and put into every snapshot from then on, until they are over or undone. They stand beside the ERP,
which stays read-only. One list holds all of them: those recorded here, machines recorded as down (``services.downtimes``)
and pins (``services.pinning``). Whoever calls for a person goes through ``services.authorized``, which checks the role; a
program may call these functions with a ``Store`` and plain values: they use no user interface and keep no state.

Moments are naive plant time. A change's minutes count from the plan_start of the plant that it was made for.
"""

from scheduler_core.services.planner_facts.applying import apply, put_in
from scheduler_core.services.planner_facts.doubts import doubtful
from scheduler_core.services.planner_facts.effects import effect, effect_of_undoing
from scheduler_core.services.planner_facts.fitness import why_no_fact
from scheduler_core.services.planner_facts.kinds import (
    Acting,
    Applied,
    Asks,
    Doubt,
    Effect,
    Fact,
    LateChange,
    Origin,
    Outcome,
    Question,
    Recorded,
    Standing,
    Stated,
)
from scheduler_core.services.planner_facts.listing import acting, known
from scheduler_core.services.planner_facts.questions import awaited, names_out_of_service, unanswered
from scheduler_core.services.planner_facts.recording import bring_up_to_date, from_what_if, record, undo
from scheduler_core.services.planner_facts.stored import in_force

__all__ = [
    "Acting", "Applied", "Asks", "Doubt", "Effect", "Fact", "LateChange", "Origin", "Outcome", "Question", "Recorded",
    "Standing", "Stated", "acting", "apply", "awaited", "bring_up_to_date", "doubtful", "effect", "effect_of_undoing",
    "from_what_if", "in_force", "known", "names_out_of_service", "put_in", "record", "unanswered", "undo", "why_no_fact",
]  # fmt: skip
