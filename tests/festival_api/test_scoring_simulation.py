"""The published table of recalls comes out of simulated festivals with our own adjustment."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks._jury import CONDITIONS, MEDIAN, RAW, TWO_WAY, WORKS, Z, deal, distance, recalls

REPETITIONS = 12


@pytest.fixture(scope="module")
def found():
    return {condition.name: recalls(condition, REPETITIONS, seed=7) for condition in CONDITIONS}


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_every_recall_lies_within_its_error(condition, found):
    far = {
        rule: distance(found[condition.name][rule], published)
        for rule, published in condition.published.items()
    }
    assert max(far.values()) < 3, far


def test_z_scores_fail_where_works_are_streamed(found):
    """They fall below doing nothing; the two-way adjustment stays above both."""
    streamed = found["1 sd, streamed"]
    for worse, better in pairwise((Z, RAW, TWO_WAY)):
        gain = streamed[better] - streamed[worse]
        error = gain.std(ddof=1) / np.sqrt(REPETITIONS)
        assert gain.mean() > 3 * error
    assert streamed[Z].mean() < streamed[RAW].mean() - 15


def test_the_adjustment_helps_wherever_jurors_differ(found):
    for condition in CONDITIONS:
        rules = found[condition.name]
        if condition.spread == 1:
            assert rules[TWO_WAY].mean() > rules[RAW].mean() + 2
        else:
            assert rules[TWO_WAY].mean() > rules[RAW].mean() - 2
        assert rules[TWO_WAY].mean() > rules[MEDIAN].mean()


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_jury_is_dealt_evenly(condition):
    rng = np.random.default_rng(3)
    panels = deal(condition, rng.standard_normal(WORKS), rng)
    assert all(len(set(panel)) == condition.seats for panel in panels.tolist())
    loads = np.bincount(panels.ravel(), minlength=condition.jurors)
    assert set(loads) == {WORKS * condition.seats // condition.jurors}
