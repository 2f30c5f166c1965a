"""The learned policy as an engine: one deterministic rollout, the best of many sampled ones, schedules by prices that are
found for the plant, and annealing from the best."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.population import Improvement, improve
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.pricing.price_search import EVOLVED, PriceSearch
from scheduler_core.engines.rolling import WINDOW, plan_by_windows
from scheduler_core.engines.rules import RULES, SEEDS, Rule, run_rule, seed_random
from scheduler_core.engines.rules import WORSE as RULE_WORSE
from scheduler_core.engines.search_curve import thinned
from scheduler_core.errors import InvalidValue, KeepBest, UnusableModel
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Plant
from scheduler_core.policy import checkpoint
from scheduler_core.policy.features import View, new_view
from scheduler_core.policy.inference import NOT_FINITE, STOPPED, WORSE, PolicyWeights, Room, new_room, rollout
from scheduler_core.reports import LearnedReport
from scheduler_core.schedule import Result, Schedule, Status
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.simulator import to_schedule, to_state

TEMPERATURES = (0.5, 0.8, 1.1)
"""Softmax temperatures that samples go through in turn: how far they stray from the deterministic rollout."""
SAMPLING_SHARE = 0.05
"""Share of a time limit that goes to rules and sampling; then come prices (price_search.py), and the rest goes to improving
the best (population.py)."""
LEAST_PRICING, MOST_PRICING = 0.05, 0.6
"""Share of a time limit up to whose end prices are searched, at least and at most."""
RULES_WITHIN = 3.0
"""How many times what all rules take a time limit must be for all of them to be tried."""
PRICING_SECONDS = 0.7
"""CPU seconds for it in a plant of a thousand operations."""
PRICED_PER_SAMPLE = 8
"""Schedules by prices for each rollout: they take about as long as it does. Beyond WINDOW jobs it is one."""
RULE_NUMBERS = 2**40
"""Numbers from here on are rules' schedules, so that a policy's wins over an equal one."""
BY_PRICES = 2**41
"""The number of the best schedule by prices."""
ELSEWHERE = 2**42
"""The number of a schedule that is none of these."""


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The best of ``config.samples`` rollouts for the objective and of schedules by resource prices, or a rule's schedule
    where one is better. With a time limit a twentieth of it goes to rules and rollouts, whatever their number, then some to
    a search for prices, and the rest to annealing from the best; KeepBest, raised by ``progress``, ends it early with the
    best so far.

    The first rollout is deterministic and always made, and so are the first schedules by prices. All rules are tried, within
    a time limit if that is at least RULES_WITHIN times what they take: the plan is no worse than the best of all these. With
    ``config.policy_only``, for studies of the policy, neither rules nor prices are tried.
    With equal seeds and no time limit, equal schedules come out, whatever the number of workers. Raises UnusableModel for
    an unknown or damaged model, InvalidValue for ``samples`` below 1, Unschedulable for a plant without any schedule, and
    Cancelled on request.
    """
    began = time_limit_clock.now()
    if config.samples < 1:
        raise InvalidValue("samples", config.samples, "is not a number of at least 1")
    progress(0.0, "loading the model")
    model = _model(config.model)
    arrays = pack(plant)
    sampler = _new_sampler(arrays, model.weights, config)
    windows = 1
    if len(arrays.op_job):
        improvement = None
        if len(plant.jobs) > WINDOW:
            windows = _sample_by_windows(plant, sampler, config, began, progress)
        else:
            sampler.run(0)
        # What loading took in a fresh process is nobody's share.
        ready = time_limit_clock.now()
        rest = config.with_time_left(ready - began)
        with suppress(KeepBest):
            if windows == 1:
                _sample_on(sampler, rest, ready, progress)
            if not config.policy_only:
                at_least = 1 if config.time_limit == 0 or len(plant.jobs) > WINDOW else PRICED_PER_SAMPLE
                _price_on(plant, sampler, rest, ready, progress, at_least)
            improvement = _improve_on(sampler, rest, ready, progress)
    else:
        kernel.reset(arrays, sampler.best)
        improvement = None
    found = to_schedule(plant, arrays, improvement.state if improvement else sampler.best)
    return Result(
        engine="learned",
        status=Status.FEASIBLE,
        schedule=found,
        objective=objective_value(config.objective, measure(plant, found)),
        seconds=time_limit_clock.now() - began,
        report=LearnedReport(
            model=model.name,
            model_sha256=model.sha256,
            samples=sampler.done,
            windows=windows,
            priced=sampler.priced,
            winning_sample=sampler.winner if sampler.winner < RULE_NUMBERS else None,
            winning_rule=sampler.winning_rule,
            prices_won=sampler.winner == BY_PRICES,
            start_cost=sampler.best_cost if improvement else None,
            moves=improvement.moves if improvement else 0,
            curve=thinned(improvement.curve) if improvement else (),
            prices=sampler.learned_prices,
        ),
    )


def _model(name: str | None) -> checkpoint.Policy:
    try:
        return checkpoint.load_policy(name)
    except InvalidValue as error:
        raise UnusableModel(error.where, error.value, error.reason) from error


def _new_sampler(arrays: PlantArrays, weights: PolicyWeights, config: EngineConfig) -> _Sampler:
    return _Sampler(arrays, weights, costs.prices_of(config.objective, arrays), config.seed)


def _sample_by_windows(plant: Plant, whole: _Sampler, config: EngineConfig, began: float, progress: Progress) -> int:
    """Plans a plant with very many jobs by a rolling horizon and makes the outcome the best of ``whole``; returns the
    number of windows. With a time limit, rollouts share its part for sampling evenly over the jobs."""
    share = 1.0 if config.time_limit is None else SAMPLING_SHARE

    def plan(part: Plant, decided: float) -> Schedule:
        sampler = _new_sampler(pack(part), whole.weights, config)

        def report(fraction: float, message: str) -> None:
            progress(share * decided, f"{decided:.0%} of the jobs planned, {message}")

        report(0.0, "next window")
        sampler.run(0)
        if config.samples > 1 or config.time_limit is not None:
            _sample_on(sampler, config, began, report, decided + WINDOW / 2 / len(plant.jobs))
        whole.done += sampler.done
        return to_schedule(part, sampler.arrays, sampler.best)

    found, windows = plan_by_windows(plant, plan)
    state = to_state(plant, whole.arrays, found)
    whole.offer(state, float(costs.cost(whole.arrays, state, whole.prices)), ELSEWHERE)
    return windows


def _price_on(
    plant: Plant, sampler: _Sampler, config: EngineConfig, began: float, progress: Progress, at_least: int
) -> None:  # fmt: skip
    """Schedules by prices: PRICED_PER_SAMPLE beside each rollout, or with a time limit as many as its share for them allows,
    but ``at_least`` so many."""
    workers = max(1, config.workers)
    limit = config.time_limit
    # Annealing, which follows within a time limit, settles by itself which jobs come first.
    evolved = EVOLVED if limit is None else math.inf
    search = PriceSearch(plant, sampler.arrays, sampler.prices, config.seed, workers, evolved, config.first_prices)
    until = 0.0 if limit is None else limit * _price_share(limit * workers, len(sampler.arrays.op_job))

    def over() -> bool:
        return limit is not None and time_limit_clock.now() - began >= until

    def report() -> None:
        share = (sampler.tried + search.tried) / _plans_without_limit(len(plant.jobs), config)
        if limit:
            share = min(until, time_limit_clock.now() - began) / limit
        progress(min(1.0, share), f"{search.tried} plans by machine prices tried")

    try:
        search.run(at_least, lambda: False, report)
        search.run(_priced_without_limit(len(plant.jobs), config) if limit is None else math.inf, over, report)
    finally:
        sampler.priced, sampler.learned_prices = search.tried, search.learned
        sampler.offer(search.state, search.cost, BY_PRICES)


def _priced_without_limit(jobs: int, config: EngineConfig) -> int:
    """Schedules by prices that are made where no time limit is set."""
    return config.samples * (1 if jobs > WINDOW else PRICED_PER_SAMPLE)


def _plans_without_limit(jobs: int, config: EngineConfig) -> int:
    """Rollouts, rules' schedules and schedules by prices that are made where no time limit is set."""
    beside = 0 if config.policy_only else _priced_without_limit(jobs, config) + len(_RULES)
    return config.samples + beside


def _price_share(seconds: float, operations: int) -> float:
    """The share of so many CPU seconds up to whose end a search for prices is worth more than annealing."""
    thousands = operations / 1000.0
    # A move times anew a share of all operations: annealing needs time as their square, schedules by prices as their number.
    return min(MOST_PRICING, max(LEAST_PRICING, PRICING_SECONDS * thousands * thousands / max(1e-9, seconds)))


def _improve_on(sampler: _Sampler, config: EngineConfig, began: float, progress: Progress) -> Improvement | None:
    """Anneals from the best sample for what is left of the time limit."""
    deadline = began + (config.time_limit or 0.0)
    if time_limit_clock.now() >= deadline:
        return None

    start = (time_limit_clock.now() - began) / (deadline - began)

    def report(fraction: float, message: str) -> None:
        progress(start + (1.0 - start) * fraction, message)

    workers, seed = max(1, config.workers), config.seed % SEEDS
    return improve(sampler.arrays, sampler.best, sampler.prices, deadline, workers, seed, report)


def _sample_on(sampler: _Sampler, config: EngineConfig, began: float, progress: Progress, part: float = 1.0) -> None:
    """Rules and samples on all workers, until the asked number is reached or, with a time limit, its share (or a part of
    that) has passed."""

    def elapsed() -> float:
        return time_limit_clock.now() - began

    def time_for(number: int) -> bool:
        """Whether a limit leaves time for one schedule more. All rules may take a part of it, the rollouts their share."""
        limit = config.time_limit
        if limit is None or elapsed() < SAMPLING_SHARE * part * limit:
            return True
        tried = max(1, sampler.tried - before)
        return number >= RULE_NUMBERS and part == 1.0 and elapsed() / tried * len(_RULES) * RULES_WITHIN <= limit

    def numbers() -> Iterator[int]:
        samples = range(1, config.samples) if config.time_limit is None else itertools.count(1)
        rules = range(RULE_NUMBERS, RULE_NUMBERS + (0 if config.policy_only else len(_RULES)))
        # The rules with their usual parameters first; the others and the samples take turns, so that a short limit has both.
        turns = itertools.chain.from_iterable(itertools.zip_longest(samples, rules[len(RULES) :]))
        rules_left = len(rules)
        for n in itertools.chain(rules[: len(RULES)], (n for n in turns if n is not None)):
            rules_left -= n >= RULE_NUMBERS
            if time_for(n):
                yield n
            elif n >= RULE_NUMBERS or not rules_left:
                return

    def report() -> None:
        share = sampler.tried / _plans_without_limit(len(sampler.arrays.job_open), config)
        if config.time_limit:
            share = min(SAMPLING_SHARE, elapsed() / config.time_limit)
        progress(min(1.0, share), f"{sampler.tried} plans tried")

    before = sampler.tried
    report()
    todo = numbers()
    workers = max(1, config.workers)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        running: set[Future[None]] = {pool.submit(sampler.run, n) for n in itertools.islice(todo, workers)}
        try:
            while running:
                finished, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for run in finished:
                    run.result()
                running |= {pool.submit(sampler.run, n) for n in itertools.islice(todo, len(finished))}
                report()
        finally:
            pool.shutdown(cancel_futures=True)


_RULES: Sequence[tuple[Rule, float, float]] = sorted(
    ((rule, k1, k2) for rule in RULES.values() for k1, k2 in rule.variants), key=lambda v: v[0].default != v[1:]
)
"""Rules that the policy's plans must beat, all that greedy's "best" tries; first each with its usual parameters."""


def temperature_of(number: int) -> float:
    """The softmax temperature of rollout ``number`` (0: deterministic)."""
    return 0.0 if number == 0 else TEMPERATURES[number % len(TEMPERATURES)]


class _Sampler:
    """The best rollout so far, shared by threads: a rollout that is sure to be worse ends early, which changes nothing in
    the outcome; equal costs are settled by the sample's number."""

    def __init__(self, arrays: PlantArrays, weights: PolicyWeights, prices: costs.Float64, seed: int) -> None:
        self.arrays, self.weights, self.prices, self.seed = arrays, weights, prices, seed
        self.best: State = new_state(arrays)
        self.best_cost, self.winner, self.done, self.tried, self.priced = math.inf, 0, 0, 0, 0
        self.learned_prices: RememberedPrices = ()
        self._lock = threading.Lock()
        self._spare: list[tuple[State, View, Room]] = []

    def run(self, number: int) -> None:
        """Makes rollout ``number`` (0: deterministic), or a rule's schedule from RULE_NUMBERS on, and keeps the best."""
        with self._lock:
            room = self._spare.pop() if self._spare else self._new_room()
        state, view, scratch = room
        seed_random((self.seed * 1_000_003 + number) % SEEDS)
        if number >= RULE_NUMBERS:
            rule, k1, k2 = _RULES[number - RULE_NUMBERS]
            outcome = run_rule(self.arrays, state, rule.code, k1, k2, 0.0, self.prices, self.best_cost)
            outcome = WORSE if outcome == RULE_WORSE else outcome
        else:
            outcome = rollout(
                self.arrays, state, view, scratch, self.weights, temperature_of(number), self.prices, self.best_cost
            )
        if outcome == STOPPED:
            raise AssertionError("the simulation stopped with operations left; packing should have refused this plant")
        if outcome == NOT_FINITE:
            raise UnusableModel("model", number, "answered with a number that is not finite in this rollout")
        cost = math.inf if outcome == WORSE else costs.cost(self.arrays, state, self.prices)
        with self._lock:
            self.tried += 1
            self.done += number < RULE_NUMBERS
            if (cost, number) < (self.best_cost, self.winner):
                self.best_cost, self.winner = cost, number
                state, self.best = self.best, state
            self._spare.append((state, view, scratch))

    def offer(self, state: State, cost: float, number: int) -> None:
        """Makes a schedule from elsewhere the best if it is better."""
        if (cost, number) < (self.best_cost, self.winner):
            self.best, self.best_cost, self.winner = state, cost, number

    @property
    def winning_rule(self) -> str | None:
        """The rule whose schedule is better than every rollout, if one is."""
        return _RULES[self.winner - RULE_NUMBERS][0].name if RULE_NUMBERS <= self.winner < BY_PRICES else None

    def _new_room(self) -> tuple[State, View, Room]:
        return new_state(self.arrays), new_view(self.arrays, self.prices), new_room(self.arrays, self.weights)
