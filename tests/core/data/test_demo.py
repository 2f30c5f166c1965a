from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler_core.data import demo
from scheduler_core.data.database import open_erp
from scheduler_core.data.erp import Pull, load_config, read
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.settings import locations

SIZES = [21, 21, 11, 8, 8, 7, 6, 6, 5, 4, 4, *[3] * 6, *[2] * 9, *[1] * 15]


def pulled(url: str) -> Pull:
    erp = open_erp(url)
    try:
        return read(erp, load_config(locations.root() / "configs" / "demo_erp.yaml"))
    finally:
        erp.close()


@pytest.fixture(scope="module")
def pull(tmp_path_factory: pytest.TempPathFactory) -> Pull:
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'erp.sqlite3'}"
    demo.write_demo(url)
    return pulled(url)


def test_the_park_and_the_shifts_are_the_plants(pull: Pull) -> None:
    plant = pull.plant
    sizes = sorted((len(ids) for ids in plant.machines_by_type.values()), reverse=True)
    assert (len(plant.machines), sizes) == (152, SIZES)
    ids = [m.id for m in plant.machines]
    assert ids != list(range(ids[0], ids[0] + len(ids)))
    windows = {(w.day, w.start, w.end, w.kind) for w in plant.calendars[0].week}
    assert windows == {
        *((day, 390, 1080, "regular") for day in range(1, 6)), *((day, 1080, 1170, "overtime") for day in range(1, 6)),
        (6, 390, 780, "regular"),
    }  # fmt: skip
    assert plant.plan_start == demo.DEMO_CLOCK
    assert pull.banner == demo.BANNER


def test_the_work_has_the_plants_shape(pull: Pull) -> None:
    operations = [o for j in pull.plant.jobs for o in j.operations]
    assert len(pull.plant.jobs) >= 500
    assert 1500 <= len(operations) <= 1700
    assert 0.015 <= sum(o.requires_all for o in operations) / len(operations) <= 0.025
    assert all(2 <= len(o.machines) <= 5 for o in operations if o.requires_all)
    assert max(o.minutes for o in operations) <= 65 * 60
    assert min(o.minutes for o in operations if o.fixed is None) >= 18
    assert 40 <= sum(o.fixed is not None for o in operations) <= 80
    lengths = Counter(r["TxnId_i"] for r in demo.generate()["tbl_jo_process"])
    assert set(lengths.values()) <= set(range(1, 10))
    assert 2.9 <= sum(lengths.values()) / len(lengths) <= 3.6
    families = Counter(j.family for j in pull.plant.jobs)
    assert 20 <= len(families) <= 50
    assert all(j.product and j.product.startswith(f"{j.family}-") for j in pull.plant.jobs)


def test_a_quarter_of_the_work_centres_is_overloaded(pull: Pull) -> None:
    hours: Counter[int] = Counter()
    for job in pull.plant.jobs:
        for operation in job.operations:
            for kind in operation.machine_types:
                hours[kind] += operation.minutes / 60 / len(pull.plant.machines_by_type[kind])  # type: ignore[assignment]
    overloaded = [kind for kind, load in hours.items() if load > 80]
    assert len(overloaded) == 10
    assert sorted(hours.values())[20] < 40


def test_the_plain_due_date_rule_is_on_time_for_about_sixty_percent(pull: Pull) -> None:
    schedule = greedy.schedule(pull.plant, EngineConfig(rule="EDD")).schedule
    assert schedule is not None
    assert violations(pull.plant, schedule) == ()
    on_time = measure(pull.plant, schedule).on_time_rate
    assert on_time is not None
    assert 0.55 <= on_time <= 0.65


def test_a_dozen_bad_rows_and_a_few_odd_ones_are_named(pull: Pull) -> None:
    counts = pull.counts
    assert counts.jobs_accepted + counts.jobs_quarantined == counts.jobs_read
    assert counts.rows_accepted + counts.rows_quarantined == counts.rows_read
    assert len({q.job for q in pull.quarantine if q.job}) >= 12
    assert len({(q.field, q.reason) for q in pull.quarantine}) >= 13
    assert counts.beyond_horizon == 9
    assert len(pull.notes) >= 3


def test_the_demo_is_the_same_every_time_and_another_seed_is_another(pull: Pull, tmp_path: Path) -> None:
    assert demo.generate() == demo.generate()
    assert demo.generate(99) != demo.generate()
    again = f"sqlite:///{tmp_path / 'again.sqlite3'}"
    demo.write_demo(again)
    assert pulled(again) == pull


@pytest.mark.mariadb
def test_mariadb_and_sqlite_give_the_same_plant(pull: Pull, mariadb_url: str) -> None:
    demo.write_demo(mariadb_url)
    from_mariadb = pulled(mariadb_url)
    assert from_mariadb.plant == pull.plant
    # Columns of that database ignore letter case, as those of many an ERP do.
    assert from_mariadb == replace(pull, any_case=True)
    with pytest.raises(InvalidValue, match="holds an ERP already"):
        demo.write_demo(mariadb_url)


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    file = tmp_path / "erp.sqlite3"
    file.write_text("mine")
    with pytest.raises(InvalidValue, match="exists already"):
        demo.write_demo(f"sqlite:///{file}")
    assert not demo.ensure_demo(f"sqlite:///{file}")
    assert file.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [file]


def test_two_may_seed_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'erp.sqlite3'}"
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(demo.ensure_demo, [url, url]))
    assert True in outcomes
    assert [f.name for f in tmp_path.iterdir()] == ["erp.sqlite3"]
    assert pulled(url).banner == demo.BANNER
