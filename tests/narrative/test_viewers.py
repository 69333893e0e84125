"""Simulated viewers: reproducible, and as their model says."""

from dataclasses import replace
from math import erf, inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from narrative import (
    SIMULATED,
    AudienceModel,
    SignalModel,
    Viewers,
    decision_points,
    load_film,
    over_film,
)
from narrative._wandering import Wandering

STILL = SignalModel((-2.0, 0.5, 3.0), sd=0.0, autocorrelation=0.8, standard_error=0.5, seats=20)
RESTLESS = SignalModel((0.0, 0.0, 0.0), 1.0, 0.9, 0.25, 12, unknown=0.2, unknown_s=6.0)

FILM = """
title: {en: Two rooms}
fps: 25
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: a.mkv, length: 60 s, lead_in: true, default: left}
  left:
    clip: b.mkv
    length: 24.48 s
    reading: {from: 2 s, to: 22 s}
    branches: [{when: "GUARD", to: right}]
    default: left_end
  right:
    clip: c.mkv
    length: 24.48 s
    reading: {from: 2 s, to: 22 s}
    branches: [{when: "GUARD", to: left}]
    default: right_end
  left_end: {clip: d.mkv, length: 10 s, ending: true}
  right_end: {clip: e.mkv, length: 10 s, ending: true}
"""


def film(guard="engagement > 0.5 for 5 s"):
    return load_film(FILM.replace("GUARD", guard), "film.yaml")


def lengths(of):
    return {name: scene.length_s for name, scene in of.scenes.items()}


def viewers(guard="engagement > 0.5 for 5 s", **model):
    shown = film(guard)
    return Viewers(AudienceModel(**model), shown, lengths(shown))


def watch(sitting):
    """See three scenes; ticks of each with film times."""
    seen = []
    at_s = 0.0
    for name, length_s in (("lead_in", 60.0), ("left", 24.48), ("right", 24.48)):
        ticks, ahead = sitting.enter(name, at_s)
        assert ahead is None
        seen.append((at_s, ticks))
        at_s += length_s
    return seen


def values(ticks, name="engagement"):
    return [readings[name].value for _, readings in ticks]


def test_a_pass_depends_on_its_seed_and_number_only():
    house = viewers()
    alone = watch(house.sit(3, 7))
    for number in range(5):
        watch(house.sit(3, number))
    assert watch(house.sit(3, 7)) == alone
    assert watch(viewers().sit(3, 7)) == alone
    assert watch(house.sit(3, 8)) != alone
    assert watch(house.sit(4, 7)) != alone


def test_each_audience_has_a_seed_for_the_films_chances():
    house = viewers()
    assert len({house.sit(1, number).seed for number in range(100)}) == 100


def test_guards_that_wait_are_read_every_second_of_the_window():
    _, ticks = watch(viewers().sit(1, 1))[1]
    assert [time_s for time_s, _ in ticks] == [float(second) for second in range(2, 23)]
    assert all(set(readings) == {"engagement"} for _, readings in ticks)


def test_guards_that_do_not_wait_are_read_at_the_last_second_alone():
    _, ticks = watch(viewers("engagement > 0.5").sit(1, 1))[1]
    assert [time_s for time_s, _ in ticks] == [22.0]


def test_scenes_that_ask_nothing_are_not_read():
    assert watch(viewers().sit(1, 1))[0][1] == []


def test_readings_of_one_second_are_the_same_wherever_a_cut_lies():
    """Two shots see what one scene would have: the seconds are film time's."""
    still = {"engagement": RESTLESS}
    house = viewers(signals=still, spread=0.0)
    one = house.sit(1, 1)
    one.enter("lead_in", 0.0)
    late = house.sit(1, 1)
    late.enter("lead_in", 0.0)
    early, later = values(one.enter("left", 60.0)[0]), values(late.enter("left", 65.0)[0])
    assert early[5:] == later[:-5]


@given(st.sampled_from([-1.0, -0.4, 0.0, 0.3, 1.0]), st.sampled_from([-1.0, 0.0, 0.7]))
def test_the_mean_follows_the_scene_as_fast_as_the_reading_forgets(left, right):
    """The twin: second by second, a step towards the scene's mean."""
    house = viewers(
        signals={"engagement": STILL}, responses={"left": left, "right": right}, spread=0.0
    )
    (_, _), (_, on_left), (_, on_right) = watch(house.sit(1, 1))
    value, twin = 0.5, []
    for second in range(60 + 24 + 24):
        level = 0.0 if second < 60 else left if second < 84 else right
        twin.append(value)
        target = np.interp(level, [-1, 0, 1], STILL.means)
        value = target + STILL.autocorrelation * (value - target)
    assert values(on_left) == pytest.approx(twin[62:83], abs=0.0051)
    assert values(on_right) == pytest.approx(twin[86:107], abs=0.0051)


def test_audiences_differ_in_what_a_scene_does_to_them():
    still = {"engagement": STILL}
    house = viewers(signals=still, responses={"left": 0.2}, spread=0.3)
    ends = [values(watch(house.sit(1, number))[1][1])[-1] for number in range(400)]
    levels = np.interp(ends, STILL.means, [-1, 0, 1])
    assert np.mean(levels) == pytest.approx(0.2, abs=0.05)
    assert np.std(levels) == pytest.approx(0.3, abs=0.05)
    calm = viewers(signals=still, responses={"left": 0.2}, spread=0.0)
    assert len({values(watch(calm.sit(1, number))[1][1])[-1] for number in range(20)}) == 1


def test_no_level_goes_beyond_what_was_measured():
    house = viewers(signals={"engagement": STILL}, spread=5.0)
    ends = [values(watch(house.sit(1, number))[1][1])[-1] for number in range(200)]
    assert min(ends) >= STILL.means[0]
    assert max(ends) <= STILL.means[2]
    assert max(ends) > 2.9


@pytest.mark.parametrize("seats", [8, 23, inf])
def test_t_and_confidence_follow_the_value(seats):
    one = SignalModel((0.0, 0.0, 0.0), 0.6, 0.5, 0.3, seats)
    house = viewers(signals={"engagement": one}, spread=0.0)
    shown = film()
    points = decision_points(shown, lengths(shown))
    assert points > 1
    for _, readings in watch(house.sit(1, 1))[1][1]:
        reading = readings["engagement"]
        t = reading.value / 0.3
        p = 1 - erf(abs(t) / sqrt(2)) if seats == inf else 2 * stats.t.sf(abs(t), seats - 1)
        assert reading.t == pytest.approx(t)
        assert reading.confidence == pytest.approx(over_film(1 - p, points))
        assert reading.reason == ""


THREADS = """
title: {en: Threads}
fps: 25
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: a.mkv, length: 60 s, lead_in: true, default: chase}
  chase:
    threads: {anna: b.mkv, ben: c.mkv}
    length: 30 s
    cuts: {every: 6 s, branches: [{when: "engagement < 0", to: other}]}
    reading: {from: 2 s, to: 28 s}
    branches: [{when: "engagement > 0.5 for 5 s", to: talk}]
    default: end
  talk:
    clip: d.mkv
    length: 20 s
    reading: {from: 2 s, to: 18 s}
    branches: [{when: "synchrony > 3", to: end}]
    default: end
  end: {clip: e.mkv, length: 10 s, ending: true}
"""


def test_cosmetic_cuts_are_read_as_they_are_and_the_story_over_the_whole_film():
    shown = load_film(THREADS, "film.yaml")
    sitting = Viewers(AudienceModel(), shown, lengths(shown)).sit(1, 1)
    points = decision_points(shown, lengths(shown))
    assert points > 1
    sitting.enter("lead_in", 0.0)
    ticks, ahead = sitting.enter("chase.anna.1", 60.0)
    assert [time_s for time_s, _ in ticks] == [time_s for time_s, _ in ahead]
    for (_, here), (_, there) in zip(ticks, ahead, strict=True):
        plain, sure = here["engagement"], there["engagement"]
        assert sure.value == plain.value
        assert sure.confidence == over_film(plain.confidence, points)


def test_an_unknown_reading_says_why():
    lost = replace(RESTLESS, unknown=1.0)
    for _, readings in watch(viewers(signals={"engagement": lost}).sit(1, 1))[1][1]:
        reading = readings["engagement"]
        assert (reading.value, reading.t, reading.confidence) == (None, None, None)
        assert reading.reason


def test_the_trend_is_the_slope_over_ten_seconds():
    """The twin: a straight line through the known values, by numpy."""
    house = viewers(
        "engagement.trend < 0 and synchrony > 3 for 5 s",
        signals={"engagement": RESTLESS, "synchrony": SIMULATED["synchrony"]},
        spread=0.0,
    )
    checked = unknown = 0
    for number in range(20):
        sitting = house.sit(1, number)
        sitting.enter("lead_in", 0.0)
        ticks, _ = sitting.enter("left", 60.0)
        past = dict(enumerate(values(ticks), 2))
        for second in range(11, 23):
            reading = ticks[second - 2][1]["engagement"]
            known = [(k, past[k]) for k in range(second - 9, second + 1) if past[k] is not None]
            if reading.value is None or len(known) < 5:
                assert reading.trend is None
                unknown += 1
                continue
            slope = np.polyfit(*np.array(known).T, 1)[0]
            assert reading.trend == pytest.approx(slope, abs=0.003)
            checked += 1
    assert checked > 100
    assert unknown > 10


def test_a_film_that_reads_no_trend_gets_none():
    _, ticks = watch(viewers().sit(1, 1))[1]
    assert all(readings["engagement"].trend is None for _, readings in ticks)


def test_what_the_model_lacks_is_named_and_never_read():
    house = viewers("relaxation > 0.5 or engagement > 0.5", signals={"engagement": STILL})
    assert house.missing == ("relaxation",)
    _, ticks = watch(house.sit(1, 1))[1]
    assert all(set(readings) == {"engagement"} for _, readings in ticks)


def test_a_zone_has_fewer_seats_and_errs_more():
    guard = "engagement.zone(left) > 0.5 and engagement.zone(right) > 0.5 for 5 s"
    house = viewers(guard, signals={"engagement": replace(STILL, sd=0.0)}, spread=0.0)
    _, ticks = watch(house.sit(1, 1))[1]
    reading = ticks[0][1]["engagement.zone(left)"]
    assert reading.seats == STILL.seats / 2
    assert reading.t == pytest.approx(reading.value / (STILL.standard_error * sqrt(2)))
    own = viewers(guard, signals={"engagement": STILL, "engagement.zone(left)": RESTLESS})
    _, ticks = watch(own.sit(1, 1))[1]
    assert {r["engagement.zone(left)"].seats for _, r in ticks} <= {RESTLESS.seats}


def test_fewer_seats_are_less_in_step_with_each_other():
    half = SIMULATED["synchrony"].in_part(2)
    assert half.means[2] == SIMULATED["synchrony"].means[2] / 2
    assert half.sd == SIMULATED["synchrony"].sd
    assert half.standard_error == 1


MODELS = st.builds(
    SignalModel,
    means=st.just((0.0, 0.0, 0.0)),
    sd=st.floats(0, 3),
    autocorrelation=st.floats(0, 0.99),
    standard_error=st.just(1.0),
    seats=st.just(10.0),
    unknown=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
    unknown_s=st.floats(1, 30),
)


@given(st.lists(MODELS, min_size=1, max_size=3), st.integers(0, 1 << 32))
def test_wandering_is_its_definition_second_by_second(models, seed):
    """The twin: x' = a x + sd sqrt(1 - a^2) e, and a coin for each second to be lost or found."""
    wandering = Wandering(models)
    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    astray, lost = wandering.begin(rng)
    twin = [one.sd * e for one, e in zip(models, again.standard_normal(len(models)), strict=True)]
    gone = [u < one.unknown for one, u in zip(models, again.random(len(models)), strict=True)]
    strays, _, _ = wandering.go_on(rng, astray, lost)
    noise = again.standard_normal(strays.shape)
    some = any(one.unknown for one in models)
    coins = again.random(strays.shape) if some else np.full(strays.shape, 0.5)
    for row, one in enumerate(models):
        a, u = one.autocorrelation, one.unknown
        stretch_s = inf if u == 1 else max(one.unknown_s, 1 / (1 - u))
        lose = 1.0 if u == 1 else u / (1 - u) / stretch_s
        for second in range(300):
            twin[row] = a * twin[row] + one.sd * sqrt(1 - a**2) * noise[row, second]
            coin = coins[row, second]
            gone[row] = coin < 1 - 1 / stretch_s if gone[row] else coin < lose
            assert np.isnan(strays[row, second]) == gone[row]
            if not gone[row]:
                assert strays[row, second] == pytest.approx(twin[row], abs=1e-9)


def test_blocks_join_without_a_seam():
    wandering = Wandering([replace(RESTLESS, autocorrelation=0.95, unknown=0.0)])
    rng = np.random.default_rng(1)
    astray, lost = wandering.begin(rng)
    steps = []
    for _ in range(200):
        before = astray
        strays, astray, lost = wandering.go_on(rng, astray, lost)
        steps.append(float(strays[0, 0] - 0.95 * before[0]))
    assert np.std(steps) == pytest.approx(sqrt(1 - 0.95**2), rel=0.2)


def test_wandering_has_the_models_moments():
    wandering = Wandering([RESTLESS])
    rng = np.random.default_rng(2)
    astray, lost = wandering.begin(rng)
    blocks = []
    for _ in range(200):
        strays, astray, lost = wandering.go_on(rng, astray, lost)
        blocks.append(strays[0])
    x = np.concatenate(blocks)
    gone = np.isnan(x)
    pairs = x[1:] * x[:-1]
    stretches = np.count_nonzero(np.diff(gone.astype(int)) == 1)
    assert gone.mean() == pytest.approx(0.2, abs=0.02)
    assert gone.sum() / stretches == pytest.approx(6.0, rel=0.1)
    assert np.nanstd(x) == pytest.approx(1.0, rel=0.05)
    assert np.nanmean(pairs) / np.nanvar(x) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sd", -0.1),
        ("autocorrelation", 1.0),
        ("standard_error", 0.0),
        ("seats", 1.0),
        ("unknown", 1.1),
        ("unknown_s", 0.5),
        ("sd", float("nan")),
    ],
)
def test_a_number_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        replace(RESTLESS, **{name: value})
