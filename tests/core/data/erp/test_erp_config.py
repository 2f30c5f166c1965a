from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.data.demo.catalogue import WORK_CENTRES
from scheduler_core.data.erp import load_config
from scheduler_core.errors import InvalidValue
from scheduler_core.settings import environment, locations

GOOD = "plant: P\ntimezone: UTC\n"


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (GOOD + "horizn_days: 3\n", "horizn_days", "is not a known setting"),
        ("timezone: UTC\n", "plant", "'plant' is missing"),
        ("plant: P\ntimezone: Mars/Olympus\n", "timezone", "is not an IANA time zone"),
        (GOOD + "overtime_begins: '25:00'\n", "overtime_begins", "is not a time of day"),
        (GOOD + "half_day_off: morning\n", "half_day_off", "neither 'first half' nor 'second half' nor hours"),
        (GOOD + "half_day_off: 12:00-10:00\n", "half_day_off", "nor hours of one day"),
        (GOOD + "holiday_hours: [a, b, c]\n", "holiday_hours", "at most 2 items"),
        (GOOD + "holiday_hours: [a, 'b;--']\n", "holiday_hours.1", "is not a name of letters"),
        (GOOD + "machine_hours: {table: t}\n", "machine_hours", "names neither the column of the machine"),
        (GOOD + "machine_hours: {table: t, machine: m, days: d}\n", "machine_hours.days", "is not a known setting"),
        (GOOD + "product_pattern: '(['\n", "product_pattern", "is not a regular expression"),
        (GOOD + "product_pattern: 'CP.*'\n", "product_pattern", "has no groups named"),
        (GOOD + "routing_join: []\n", "routing_join", "names no pair"),
        (GOOD + "routing_join: [[Task_v, Secret_v]]\n", "routing_join.0.1", "Input should be"),
        (GOOD + "assigned_machine: maybe\n", "assigned_machine", "Input should be"),
        (GOOD + "horizon_days: 0\n", "horizon_days", "greater than or equal to 1"),
        ("- a\n", "", "is not a list of settings"),
        ("a: [", "", "is not YAML"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, text: str, key: str, reason: str) -> None:
    file = tmp_path / "erp.yaml"
    file.write_text(text)
    with pytest.raises(InvalidValue, match=reason) as caught:
        load_config(file)
    assert caught.value.where.endswith(key)
    assert str(file) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="cannot be read"):
        load_config(tmp_path / "none.yaml")


def test_the_shipped_settings_load(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (environment.ERP_URL, environment.ERP_CONFIG):
        monkeypatch.delenv(variable, raising=False)
    assert locations.erp_config().name == "demo_erp.yaml"
    demo = load_config(locations.erp_config())
    assert demo.machine_type_names == {c.id: c.name for c in WORK_CENTRES}
    monkeypatch.setenv(environment.ERP_URL, "mysql+pymysql://u@h/d")
    assert locations.erp_config().name == "erp.yaml"
    assert load_config(locations.erp_config()).horizon_days == 180


def test_the_environment_decides_where_things_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(environment.ERP_URL, raising=False)
    monkeypatch.setenv(environment.DATABASE_URL, "sqlite:////x/y")
    monkeypatch.setenv(environment.ERP_CONFIG, str(tmp_path / "own.yaml"))
    assert locations.uses_demo_erp()
    assert locations.erp_url().endswith("var/demo_erp.sqlite3")
    assert locations.database_url() == "sqlite:////x/y"
    assert locations.erp_config() == tmp_path / "own.yaml"
