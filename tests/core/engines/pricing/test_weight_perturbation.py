"""Whom to favour: a few jobs at a time, costly ones more often, and nothing else of the prices."""

from __future__ import annotations

import numpy as np

from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.engines.pricing.weight_perturbation import CHANGED, COSTLY_SHARE, favoured

JOBS = 200
DRAWS = 2000


def priced(favour: np.ndarray | None = None) -> PricedOperations:
    three = np.arange(1.0, 4.0)
    return PricedOperations(np.ones(2), three, three, three, np.zeros(JOBS) if favour is None else favour)


def changes(job_costs: np.ndarray) -> np.ndarray:
    """[DRAWS, JOBS] how the favours change."""
    random = np.random.default_rng(3)
    return np.array([favoured(priced(), job_costs, random).favour for _ in range(DRAWS)])


def test_a_few_jobs_change_and_at_least_one() -> None:
    found = (changes(np.zeros(JOBS)) != 0).sum(1)
    assert found.min() == 1
    assert 0.9 * CHANGED < found.mean() < 1.2 * CHANGED


def test_costly_jobs_are_favoured_in_proportion_and_never_put_back() -> None:
    job_costs = np.zeros(JOBS)
    job_costs[[4, 7]] = 3.0, 1.0
    found = changes(job_costs)
    first, second = (found[:, j].sum() for j in (4, 7))
    # By the size of the changes, because a job can be chosen twice at a time.
    share = (first + second) / np.abs(found).sum()
    assert 0.9 * COSTLY_SHARE < share < 1.1 * COSTLY_SHARE
    assert 2.0 < first / second < 4.5
    others = np.delete(found, [4, 7], axis=1)
    assert abs(others.sum()) < 0.1 * np.abs(others).sum()
    assert (others > 0).any(0).mean() > 0.9


def test_it_goes_on_from_the_favours_that_there_are_and_leaves_them_as_they_are() -> None:
    before = np.linspace(-1, 1, JOBS)
    x = priced(before.copy())
    found = favoured(x, np.zeros(JOBS), np.random.default_rng(0))
    assert (x.favour == before).all()
    assert 0 < (found.favour != before).sum() < 10
    assert [found[i] is x[i] for i in range(4)] == [True] * 4
