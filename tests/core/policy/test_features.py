"""Features: counted by hand on plants of a few jobs, finite on any plant, and a potential that is always up to date."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from scheduler_core.judge.kpis import measure
from scheduler_core.plant import Calendar, Plant
from scheduler_core.policy.features import (
    DAY,
    GLOBAL_FEATURES,
    JOB_FEATURES,
    MACHINE_FEATURES,
    MAX_CANDIDATES,
    View,
    global_features,
    job_features,
    machine_features,
    new_view,
    reset_potential,
    update_potential,
)
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import CANDIDATES, PlantArrays, State, new_state, pack
from scheduler_core.simulator.simulator import to_schedule
from tests.support.plants import DAY as CALENDAR_DAY
from tests.support.plants import HOUR, job, machine, operation, plant
from tests.support.small_networks import factory, small_plants

Table = dict[str, float]


def first_decision(given: Plant) -> tuple[PlantArrays, State, View, int]:
    """The simulation at its first decision, with the number of candidates."""
    arrays = pack(given)
    state, view = new_state(arrays), new_view(arrays)
    kernel.reset(arrays, state)
    reset_potential(arrays, state, view)
    kernel.advance(arrays, state)
    update_potential(arrays, state, view, -1)
    return arrays, state, view, job_features(arrays, state, view)


def jobs_of(given: Plant) -> list[Table]:
    """Each candidate job's features by name, in the plant's order of jobs."""
    _, _, view, n = first_decision(given)
    rows = sorted((int(view.jobs[i]), i) for i in range(n))
    return [dict(zip(JOB_FEATURES, map(float, view.job_x[i]), strict=True)) for _, i in rows]


def machines_of(given: Plant, which: int) -> list[Table]:
    """The features of each machine on which the job may run now, in the plant's order of machines."""
    arrays, state, view, _ = first_decision(given)
    n = machine_features(arrays, state, view, which)
    rows = sorted((int(arrays.pair_machine[view.pairs[i]]), i) for i in range(n))
    return [dict(zip(MACHINE_FEATURES, map(float, view.machine_x[i]), strict=True)) for _, i in rows]


def globals_of(given: Plant) -> Table:
    arrays, state, view, _ = first_decision(given)
    global_features(arrays, state, view)
    return dict(zip(GLOBAL_FEATURES, map(float, view.global_x), strict=True))


def expect(found: Table, **expected: float) -> None:
    named = {name.replace("_", " "): value for name, value in expected.items()}
    assert {name: found[name] for name in named} == pytest.approx(named, abs=1e-5)


TWO_JOBS = plant(
    job("J1", operation(120, 1, 2, setup_minutes=30), operation(60, 2, setup_minutes=10), due=1440, important=True),
    job("J2", operation(60, 1, setup_minutes=20), family="B", due=300),
    machines=[machine(1, initial_family="A"), machine(2)],
)
"""J1 would take machine 1, which has its family: 120 minutes, where machine 2 takes 30 + 120. J2 sets up 20 minutes.
Remaining work counts 0.7 of stated setups: J1 120 + 21 + 60 + 7 = 208 minutes, J2 60 + 14 = 74.
Slack: J1 1440 - 208 = 1232 minutes, J2 300 - 74 = 226. Mean operation 80 minutes, mean setup 20."""


def test_work_and_routing_of_a_job() -> None:
    first, second = jobs_of(TWO_JOBS)
    expect(
        first,
        log_work_here=math.log(120 / 60 + 0.1) / 2,
        log_remaining_work=math.log(208 / 60 + 0.1) / 2,
        setup=0.0,
        open_machine_has_its_family=1.0,
        important=1.0,
        operations_left=2 / 5,
        last_operation=0.0,
        log_eligible=math.log(2) / 2,
        open_share_of_eligible=1.0,
        log_waited=0.0,
        start_delay=0.0,
        needs_several_machines=0.0,
        log_candidates=math.log(2) / 3,
        stretch_by_closed_hours=0.0,
    )
    expect(
        second,
        log_work_here=math.log(80 / 60 + 0.1) / 2,
        log_remaining_work=math.log(74 / 60 + 0.1) / 2,
        setup=20 / 60,
        open_machine_has_its_family=0.0,
        important=0.0,
        operations_left=1 / 5,
        last_operation=1.0,
        log_eligible=0.0,
    )


def test_urgency_of_a_job() -> None:
    first, second = jobs_of(TWO_JOBS)
    expect(
        first,
        slack=1232 / DAY / 4,
        tanh_slack=math.tanh(1232 / DAY),
        no_slack_left=0.0,
        past_due=0.0,
        slack_under_one_operation=0.0,
        due_after_the_first=(1440 - 300) / CALENDAR_DAY / 4,
        slack_above_the_least=(1232 - 226) / DAY / 4,
    )
    expect(second, slack=226 / DAY / 4, due_after_the_first=0.0, slack_above_the_least=0.0)
    # One mean operation (80 minutes) later J1 still ends before 1440, and J2 at 154, before 300.
    assert first["cost of one operation's delay"] == second["cost of one operation's delay"] == 0.0


def test_a_late_job_pays_for_delay_by_its_weight() -> None:
    (late,) = jobs_of(plant(job("J1", operation(60), due=30, important=True)))
    expect(late, no_slack_left=1.0, past_due=0.0, slack=-30 / DAY / 4)
    assert late["cost of one operation's delay"] == pytest.approx(3 * 60 / 1440)
    (past,) = jobs_of(plant(job("J1", operation(60), due=-10)))
    assert past["past due"] == 1.0


def test_slack_under_one_operation_lies_between_none_and_the_mean() -> None:
    tight = [jobs_of(plant(job("J1", operation(60), due=due)))[0]["slack under one operation"] for due in (59, 60, 119, 120)]
    assert tight == [0.0, 1.0, 1.0, 0.0]


def test_rules_among_the_features_count_from_the_best_candidate() -> None:
    first, second = jobs_of(TWO_JOBS)
    watc = {k: (math.log(3 / 120) - 1232 / (k * 80), math.log(1 / 80) - 226 / (k * 80)) for k in (1, 2)}
    for k in (1, 2):
        least = max(-8.0, watc[k][0] - watc[k][1])
        assert first[f"WATC k={k} below the best"] == pytest.approx(least, abs=1e-5)
        assert second[f"WATC k={k} below the best"] == 0.0
    expect(first, WSPT_below_the_best=0.0)
    expect(second, WSPT_below_the_best=math.log(1 / 80) - math.log(3 / 120))
    # WATCS takes the setup apart from the work: log(w / p) - slack / (2 p-bar) - s / (2 s-bar).
    watcs = math.log(3 / 120) - 1232 / 160, math.log(1 / 60) - 226 / 160 - 20 / 40
    assert first["WATCS k=2,2 below the best"] == pytest.approx(watcs[0] - watcs[1], abs=1e-5)


def test_loads_are_shared_among_eligible_machines() -> None:
    """Machine 1 holds 60 of J1 and 60 of J2, machine 2 60 of J1 and J1's next 60, which is not ready yet."""
    first, second = jobs_of(TWO_JOBS)
    expect(
        first,
        ready_load_here=math.log1p((120 + 60) / 2 / DAY),
        total_load_here=math.log1p((120 + 120) / 2 / DAY) / 2,
        ready_load_next=math.log1p(60 / DAY),
        total_load_next=math.log1p(120 / DAY) / 2,
        largest_load_later=math.log1p(120 / DAY) / 2,
    )
    expect(second, ready_load_here=math.log1p(120 / DAY), ready_load_next=0.0, total_load_next=0.0, largest_load_later=0.0)


def test_closed_hours_stretch_an_operation() -> None:
    """Office hours from 08:00 with lunch 12 to 13: 300 minutes of work take until 14:00."""
    office = plant(job("J1", operation(300), due=1440), machines=[machine(1, calendar="office")])
    (stretched,) = jobs_of(office)
    assert stretched["stretch by closed hours"] == pytest.approx(math.log(361 / 301), abs=1e-6)
    assert stretched["longer than the shift's rest"] == 0.0
    # 08:00 to 18:00 less lunch is 540 minutes.
    (longer,) = jobs_of(plant(job("J1", operation(541), due=1440), machines=[machine(1, calendar="office")]))
    assert longer["longer than the shift's rest"] == 1.0
    assert globals_of(office)["rest of the day"] == pytest.approx(540 / DAY)


def test_an_operation_on_several_machines_waits_for_all() -> None:
    """J1 takes machine 1 for an hour; J2, on both machines, is a candidate by machine 2 and would begin an hour later."""
    both = plant(
        job("J1", operation(60, 1)),
        job("J2", operation(30, 1, 2, requires_all=True)),
        machines=[machine(1), machine(2)],
    )
    arrays, state, view, _ = first_decision(both)
    kernel.dispatch(arrays, state, 0, 0)
    assert kernel.advance(arrays, state) == 1
    assert job_features(arrays, state, view) == 1
    found = dict(zip(JOB_FEATURES, map(float, view.job_x[0]), strict=True))
    expect(found, needs_several_machines=1.0, start_delay=60 / 240, open_share_of_eligible=0.5)


def test_machines_of_a_job() -> None:
    """J1 takes 120 minutes on machine 1, 30 + 120 on machine 2, and 20 + 180 on machine 3, which has family B."""
    three = plant(
        job("J1", operation(120, 1, 2, 3, setup_minutes=30, minutes_by_machine={3: 180}, preferred_machine=2), due=1440),
        job("J2", operation(60, 1), due=300),
        job("J3", operation(90, 3), family="B"),
        machines=[machine(1, initial_family="A"), machine(2), machine(3, initial_family="B")],
    )
    first, second, third = machines_of(three, 0)
    expect(
        first,
        processing_above_the_least=0.0, setup=0.0, no_setup=1.0, end_after_the_earliest=0.0, earliest_end=1.0,
        log_processing=math.log(2.1) / 2, preferred=0.0, candidates_of_its_family=1.0, ends_on_another_day=0.0,
        log_idle=0.0, ready_load=math.log1p((40 + 60) / DAY), ready_load_above_the_least=60 / DAY,
    )  # fmt: skip
    expect(
        second,
        processing_above_the_least=0.0, setup=0.5, no_setup=0.0, end_after_the_earliest=-30 / 60, earliest_end=0.0,
        preferred=1.0, candidates_of_its_family=0.0, ready_load=math.log1p(40 / DAY), ready_load_above_the_least=0.0,
        total_load=math.log1p(40 / DAY) / 2, total_load_above_the_least=0.0,
    )  # fmt: skip
    expect(
        third,
        processing_above_the_least=0.5, setup=0.5, end_after_the_earliest=-90 / 60, candidates_of_its_family=1.0,
        ready_load=math.log1p((60 + 90) / DAY), total_load_above_the_least=110 / DAY / 2,
    )  # fmt: skip


def test_the_plant_as_a_whole() -> None:
    found = globals_of(TWO_JOBS)
    loads = 120 / DAY, 120 / DAY
    expect(
        found,
        operations_left=1.0,
        log_candidates=math.log1p(2) / 4,
        log_ready=math.log1p(2) / 5,
        open_machines=1.0,
        log_mean_load=math.log1p(sum(loads) / 2),
        log_largest_load=math.log1p(max(loads)) / 2,
        spread_of_load=0.0,
        late_share=0.0,
        potential_per_job=0.0,
        log_jobs=math.log(2) / 6,
        log_machines=math.log(2) / 5,
        log_jobs_per_machine=math.log1p(1),
        one=1.0,
    )


def test_the_potential_is_what_the_late_jobs_cost_without_waiting() -> None:
    """J1 (weight 3) needs 100 minutes until 40: 60 late. J2 would end at 100 of 200. J3 is released at 50, due at 90."""
    late = plant(
        job("J1", operation(100), due=40, important=True),
        job("J2", operation(100), due=200),
        job("J3", operation(100), due=90, release=50),
    )
    found = globals_of(late)
    potential = (3 * 60 + 60) / 1440
    expect(found, late_share=2 / 3, potential_per_job=potential / 3, log_potential=math.log1p(potential) / 6)


def every_decision(given: Plant, choose: Callable[[int], int]) -> Iterator[tuple[PlantArrays, State, View]]:
    """A whole schedule by ``choose``; yields at each decision and, with no candidate, at the end."""
    arrays = pack(given)
    state, view = new_state(arrays), new_view(arrays)
    pairs = np.zeros(len(given.machines), np.int64)
    kernel.reset(arrays, state)
    reset_potential(arrays, state, view)
    j = -1
    while True:
        n = kernel.advance(arrays, state)
        assert n >= 0
        update_potential(arrays, state, view, j)
        yield arrays, state, view
        if n == 0:
            return
        j = int(state.candidates[choose(n)])
        kernel.dispatch(arrays, state, j, pairs[choose(kernel.legal_pairs(arrays, state, j, pairs))])


PLANTS = [*small_plants(60), *(factory(seed) for seed in range(3))]
"""Among them: jobs without due dates and due in the past, fixed operations, several machines at once, closed weeks."""


def test_the_plants_hold_the_special_cases() -> None:
    jobs = [j for p in PLANTS for j in p.jobs]
    operations = [o for j in jobs for o in j.operations]
    assert any(j.due is None for j in jobs)
    assert any(j.due is not None and j.due < 0 for j in jobs)
    assert any(o.fixed for o in operations)
    assert any(o.requires_all for o in operations)


@pytest.mark.slow
@pytest.mark.parametrize("given", PLANTS, ids=lambda p: p.name)
def test_potential_and_features_along_a_schedule(given: Plant) -> None:
    choose = np.random.default_rng(0).integers
    fresh = new_view(pack(given))
    for arrays, state, view in every_decision(given, lambda n: int(choose(n))):
        reset_potential(arrays, state, fresh)
        assert view.estimate == pytest.approx(fresh.estimate, abs=1e-9)
        assert view.potential == pytest.approx(fresh.potential, rel=1e-9, abs=1e-9)
        if state.clock[CANDIDATES] == 0:
            break
        global_features(arrays, state, view)
        assert_moderate(view.global_x)
        n = job_features(arrays, state, view)
        assert n == min(MAX_CANDIDATES, state.clock[CANDIDATES])
        assert_moderate(view.job_x[:n])
        for j in view.jobs[:n]:
            m = machine_features(arrays, state, view, int(j))
            if m > 1:
                assert_moderate(view.machine_x[:m])
    tardiness = measure(given, to_schedule(given, arrays, state)).weighted_tardiness_days
    assert view.potential[0] == pytest.approx(tardiness, abs=1e-9)
    assert kernel.weighted_tardiness(arrays, state) == pytest.approx(tardiness, abs=1e-9)


def assert_moderate(features: np.ndarray) -> None:
    """Finite, and of a size that a network can take. Only ratios of processing times are without a limit of their own."""
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 500


def test_machines_that_never_work_do_not_spoil_the_estimates() -> None:
    """Two machines of three stand in a calendar without windows; the third works around the clock."""
    closed = Calendar("closed", ())
    open_hours = plant().calendars[0]
    idle = plant(
        job("J1", operation(60, 3), due=1440),
        machines=[machine(1, calendar="closed"), machine(2, calendar="closed"), machine(3)],
        calendars=[closed, open_hours],
    )
    (found,) = jobs_of(idle)
    assert found["slack"] == pytest.approx((1440 - 60) / DAY / 4, abs=1e-6)
    assert globals_of(idle)["potential per job"] == 0.0


def many_jobs(count: int) -> Plant:
    return plant(*(job(f"J{i}", operation(30 + (i * 7) % count, 1), due=(i * 11) % count * HOUR) for i in range(count)))


def test_of_many_candidates_the_rule_s_favourites_are_seen() -> None:
    given = many_jobs(40)
    _, _, view, n = first_decision(given)
    assert n == MAX_CANDIDATES
    seen = [int(j) for j in view.jobs[:n]]
    assert sorted(seen, key=lambda j: -view.value[j]) == seen
    unseen = set(range(40)) - set(seen)
    assert max(view.value[j] for j in unseen) <= min(view.value[j] for j in seen)
    assert len(set(seen)) == n


def test_of_many_machines_those_that_end_first_are_seen() -> None:
    minutes = {m: 60 + (m * 7) % 30 for m in range(1, 31)}
    machines = [machine(m) for m in minutes]
    given = plant(job("J1", operation(60, *minutes, minutes_by_machine=minutes)), machines=machines)
    arrays, state, view, _ = first_decision(given)
    n = machine_features(arrays, state, view, 0)
    assert n == MAX_CANDIDATES
    ends = [minutes[int(arrays.pair_machine[p]) + 1] for p in view.pairs[:n]]
    assert ends == sorted(minutes.values())[:n]


def test_jobs_without_due_dates_are_told_apart_by_their_remaining_work() -> None:
    """Slack and the rules' values count from a due minute that is far, but not so far that rounding swallows the rest."""
    first, second = jobs_of(plant(job("J1", operation(60), operation(600)), job("J2", operation(60), operation(60))))
    expect(first, slack_above_the_least=0.0)
    expect(second, slack_above_the_least=540 / DAY / 4)
    # WATC, k = 2, mean of the four operations: 195 minutes.
    assert first["WATC k=2 below the best"] == 0.0
    assert second["WATC k=2 below the best"] == pytest.approx(-540 / (2 * 195), abs=1e-3)
