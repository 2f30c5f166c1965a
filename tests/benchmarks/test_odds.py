"""The study of odds in small: two tables in which every family of floors has its place."""

from __future__ import annotations


def test_promises_are_tried_on_every_family_of_floors() -> None:
    import odds as study

    shape = study.PlantShape(30, 10, tightness=0.9, load=4.0)
    noise = study.DurationNoise(0.3)
    tried = [study.try_plant(0, shape, noise, floors=3, seconds=0.1)]
    assert list(tried[0]) == list(study.families(noise))
    for outcomes in tried[0].values():
        assert len(outcomes.met["p80"]) == 3 * 30
        assert sum(outcomes.met["p50"]) <= sum(outcomes.met["p80"]) <= sum(outcomes.met["p95"])
        assert len(outcomes.chances) == len(outcomes.in_time) == len(outcomes.planned) > 0
    narrow, wide = tried[0]["the same"], tried[0]["1.5 x the spread"]
    assert sum(wide.met["p95"]) < sum(narrow.met["p95"])
    assert len(study.table(tried).splitlines()) == 2 + len(tried[0])
    assert len(study.reliability(tried).splitlines()) == 2 + len(study.BINS) - 1
