"""The study of noisy floors in small: played, judged, kept, and not played again."""

from __future__ import annotations

from pathlib import Path

SETTINGS = {
    "jobs": 20, "machines": 8, "days": 2, "arrivals": 1.0, "outages_a_day": 1.0, "first_seconds": 0.2, "selection_floors": 1,
    "training_floors": 1, "generations": 1,
}  # fmt: skip
WAYS = ["best rule", "knows: best rule", "noisy prices", "keep 24h 0s + order"]


def test_a_stopped_study_of_floors_goes_on_where_it_stopped(tmp_path: Path) -> None:
    import floor as study

    results = tmp_path / "results.jsonl"
    study.play_all([0], [0.2], WAYS[:1], SETTINGS, tmp_path, 1)
    study.play_all([0], [0.2], WAYS, SETTINGS, tmp_path, 2)
    assert len(results.read_text("utf-8").splitlines()) == 8
    study.play_all([0], [0.2], WAYS, SETTINGS, tmp_path, 2)
    rows = study.kept_rows(results, SETTINGS)
    assert len(results.read_text("utf-8").splitlines()) == len(rows) == 8
    assert len(list(tmp_path.glob("first-*.prices.json"))) == 1
    assert len({row["orders"] for row in rows.values()}) == 1
    assert rows[0, 0.2, 0, "best rule"]["tardiness"] != rows[0, 0.2, 1, "best rule"]["tardiness"]
    assert rows[0, 0.2, 0, "keep 24h 0s + order"]["replans"] == 2
    assert study.kept_rows(results, {**SETTINGS, "days": 3}) == {}

    lines = study.table(rows, WAYS, [0.2, 0.4]).splitlines()
    assert lines[2].startswith("| best rule | 1.000 (1.000 to 1.000) | – | 1 x 2, 0 |")
    assert len(lines) == 2 + len(WAYS)
    assert len(study.table(rows, [*WAYS, "rule WATC"], [0.2]).splitlines()) == len(lines)


def test_a_ratio_over_several_plants_weighs_plants_alike() -> None:
    import floor as study

    def row(plant: int, floor: int, way: str, tardiness: float) -> tuple[tuple[int, float, int, str], dict[str, float]]:
        return (plant, 0.2, floor, way), {"tardiness": tardiness}

    rows = dict([
        row(0, 0, "best rule", 10.0), row(0, 0, "prices", 5.0), row(0, 1, "best rule", 30.0), row(0, 1, "prices", 15.0),
        row(1, 0, "best rule", 1000.0), row(1, 0, "prices", 1000.0), row(2, 0, "prices", 1.0),
    ])  # fmt: skip
    found = study.compared(rows, "prices", 0.2)
    assert found is not None
    ratio, plants, floors = found
    assert (ratio.value, plants, floors) == (0.75, 2, 3)
    assert study.compared(rows, "prices", 0.4) is None
    other = study.compared(rows, "best rule", 0.2, over="prices")
    assert other is not None
    assert (other[0].value, *other[1:]) == (1.5, 2, 3)
