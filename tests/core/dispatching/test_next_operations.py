"""What a machine should begin next: the live rule's choice, with what is true of each, on plants worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.dispatching.floor_now import FloorNow
from scheduler_core.dispatching.machine_names import machine_named, machine_of_link
from scheduler_core.dispatching.next_document import next_document
from scheduler_core.dispatching.next_operations import NextOperations, Standing, next_operations
from scheduler_core.dispatching.next_wording import machine_words, outcome_words, reason_words, rule_words, score_words
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.pricing.price_memory import RememberedPrices, told
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import EXECUTIONS, Guide, usual_prices
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.noise import DurationNoise, NoisyDurations
from scheduler_core.plant import Calendar, Downtime, ExtraHours, Fixed, Machine, Plant
from scheduler_core.scenarios.floor_reports import OperationFinished, OperationStarted
from scheduler_core.schedule import Schedule
from tests.support.plants import ALWAYS, PLAN_START, at, job, machine, operation, plant, schedule

TWO = (machine(1), machine(2, type=2))
PLANT = plant(
    job("A", operation(60, 1), due=600),
    job("B", operation(30, 2), operation(60, 1), family="F", due=480, important=True),
    job("C", operation(60, 1), due=900),
    job("D", operation(60, 1), due=900, release=200),
    machines=TWO,
)
PLAN = schedule(at("A", 1, 1, 0, 60), at("B", 1, 2, 0, 30), at("B", 2, 1, 60, 120), at("C", 1, 1, 120, 180),
                at("D", 1, 1, 240, 300))  # fmt: skip


def asked(p: Plant, plan: Schedule, now: int = 0, name: str = "M1", **more: object) -> NextOperations:
    return next_operations(FloorNow(p, plan, now, **more), machine_named(p, name))  # type: ignore[arg-type]


def names(found: NextOperations) -> list[tuple[str, int]]:
    return [(one.job.id, one.operation.sequence) for one in found.ready]


def usual(p: Plant) -> RememberedPrices:
    types, _, prices = usual_prices(FloorArrays(Stream(p)))
    return told(types, prices)


def test_without_prices_what_was_planned_first_comes_first_and_what_is_not_ready_says_why() -> None:
    found = asked(PLANT, PLAN)
    assert (found.rule, found.moment, names(found)) == ("any", 0, [("A", 1), ("C", 1)])
    assert [(one.job.id, one.standing, one.ready) for one in found.later] == [
        ("B", Standing.AFTER_OPERATION, 30), ("D", Standing.NOT_RELEASED, 200),
    ]  # fmt: skip
    said = [reason_words(PLANT, found, one) for one in (*found.ready, *found.later)]
    assert said[0] == "planned first here, 08:00; ready since 08:00; due Mon 21 Jul, 9.0 h of slack"
    assert "planned here as number 3, 10:00" in said[1]
    assert said[2].startswith("not ready: waits for operation 1 on M2 until about 08:30; planned here as number 2, 09:00")
    assert said[3].startswith("not released before 11:20; planned here as number 4, 12:00")
    assert "planned start" in rule_words(found)
    assert score_words(PLANT, found, found.ready[1]) == "10:00"


def test_a_busy_machine_is_answered_for_the_minute_at_which_it_becomes_free() -> None:
    found = asked(PLANT, PLAN, now=40)
    assert machine_words(PLANT, found) == "M1 is busy with A operation 1, by the plan until about 09:00."
    assert (found.moment, names(found)) == (60, [("B", 2), ("C", 1)])
    assert "ready since 08:30" in reason_words(PLANT, found, found.ready[0])


def test_what_was_reported_as_finished_sooner_keeps_no_machine_busy() -> None:
    started = OperationStarted("A", 1, 1, 10).apply(PLANT)
    finished = OperationFinished("A", 1, 35).apply(started)
    plan = schedule(at("A", 1, 1, 10, 70), *PLAN.assignments[1:2], at("B", 2, 1, 70, 130), at("C", 1, 1, 130, 190),
                    at("D", 1, 1, 240, 300))  # fmt: skip
    running = FloorNow(started, plan, 40).running(1)
    assert running is not None
    assert running.key == ("A", 1)
    found = asked(finished, plan, now=40)
    assert (found.moment, names(found)) == (40, [("B", 2), ("C", 1)])


def test_a_machine_that_is_down_until_tomorrow_names_the_day_since_which_something_is_ready() -> None:
    """The answer is for tomorrow: a time of day alone would be read as tomorrow's."""
    down = replace(PLANT, machines=(replace(PLANT.machines[0], downtime=(Downtime(0, 1440),)), *PLANT.machines[1:]))
    found = asked(down, schedule(at("A", 1, 1, 1440, 1500), at("B", 1, 2, 0, 30), at("B", 2, 1, 1500, 1560)))
    assert found.moment == 1440
    assert "ready since Mon 21 Jul 08:00" in reason_words(down, found, found.ready[0])


def test_an_operation_that_is_finished_early_frees_its_machine_and_its_job() -> None:
    found = asked(PLANT, PLAN, now=20, finished=[("A", 1)])
    assert (found.running, found.moment, names(found)) == (None, 20, [("C", 1)])
    assert names(asked(PLANT, PLAN, now=20, finished=[("A", 1), ("B", 1)])) == [("B", 2), ("C", 1)]
    with pytest.raises(InvalidValue, match="no open operation"):
        asked(PLANT, PLAN, finished=[("A", 7)])


def test_a_machine_that_is_down_says_until_when_and_what_comes_then() -> None:
    down = replace(TWO[0], downtime=(Downtime(0, 90, "spindle"),))
    broken = replace(PLANT, machines=(down, TWO[1]))
    found = asked(broken, schedule(at("B", 1, 2, 0, 30)))
    assert machine_words(broken, found) == "M1 is down until 09:30 (spindle)."
    assert (found.moment, [name for name, _ in names(found)]) == (90, ["B", "A", "C"])
    assert "not in the plan" in reason_words(broken, found, found.ready[1])


def test_a_closed_machine_says_when_it_opens() -> None:
    office = replace(PLANT, machines=(machine(1, calendar="office"), TWO[1]))
    found = asked(office, PLAN, now=700)
    assert machine_words(office, found) == "M1 does not work before Tue 22 Jul 08:00."


def test_nothing_ready_says_what_comes_next_and_nothing_left_says_so() -> None:
    p = replace(PLANT, jobs=PLANT.jobs[1:2])
    found = asked(p, schedule(at("B", 1, 2, 0, 30), at("B", 2, 1, 60, 120)))
    assert outcome_words(p, found) == "Nothing is ready for this machine. Next comes B operation 2, about 08:30."
    done = asked(p, schedule(at("B", 1, 2, 0, 30), at("B", 2, 1, 60, 120)), now=500)
    assert outcome_words(p, done) == "No operation is left for this machine."


def test_what_would_be_first_says_so_and_what_keeps_it() -> None:
    found = asked(PLANT, schedule(at("D", 1, 1, 0, 60), at("A", 1, 1, 60, 120)))
    (late,) = (one for one in found.later if one.job.id == "D")
    assert late.first_by_score
    assert reason_words(PLANT, found, late).startswith("would be first, but not released before 11:20")


def test_the_same_setup_family_and_the_setup_are_named() -> None:
    p = plant(job("A", operation(60, setup_minutes=25), family="F"), job("B", operation(60, setup_minutes=25), family="G"),
              machines=(machine(1, initial_family="G"),))  # fmt: skip
    found = asked(p, schedule(at("A", 1, 1, 0, 85), at("B", 1, 1, 85, 170)))
    assert "setup 0:25 h" in reason_words(p, found, found.ready[0])
    assert "same setup family as the operation before" in reason_words(p, found, found.ready[1])


def test_of_two_free_machines_the_planned_one_has_the_order_and_the_other_says_so() -> None:
    p = plant(job("A", operation(60, 1, 2)), machines=(machine(1), machine(2)))
    plan = schedule(at("A", 1, 2, 30, 90))
    assert names(asked(p, plan, name="M2")) == [("A", 1)]
    other = asked(p, plan, name="M1")
    assert [one.standing for one in other.later] == [Standing.BETTER_ELSEWHERE]
    assert reason_words(p, other, other.later[0]).startswith("better on M2, also free then; planned on M2 for 08:30")
    assert outcome_words(p, other) == "Nothing for this machine: other free machines suit the ready operations better."


def test_pins_hold_their_time_and_what_would_not_end_before_one() -> None:
    p = plant(job("A", replace(operation(60, 1), fixed=Fixed((1,), 40, 100))), job("B", operation(60, 1)),
              job("C", operation(30, 1)))  # fmt: skip
    found = asked(p, schedule(at("A", 1, 1, 40, 100), at("B", 1, 1, 100, 160), at("C", 1, 1, 160, 190)))
    assert names(found) == [("C", 1)]
    said = {one.job.id: reason_words(p, found, one) for one in found.later}
    assert "pinned for 08:40" in said["A"]
    assert "would not end before A operation 1, pinned here for 08:40" in said["B"]


def test_an_unknown_machine_is_refused_with_names_near_it() -> None:
    with pytest.raises(InvalidValue, match=r"'M3' is no machine of tiny; names like it: M2, M1|M1, M2"):
        machine_named(PLANT, "M3")
    assert machine_named(PLANT, " m2 ").id == machine_named(PLANT, "2").id == 2


def test_a_moment_before_the_plan_is_refused() -> None:
    with pytest.raises(InvalidValue, match="before the plan's start"):
        FloorNow(PLANT, PLAN, -5)


def test_the_document_holds_values_and_words() -> None:
    prices = usual(PLANT)
    found = asked(PLANT, PLAN, prices=prices)
    written = next_document(PLANT, found)
    assert (written["rule"], written["machine"]) == ("learned", {"id": 1, "name": "M1"})
    assert isinstance(written["ready"], list)
    assert written["ready"][0]["words"] == reason_words(PLANT, found, found.ready[0])
    assert score_words(PLANT, found, found.ready[0]) == "100"


def _on_planned_machines(p: Plant, plan: Schedule) -> Plant:
    """The plant in which every operation may only run where the plan has it."""
    return replace(p, jobs=tuple(
        replace(j, operations=tuple(
            op if op.requires_all else
            replace(op, machines=plan.by_operation[j.id, op.sequence].machines, machine_types=(), preferred_machine=None)
            for op in j.operations
        ))
        for j in p.jobs
    ))  # fmt: skip


@pytest.mark.parametrize("rule", ["any", "learned"])
def test_the_first_candidate_is_what_the_floor_simulator_begins(rule: str) -> None:
    compared = otherwise = 0
    for seed in range(4):
        drawn = random_plant(seed, PlantShape(60, 10, tightness=0.8))
        plan = greedy.schedule(drawn, EngineConfig(rule="EDD")).schedule
        assert plan is not None
        p = _on_planned_machines(drawn, plan)
        prices = usual(p) if rule == "learned" else ()
        now = min(a.start for a in plan.assignments if a.start > 0)
        floor = FloorNow(p, plan, now, prices)
        assert floor.rule == rule
        arrays = FloorArrays(Stream(p))
        truth = NoisyDurations(p, arrays.known, DurationNoise(0.0)).truth(0, arrays.job_ready, arrays.job_gone)
        begun = arrays.nothing_begun()
        guide = Guide(plan, prices)
        EXECUTIONS["starts"](arrays, truth, guide, begun, 0, now)
        before = set(arrays.schedule(begun).by_operation)
        EXECUTIONS[rule](arrays, truth, guide, begun, now, now + 1)
        for a in arrays.schedule(begun).assignments:
            if a.key not in before and len(a.machines) == 1:
                first = next_operations(floor, p.machine_by_id[a.machines[0]]).ready[0]
                assert (first.job.id, first.operation.sequence, first.start, first.end) == (*a.key, a.start, a.end)
                compared, otherwise = compared + 1, otherwise + (first.number != 1)
    assert compared >= 5
    assert rule == "any" or otherwise


def test_a_machine_that_never_works_again_has_no_next_operation() -> None:
    shut = Calendar("shut", ())
    shop = plant(job("A", operation(60, 1, 2)), machines=(machine(1), machine(2, calendar="shut")), calendars=(ALWAYS, shut))
    found = asked(shop, schedule(at("A", 1, 1, 0, 60)), name="M2")
    assert (found.moment, found.ready, found.later) == (None, (), ())
    told = next_document(shop, found)
    assert (told["free"], told["words"]) == (None, "M2 has no working time any more.")


def test_what_no_working_time_is_left_for_is_no_candidate() -> None:
    hour = ExtraHours(PLAN_START.date(), 8 * 60, 9 * 60)
    last = Calendar("last", (), extra=(hour,))
    shop = plant(
        job("LONG", operation(90, 1, 2)), job("SHORT", operation(30, 1, 2)),
        job("WAITS", operation(30, 1), operation(90, 1, 2)),
        machines=(machine(1), machine(2, calendar="last")), calendars=(ALWAYS, last),
    )  # fmt: skip
    plan = schedule(
        at("LONG", 1, 1, 0, 90), at("SHORT", 1, 2, 0, 30), at("WAITS", 1, 1, 90, 120), at("WAITS", 2, 1, 120, 210)
    )
    found = asked(shop, plan, name="M2")
    assert (names(found), found.later) == ([("SHORT", 1)], ())


def test_in_an_address_a_number_is_an_id_before_it_is_a_name() -> None:
    shop = plant(job("A", operation(60, 1)), machines=(Machine(1, "2", 1, "always"), Machine(2, "Press", 1, "always")))
    assert (machine_of_link(shop, "2").id, machine_named(shop, "2").id) == (2, 1)
    assert (machine_of_link(shop, "press").id, machine_of_link(shop, "1").id) == (2, 1)
