"""benchmarks/factory.py on plants so small that it takes seconds: it goes on where it stopped, and its table adds up."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from scheduler_core.engines.rules import RULES
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.policy import checkpoint
from scheduler_core.training import evaluate
from tests.support.paths import ROOT


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(ROOT / "models"))
    monkeypatch.setitem(evaluate.SIZES, "10x60", PlantShape(12, 3, tightness=1.0, load=8.0))
    import factory as module

    return module


def run(
    factory: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, str, str]:
    arguments = ["factory.py", "--size", "10x60", "--samples", "1,2", "--seconds", "0.3", *more]
    monkeypatch.setattr(sys, "argv", arguments)
    status = factory.main()
    said = capsys.readouterr()
    return status, said.out, said.err


def rows_of(out: str) -> dict[str, list[str]]:
    """Cells of each way by its name."""
    return _rows(out.partition("Each rule alone")[0])


def _rows(out: str) -> dict[str, list[str]]:
    lines = [[c.strip() for c in line.strip("|").split("|")] for line in out.splitlines() if line.startswith("| ")]
    return {line[0]: line[1:] for line in lines}


@pytest.mark.slow
def test_it_goes_on_where_it_stopped(
    factory: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    status, out, err = run(factory, monkeypatch, capsys, "--plants", "2", "--log", str(log))
    assert status == 0
    lines = log.read_text().splitlines()
    methods = 1 + len(factory.NOISES) + 2 + 2 + 1
    assert len(lines) == 2 * methods == err.count("plant ")
    rows = rows_of(out)
    assert rows["best of all 79 rules, per plant"][2] == "1.000 (1.000 to 1.000)"
    assert all(row[5:] == ["0", "100.0%"] for row in rows.values() if len(row) == 7 and row[0] == "2")
    single = next(name for name in rows if name.startswith("best single rule ("))
    assert float(rows["best of all 79 rules, per plant"][1]) <= float(rows[single][1]) <= float(rows["EDD"][1])
    alone = _rows(out.partition("Each rule alone")[2])
    assert rows[single][1] == alone[single.removeprefix("best single rule (").removesuffix(")")][0]
    assert len(alone) == 2 + len(RULES)  # its heading and the line below count too

    # The last line was cut off while it was written: only that result is made again, and one plant more.
    log.write_text("\n".join(lines)[:-20])
    _, again, err = run(factory, monkeypatch, capsys, "--plants", "3", "--log", str(log))
    assert err.count("plant 2 of 3") == 1
    assert err.count("plant 3 of 3") == methods
    assert len(log.read_text().splitlines()) == 3 * methods
    _, printed, err = run(factory, monkeypatch, capsys, "--plants", "3", "--log", str(log), "--print")
    assert (rows_of(printed), err) == (rows_of(again), "")
    shares = [
        run(factory, monkeypatch, capsys, "--plants", "3", "--log", str(log), "--print", "--share", f"{k}/2")[1]
        for k in (1, 2)
    ]
    assert [rows_of(share)["EDD"][0] for share in shares] == ["2", "1"]


@pytest.mark.slow
def test_results_of_another_checkpoint_do_not_count(
    factory: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    run(factory, monkeypatch, capsys, "--plants", "1", "--log", str(log))
    sha256 = checkpoint.load().sha256
    log.write_text(log.read_text().replace(sha256, "0" * 64))
    rows = rows_of(run(factory, monkeypatch, capsys, "--plants", "1", "--log", str(log), "--print")[1])
    assert "best of all 79 rules, per plant" in rows
    assert not any(name.startswith(("policy", "learned")) for name in rows)


@pytest.mark.slow
def test_noise_never_loses_to_the_best_rule_and_few_samples_not_to_fewer(
    factory: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import records

    log = tmp_path / "log.jsonl"
    run(factory, monkeypatch, capsys, "--plants", "2", "--log", str(log))
    found = {(r.seed, r.method): r.value for r in records.read(log)}
    for seed in {seed for seed, _ in found}:
        for noise in factory.NOISES:
            assert found[seed, factory.noisy_name(noise)] <= found[seed, "every rule"] + 1e-9
        assert found[seed, "learned, best of 2"] <= found[seed, "learned, one"] + 1e-9
        assert found[seed, "by prices, best of 2"] <= found[seed, "by prices, one"] + 1e-9
        assert found[seed, "learned, one"] <= found[seed, "by prices, one"] + 1e-9


def test_a_file_of_something_else_is_refused(factory: ModuleType, tmp_path: Path) -> None:
    import records

    path = tmp_path / "other.jsonl"
    path.write_text('{"size": "10x60"}\n')
    with pytest.raises(ValueError, match=r"other\.jsonl:1: is no record"):
        records.read(path)
