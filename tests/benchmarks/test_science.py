"""Null minutes, the rule, and what is pooled outside the analyzer, against plain twins."""

import numpy as np
import pytest
from scipy import stats

import dsp
import narrative
from benchmarks._measure import SMALLEST
from benchmarks._minutes import LEAD_IN_S, arithmetic, simulated, surrogate
from benchmarks._redrawn import SIGNALS, draw, held, met, pool, seat_zs
from benchmarks._rule import analyze, film, guards, judge
from benchmarks.false_branches import SIGNALS as JUDGED
from benchmarks.false_branches import SIZES, run, upper_bound
from benchmarks.mindfulness import run as score
from dsp._partial import WEIGHT, Z_STEPS, spread


@pytest.mark.parametrize(("hits", "trials"), [(0, 300), (1, 300), (7, 400), (299, 300)])
def test_the_bound_is_where_so_few_hits_would_be_one_in_twenty(hits, trials):
    assert stats.binom.cdf(hits, trials, upper_bound(hits, trials)) == pytest.approx(0.05)


def test_no_hit_in_three_hundred_is_less_than_one_per_cent():
    assert upper_bound(0, 300) == pytest.approx(0.00994, abs=0.00001)
    assert upper_bound(3, 3) == 1.0


def test_simulated_audiences_differ_by_number_and_see_one_film_or_none():
    one, same, other = (simulated(3, k, shared=True).samples for k in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other, equal_nan=True)
    assert one.shape == (30_000, 3, 8)
    assert 0 < np.isnan(one).mean() < 0.02
    assert simulated(3, 0, shared=False).group.seats == simulated(3, 1, shared=True).group.seats


@pytest.mark.usefixtures("data_root")
def test_a_surrogate_is_made_of_rest_alone():
    found, real = surrogate(3, 1), arithmetic(35, 0)
    seat = {name: k for k, name in enumerate(real.group.seats)}
    assert found.samples.shape == (30_250, 3, 12)
    assert np.isnan(found.samples[15_000:15_250]).all()
    for place in (slice(0, 15_000), slice(15_250, 30_250)):
        for k, name in enumerate(found.group.seats):
            part = found.samples[place, k]
            gone = np.isnan(part[:, 0])
            assert 0 < gone.sum() <= 250
            rests = real.samples[:15_000, seat[name]], real.samples[15_250:30_250, seat[name]]
            assert any(np.isin(part[~gone, 0], rest[:, 0]).all() for rest in rests)


@pytest.mark.usefixtures("data_root")
def test_the_task_meets_the_rule_and_rest_does_not():
    verdicts = judge(arithmetic(35, 0))
    for signal in SIGNALS:
        assert verdicts["task"][signal].met["rose less"]
        assert not any(verdicts["rest"][signal].met.values())
        assert not verdicts["task"][signal].met["fell"]
        assert verdicts["task"][signal].known > 0.9


def test_the_film_asks_every_guard_of_every_signal():
    scene = film().scenes["judged"]
    assert [branch.when.text for branch in scene.branches] == [
        guard for signal in dsp.SIGNALS for guard in guards(signal).values()
    ]


def test_six_seconds_on_end_are_what_a_guard_calls_five():
    rng = np.random.default_rng(1)
    seconds = rng.random((60, 60)) < 0.6
    verdicts = []
    entered = narrative.enter(film(), narrative.begin(film()), 0, "judged", LEAD_IN_S)
    for row in seconds:
        ticks = []
        for tick in range(9, 600):
            # As the analyzer gives them: a second's state from its last tick on.
            value = 4.0 if row[(tick - 9) // 10] else 0.0
            reading = narrative.Reading(value, 1.0, value, 9, "")
            ticks.append(((tick + 1) / 10, {"synchrony": reading}))
        decision = narrative.decide(film(), narrative.observe(film(), entered, ticks), 60.0)
        reasons = {reason.when: reason for reason in decision.reasons}
        verdicts.append(reasons[guards("synchrony")["rose"]].verdict == "true")
    pooled = np.stack([np.where(seconds, 4.0, 0.0)] * 3)
    np.testing.assert_array_equal(held(met(pooled, 3.0, 3.0, 0.95)), verdicts)
    assert 0 < np.mean(verdicts) < 1


def test_audiences_are_pooled_as_the_analyzer_pools_them():
    rng = np.random.default_rng(1)
    steps = rng.integers(-3 * Z_STEPS, 3 * Z_STEPS, (5, 12, 4))
    weights = rng.integers(0, WEIGHT + 1, steps.shape) * (rng.random(steps.shape) < 0.9)
    mean, t, confidence = pool(steps / Z_STEPS, weights / WEIGHT)
    for index in np.ndindex(5, 4):
        here = (index[0], slice(None), index[1])
        bins = np.zeros(6 * Z_STEPS + 1, np.int64)
        np.add.at(bins, steps[here] + 3 * Z_STEPS, weights[here])
        want = spread(bins, int(np.sum(weights[here] ** 2)), 3.0, dsp.Settings().trim)
        assert want is not None
        assert mean[index] == pytest.approx(want.mean)
        assert t[index] == pytest.approx(want.mean / want.standard_error)
        p = 2 * stats.t.sf(abs(t[index]), want.effective - 1)
        assert confidence[index] == pytest.approx(1 - p)


def test_few_seats_are_unknown_and_unknown_meets_nothing():
    pooled = pool(np.ones((2, 8, 9)), np.ones((2, 8, 9)) * (np.arange(8) < 7)[:, None])
    assert np.isnan(pooled).all()
    assert not met(pooled, 0.0, 0.0, 0.0).any()


@pytest.mark.usefixtures("data_root")
def test_everybody_drawn_once_is_the_analyzers_audience():
    shown = arithmetic(35, 0)
    seats = seat_zs(shown, "task")[:, np.newaxis]
    drawn = draw(seats, 35, 1, np.random.default_rng(1))
    states = analyze(shown)[1220:1820][9::10]
    for row, signal in enumerate(SIGNALS):
        mean, t, confidence = pool(*drawn[:, row])
        found = [state.signals[dsp.SIGNALS.index(signal)] for state in states]
        want = np.array([(p.value, p.t, p.confidence) for p in found], np.float64).T
        # The analyzer rounds z to 1/256.
        np.testing.assert_allclose(mean[0], want[0], atol=0.01)
        np.testing.assert_allclose(t[0], want[1], rtol=0.02, atol=0.02)
        np.testing.assert_allclose(confidence[0], want[2], atol=0.01)


@pytest.mark.usefixtures("data_root")
def test_scores_of_noise_and_of_people():
    (table,) = score(SMALLEST)
    assert [row[0] for row in table.rows] == ["white noise", "rest", "task"]
    assert float(table.rows[0][2]) > 0.999


@pytest.mark.full
@pytest.mark.usefixtures("data_root")
def test_false_branches_run_in_their_smallest_form():
    simulated_minutes, surrogates, real, rules = run(SMALLEST)
    for table, minutes in ((simulated_minutes, "6"), (surrogates, "3")):
        assert len(table.rows) == len(JUDGED)
        assert all(row[1:3] == (str(SIZES[0]), minutes) for row in table.rows)
    assert any(row[0] == "task: engagement" and row[1] == "35" for row in real.rows)
    assert len(rules.rows) > len(SIGNALS)
