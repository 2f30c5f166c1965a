"""The study of repairs in small: every way is a valid plan, never worse than right-shift, and what is held does not move."""

from __future__ import annotations

import pytest

from scheduler_core.environments.random_plants import PlantShape, random_plant


@pytest.mark.slow
@pytest.mark.parametrize("what", ["breakdown", "rush order"])
def test_what_is_held_is_not_moved(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    import repair as study

    methods = {name: study.METHODS[name] for name in ("right-shift", "search, 24 h held", "search, 72 h held")}
    plant = random_plant(3, PlantShape(40, 15, tightness=0.8, load=6.0))
    # The study itself ends with an error where a way's plan does not pass the validator.
    found = study.outcomes(plant, 0.3, 0.3, methods, 0, what)
    base, day, three = (found[name] for name in methods)
    assert max(day.tardiness, three.tardiness) <= base.tardiness + 1e-6
    assert all(0 <= one.moved_day <= 1 and 0 <= one.moved_three_days <= 1 for one in found.values())
    if what == "rush order":
        # Nothing is hit, so right-shift moves nothing, and nothing that is held for three days moves.
        assert (base.moved_three_days, three.moved_three_days, day.moved_day) == (0, 0, 0)
