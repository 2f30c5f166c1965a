"""Engines in one line of text."""

from __future__ import annotations

import pytest

from scheduler_core.comparison.spec import EXACT_SECONDS, KEYS, SAMPLES, parse_spec
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective


def test_an_engine_alone_has_the_settings_of_the_command_line() -> None:
    assert parse_spec("greedy").config == EngineConfig()
    assert parse_spec("learned").config == EngineConfig(samples=SAMPLES)
    assert parse_spec("exact").config == EngineConfig(time_limit=EXACT_SECONDS)
    assert set(KEYS) == set(ENGINES)


def test_settings_are_read() -> None:
    found = parse_spec(" learned samples=8 time-limit=2.5 model='my model' seed=3 workers=1 ")
    assert (found.engine, found.text) == ("learned", "learned samples=8 time-limit=2.5 model='my model' seed=3 workers=1")
    assert found.config == EngineConfig(samples=8, time_limit=2.5, model="my model", seed=3, workers=1)
    assert parse_spec("learned time_limit=1").config.samples == 1
    assert parse_spec("learned time_limit=1 variation=0.2").config.variation == 0.2
    assert parse_spec("greedy rule=EDD").config_for(Objective.MAKESPAN) == EngineConfig(Objective.MAKESPAN, rule="EDD")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no engine"),
        ("oracle", "'oracle' must be one of greedy, learned, exact"),
        ("greedy EDD", "'EDD' is not key=value"),
        ("greedy rule=", "'rule=' is not key=value"),
        ("greedy samples=3", "is no setting of greedy; it has rule"),
        ("learned samples=0", "'samples=0' is not a whole number from 1 on"),
        ("learned samples=many", "is not a whole number"),
        ("learned time_limit=inf", "is not a number of seconds"),
        ("learned time_limit=nan", "is not a number of seconds"),
        ("learned time_limit=1 variation=20", "'variation=20' is not a share from 0 to 2"),
        ("learned time_limit=1 variation=nan", "is not a share from 0 to 2"),
        ("learned variation=0.2", "needs a time_limit beside variation"),
        ("greedy variation=0.2", "is no setting of greedy"),
        ("learned seed=1 seed=2", "gives a setting twice"),
        ("learned model='x", "cannot be split"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_spec(text, "--a")
    assert str(caught.value).startswith("--a: ")
    assert said in str(caught.value)
