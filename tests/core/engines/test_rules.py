"""Every dispatching rule on one decision whose values are worked out by hand.

At minute 50 machine 1 opens for four jobs (p, s: minutes of the operation that waits for it; tail: 0.7 s counts):

====  ===  ===  ===  ===========================  ====  ======  =======
job    p    s    w   r                            d     d - t   slack
====  ===  ===  ===  ===========================  ====  ======  =======
a      40   20   1   40 + 14 + 100 = 154          120     70      -84
b     100    0   3   100                          266    216      116
c      30   20   1   30 + 14 = 44                 140     90       46
d      20    0   1   20 + 20 + 20 = 60            170    120       60
====  ===  ===  ===  ===========================  ====  ======  =======

p-bar = (40 + 100 + 100 + 30 + 20 + 20 + 20) / 7 = 330 / 7, s-bar = 40 / 7; with k1 = k2 = 2 the look-ahead is
660 / 7 minutes and the setup scale 80 / 7 minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log
from typing import Any

import numpy as np
import pytest

from scheduler_core.engines import rules
from scheduler_core.engines.rules import RULES, WORSE
from scheduler_core.plant import Fixed, Plant, SetupEntry
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import NOW, new_state, pack
from scheduler_core.simulator.simulator import Simulator, to_schedule
from tests.support.plants import at, job, machine, operation, plant, schedule

DECISION = plant(
    job("a", operation(40, 1, setup_minutes=20), operation(100, 2), due=120, release=30),
    job("b", operation(100, 1), due=266, important=True, release=10),
    job("c", operation(30, 1, setup_minutes=20), due=140),
    job("d", operation(20, 1), operation(20, 2), operation(20, 2), due=170, release=40),
    machines=[machine(1, available_from=50), machine(2), machine(3)],
)
LOOK_AHEAD, SETUP_SCALE = 660 / 7, 80 / 7
URGENCY = (1.0, exp(-116 / LOOK_AHEAD), exp(-46 / LOOK_AHEAD), exp(-60 / LOOK_AHEAD))
SETUP = (exp(-20 / SETUP_SCALE), 1.0, exp(-20 / SETUP_SCALE), 1.0)
BIG = 2.0**41


def _as_is(x: float) -> float:
    return x


def _smallest(x: float) -> float:
    return -x


def _with_setup(*divisors: float) -> tuple[float, ...]:
    return tuple(u * s / p for u, s, p in zip(URGENCY, SETUP, divisors, strict=True))


VALUES: dict[str, tuple[Callable[[float], float], tuple[float, ...], str]] = {
    "first-fit": (_smallest, (0, 1, 2, 3), "a"),
    "priority": (_as_is, (-120, BIG - 266, -140, -170), "b"),
    "EDD": (_smallest, (120, 266, 140, 170), "a"),
    "WEDD": (_smallest, (70, 72, 90, 120), "a"),
    "SPT": (_smallest, (60, 100, 50, 20), "d"),
    "WSPT": (_as_is, (1 / 60, 3 / 100, 1 / 50, 1 / 20), "d"),
    "LPT": (_as_is, (60, 100, 50, 20), "b"),
    "CR": (_smallest, (70 / 154, 216 / 100, 90 / 44, 120 / 60), "a"),
    "slack": (_smallest, (-84, 116, 46, 60), "a"),
    "MDD": (_smallest, (154, 216, 90, 120), "c"),
    "WMDD": (_smallest, (154, 72, 90, 120), "b"),
    "ATC": (log, (1 / 60, URGENCY[1] / 100, URGENCY[2] / 50, URGENCY[3] / 20), "d"),
    "WATC": (log, (1 / 60, 3 * URGENCY[1] / 100, URGENCY[2] / 50, URGENCY[3] / 20), "d"),
    "ATCS": (log, _with_setup(40, 100, 30, 20), "d"),
    "WATCS": (log, _with_setup(40, 100 / 3, 30, 20), "d"),
    "COVERT": (_as_is, (1 / 60, 3 * (1 - 116 / 200) / 100, (1 - 46 / 88) / 50, (1 - 60 / 120) / 20), "d"),
    "FIFO": (_smallest, (30, 10, 0, 40), "c"),
    "MWKR": (_as_is, (154, 100, 44, 60), "a"),
    "LWKR": (_smallest, (154, 100, 44, 60), "c"),
    "MOPNR": (_as_is, (2, 1, 1, 3), "d"),
    "ATCR": (log, _with_setup(154, 100, 44, 60), "d"),
    "WATCR": (log, _with_setup(154, 100 / 3, 44, 60), "d"),
}  # fmt: skip
"""Per rule: what the kernel makes of the formula's value, the values of a to d, the job that is dispatched."""


def at_the_decision(shop: Plant) -> Simulator:
    simulator = Simulator(shop)
    assert simulator.candidates() == list(range(len(shop.jobs)))
    return simulator


def value(simulator: Simulator, name: str, job: int) -> float:
    a, s, rule = simulator.arrays, simulator.state, RULES[name]
    kernel.earliest_end(a, s, job)
    now = kernel.worked_before(a, a.plant_table, s.clock[NOW])
    pair, start, setup = s.move_pair[job], s.move_start[job], s.move_setup[job]
    return float(rules.rule_value(a, s, rule.code, *rule.default, job, now, pair, start, setup))


def choice(simulator: Simulator, name: str, noise: float = 0.0) -> tuple[str, int]:
    """(job id, machine id) that the rule dispatches."""
    rule, a = RULES[name], simulator.arrays
    j, pair = rules.choose(a, simulator.state, rule.code, *rule.default, noise)
    return simulator.plant.jobs[j].id, simulator.plant.machines[a.pair_machine[pair]].id


def test_every_rule_is_worked_out_below() -> None:
    assert set(VALUES) | {"random"} == set(RULES)
    assert len({r.code for r in RULES.values()}) == len(RULES)
    assert all(r.formula and r.source for r in RULES.values())


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    transform, by_hand, _ = VALUES[name]
    simulator = at_the_decision(DECISION)
    assert simulator.now == 50
    found = [value(simulator, name, j) for j in range(4)]
    # COVERT prefers less slack among equals by a billionth a minute.
    assert found == pytest.approx([transform(v) for v in by_hand], rel=1e-9, abs=2e-7 if name == "COVERT" else 1e-9)


@pytest.mark.parametrize("name", VALUES)
def test_choices(name: str) -> None:
    transform, by_hand, chosen = VALUES[name]
    assert "abcd"[int(np.argmax([transform(v) for v in by_hand]))] == chosen
    assert choice(at_the_decision(DECISION), name) == (chosen, 1)


def test_the_choice_does_not_depend_on_what_was_asked_before() -> None:
    simulator = at_the_decision(DECISION)
    for name in [*VALUES, *reversed(VALUES)]:
        simulator.start()
        assert choice(simulator, name)[0] == VALUES[name][2]


def test_random_draws_every_candidate_about_equally_often() -> None:
    simulator = at_the_decision(DECISION)
    rules.seed_random(5)
    drawn = []
    for _ in range(2000):
        simulator.start()
        drawn.append(choice(simulator, "random")[0])
    assert [drawn.count(j) / 2000 for j in "abcd"] == pytest.approx([0.25] * 4, abs=0.05)


def test_random_repeats_itself_from_a_seed() -> None:
    def draws(seed: int) -> list[str]:
        rules.seed_random(seed)
        simulator, drawn = at_the_decision(DECISION), []
        for _ in range(30):
            simulator.start()
            drawn.append(choice(simulator, "random")[0])
        return drawn

    assert draws(1) == draws(1)
    assert draws(1) != draws(2)


def test_noise_makes_the_choice_vary_in_proportion_to_the_values() -> None:
    """Gumbel noise of scale 1 on logarithms draws each job with its value's share: d has 0.0265 of 0.0583."""
    simulator = at_the_decision(DECISION)
    rules.seed_random(7)
    chosen = [choice(simulator, "ATC", 1.0)[0] for _ in range(3000)]
    values = VALUES["ATC"][1]
    shares = [v / sum(values) for v in values]
    assert [chosen.count(j) / 3000 for j in "abcd"] == pytest.approx(shares, abs=0.04)
    assert {choice(simulator, "ATC", 1e-6)[0] for _ in range(50)} == {"d"}


def test_covert_tells_jobs_without_urgency_apart_by_slack() -> None:
    shop = plant(job("later", operation(10), due=10_000), job("sooner", operation(10), due=9_000))
    assert choice(at_the_decision(shop), "COVERT") == ("sooner", 1)


@pytest.mark.parametrize("name", ["EDD", "WATC", "slack"])
def test_jobs_without_a_due_date_come_last(name: str) -> None:
    shop = plant(job("whenever", operation(10)), job("due", operation(10), due=50_000))
    assert choice(at_the_decision(shop), name) == ("due", 1)


def test_equal_values_go_to_the_earlier_end_then_to_the_plants_order() -> None:
    shop = plant(job("long", operation(20)), job("first", operation(10)), job("second", operation(10)))
    assert choice(at_the_decision(shop), "EDD") == ("first", 1)


def test_due_dates_count_in_working_time() -> None:
    """Friday 16:00: Monday 10:00 is closer than it looks, for the plant rests until Monday 08:00."""
    friday = DECISION.plan_start.replace(day=25, hour=17)
    shop = plant(job("monday", operation(30), due=65 * 60), machines=[machine(1, calendar="office")], start=friday)
    assert value(at_the_decision(shop), "slack", 0) == -(60 + 120 - 30)


def test_jobs_overdue_at_the_start_of_the_plan_differ_by_date_only_where_dates_are_compared() -> None:
    shop = plant(job("short", operation(10), due=-100), job("long", operation(20), due=-5000))
    assert [choice(at_the_decision(shop), name)[0] for name in ("EDD", "priority")] == ["long", "long"]
    assert [choice(at_the_decision(shop), name)[0] for name in ("WEDD", "ATC", "MDD")] == ["short"] * 3


# ---------------------------------------------------------------- the machine
def two_machines(**more: Any) -> Plant:
    step = operation(30, 1, 2, setup_minutes=10, **more)
    return plant(job("J", step), machines=[machine(1), machine(2), machine(3, type=2)])


def test_the_machine_on_which_it_ends_first() -> None:
    assert choice(at_the_decision(two_machines(minutes_by_machine={1: 31})), "EDD") == ("J", 2)


def test_of_equal_ends_the_one_with_less_setup_then_the_preferred_then_the_first() -> None:
    assert choice(at_the_decision(two_machines()), "EDD") == ("J", 1)
    assert choice(at_the_decision(two_machines(preferred_machine=2)), "EDD") == ("J", 2)
    shop = plant(
        job("J", operation(30, 1, 2, setup_minutes=10, minutes_by_machine={2: 40}, preferred_machine=1)),
        machines=[machine(1), machine(2, initial_family="A")],
    )
    assert choice(at_the_decision(shop), "EDD") == ("J", 2)


def test_first_fit_takes_the_first_legal_machine() -> None:
    step = operation(30, 1, 2, 3, minutes_by_machine={1: 60, 2: 50})
    shop = plant(
        job("J", step),
        job("fixed", operation(9, fixed=Fixed((1,), 59, 68))),
        machines=[machine(1), machine(2), machine(3)],
    )
    rule, simulator = RULES["first-fit"], Simulator(shop)
    j, pair = rules.choose(simulator.arrays, simulator.state, rule.code, 0.0, 0.0, 0.0)
    assert (shop.jobs[j].id, shop.machines[simulator.arrays.pair_machine[pair]].id) == ("J", 2)


def test_waiting_for_the_other_machines_counts_as_work() -> None:
    shop = plant(
        job("both", operation(10, 1, 2, requires_all=True)),
        job("alone", operation(50, 1)),
        job("busy", operation(45, 2, fixed=Fixed((2,), 0, 45))),
        machines=[machine(1), machine(2)],
    )
    simulator = Simulator(shop)
    assert [value(simulator, "SPT", j) for j in simulator.candidates()] == [-55, -50]


# ---------------------------------------------------------------- whole schedules
def build(shop: Plant, name: str, bound: float = inf) -> tuple[int, Schedule]:
    arrays = pack(shop)
    state = new_state(arrays)
    decisions = rules.run_rule(arrays, state, RULES[name].code, *RULES[name].default, 0.0, costs.WEIGHTED_TARDINESS, bound)
    return decisions, to_schedule(shop, arrays, state)


CHANGEOVERS = plant(
    job("J1", operation(30, setup_minutes=10), family="A", due=1000),
    job("J2", operation(20, setup_minutes=10), family="B", due=900),
    job("J3", operation(25, setup_minutes=10), family="A", due=800),
    machines=[machine(1, initial_family="A")],
    setups=[SetupEntry(1, "A", "B", 40), SetupEntry(1, "B", "A", 5)],
)


def test_spt_looks_at_the_setup_of_the_moment() -> None:
    """25 and 30 beat 20 + 40; after both J2 pays its changeover."""
    decisions, built = build(CHANGEOVERS, "SPT")
    assert decisions == 3
    assert built == schedule(at("J1", 1, 1, 25, 55), at("J2", 1, 1, 55, 115, 40), at("J3", 1, 1, 0, 25))


def test_edd_pays_for_every_changeover() -> None:
    _, built = build(CHANGEOVERS, "EDD")
    assert built == schedule(at("J1", 1, 1, 85, 120, 5), at("J2", 1, 1, 25, 85, 40), at("J3", 1, 1, 0, 25))


def test_a_rule_is_given_up_once_it_costs_more_than_the_bound() -> None:
    late = plant(job("J1", operation(1440), due=0), job("J2", operation(10), due=5))
    # J2 ends 5 minutes late, then J1 a day and 10 minutes.
    cost = (5 + 1450) / 1440 + costs.TIE * 1450 / 1440  # the makespan decides between schedules of equal tardiness
    assert build(late, "SPT", bound=cost + 1e-6)[0] == 2
    assert build(late, "SPT", bound=cost - 1e-6)[0] == WORSE
