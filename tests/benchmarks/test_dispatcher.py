"""The study of the dispatcher in small: trained, resumed, measured, kept, and not played again."""

from __future__ import annotations

from pathlib import Path

from scheduler_core.floor import dispatcher

CONFIG = {
    "seed": 1, "plants": [[1, 6, 16, 1], [1, 8, 16, 1]], "variations": [0.2], "price_generations": 1, "candidates": 4,
    "floors": 1, "generations": 2, "hidden_from": 1,
}  # fmt: skip
SETTINGS = {
    "orders": 16,
    "machines": 8,
    "days": 1,
    "selection_floors": 1,
    "training_floors": 1,
    "generations": 1,
    "to_come": True,
}


def test_training_goes_on_from_its_state_and_its_weights_are_measured(tmp_path: Path) -> None:
    import dispatcher as study

    study.train(CONFIG, 1, tmp_path / "stopped")
    study.train(CONFIG, None, tmp_path / "stopped")
    study.train(CONFIG, None, tmp_path / "whole")
    files = [tmp_path / name / "dispatcher.yaml" for name in ("stopped", "whole")]
    weights = dispatcher.read(files[0])
    assert weights.sha256 == dispatcher.read(files[1]).sha256

    results = tmp_path / "measured" / "results.jsonl"
    study.play_all(range(2), 1, [0.2], SETTINGS, weights, results.parent)
    study.play_all(range(2), 1, [0.2], SETTINGS, weights, results.parent)
    assert len(results.read_text("utf-8").splitlines()) == 2 * len(study.WAYS)
    other = dispatcher.Weights.of(weights.numbers + 1.0)
    study.play_all(range(1), 1, [0.2], SETTINGS, other, results.parent)
    assert len(results.read_text("utf-8").splitlines()) == 2 * len(study.WAYS) + 1

    rows = study.kept_rows(results, SETTINGS, weights.sha256)
    assert len(rows) == 2 * len(study.WAYS)
    lines = study.table(rows, [0.2, 0.4]).splitlines()
    assert lines[-1].startswith("| learned / prices | ")
    assert " | – | " in lines[-1]


def test_a_ratio_over_plants_weighs_plants_alike() -> None:
    import dispatcher as study

    def row(plant: int, floor: int, way: str, tardiness: float) -> tuple[tuple[int, float, int, str], dict[str, float]]:
        return (plant, 0.2, floor, way), {"tardiness": tardiness}

    rows = dict([
        row(0, 0, "learned", 10.0), row(0, 1, "learned", 20.0), row(0, 0, "prices", 20.0), row(0, 1, "prices", 40.0),
        row(1, 0, "learned", 900.0), row(1, 0, "prices", 900.0), row(2, 0, "learned", 1.0),
    ])  # fmt: skip
    found = study.compared(rows, "learned", "prices", 0.2)
    assert found is not None
    assert found.value == 0.75
    assert study.compared(rows, "learned", "prices", 0.4) is None
