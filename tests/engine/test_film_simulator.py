"""The film simulator: the machine's own passes, counted right, told with a pass that shows it."""

import re
from collections import Counter
from math import inf
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import dsp
from benchmarks._levels import at_level
from engine.authoring import (
    _simulate,
    findings,
    fit_audience,
    pass_lines,
    read_audience,
    replay_pass,
    simulate_film,
    simulation_page,
    summary_lines,
)
from engine.authoring._tally import NEVER, Counts, Share
from engine.authoring._telling import clock, percent, running_times
from engine.config import ShowError
from engine.rehearsal import rehearse
from engine.session import SessionError
from narrative import SIMULATED, AudienceModel, SignalModel, load_film, planned_lengths

FILM = """\
title: {en: "A <b>bold</b> film & more", zh-Hant: 片}
fps: 25
start: lead_in
max_runtime: 8 min
variables: {met_anna: false}
scenes:
  lead_in: {clip: a.mkv, length: 60 s, lead_in: true, default: harbour}
  harbour:
    title: {en: The "harbour"}
    clip: b.mkv
    length: 24.4 s
    reading: {from: 3 s, to: 22 s}
    branches:
      - {when: "engagement > 0.7 and engagement.t > 3 for 5 s", to: storm, set: {met_anna: true}}
      - {when: "chance(0.25) and not met_anna", to: sea}
    default: calm
  storm: {clip: c.mkv, length: 30 s, default: harbour}
  sea: {clip: d.mkv, length: 40 s, ending: true}
  calm: {clip: e.mkv, length: 50 s, ending: true}
"""

THREADS = """\
title: {en: Chase}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: a.mkv, length: 60 s, lead_in: true, default: chase}
  chase:
    threads: {anna: b.mkv, ben: c.mkv}
    length: 31 s
    cuts:
      every: 6 s
      confidence: 0.5
      branches: [{when: "engagement < 0", to: other}]
    reading: {from: 10 s, to: 29 s}
    branches: [{when: "engagement > 0.5 for 15 s", to: caught}]
    default: lost
  caught: {clip: d.mkv, length: 10 s, ending: true}
  lost: {clip: e.mkv, length: 10 s, ending: true}
"""


def simulated(text, passes=60, seed=1, audience=None, **where):
    film = load_film(text, "film.yaml")
    lengths_s = planned_lengths(film)
    audience = audience or AudienceModel(**where)
    return (
        film,
        lengths_s,
        audience,
        simulate_film(film, lengths_s, audience, passes=passes, seed=seed),
    )


def same(one, other):
    names = ("visits", "shown", "ended", "taken", "verdicts", "cut", "lasted")
    return one.tally.passes == other.tally.passes and all(
        np.array_equal(
            getattr(getattr(one.tally, name), part), getattr(getattr(other.tally, name), part)
        )
        for name in names
        for part in ("times", "first")
    )


# counting -------------------------------------------------------------------------


@pytest.mark.parametrize("text", [FILM, THREADS])
def test_counts_are_those_of_the_passes_one_by_one(text):
    """The twin: every pass told in words by `decide`, counted by hand."""
    film, lengths_s, audience, simulation = simulated(text)
    visits, shown, ended, taken = Counter(), Counter(), Counter(), Counter()
    verdicts, lasted, first = Counter(), Counter(), {}
    for number in range(1, 61):
        run = replay_pass(film, lengths_s, audience, 1, number)
        for step in run.steps:
            visits[step.scene] += 1
            first.setdefault(film.scenes[step.scene].of, number)
            if step.decision is not None:
                taken[step.scene, step.decision.branch] += 1
                for branch, reason in enumerate(step.decision.reasons):
                    verdicts[step.scene, branch, reason.verdict] += 1
        shown.update({film.scenes[step.scene].of for step in run.steps})
        ended[film.scenes[run.steps[-1].scene].of] += 1
        lasted[int(sum(lengths_s[step.scene] for step in run.steps))] += 1
    assert len(ended) > 1
    for name, scene in film.scenes.items():
        assert simulation.visits(name) == visits[name]
        for branch in range(len(scene.branches)):
            assert simulation.taken(scene, branch) == Share(taken[name, branch], visits[name])
            assert simulation.judged(scene, branch) == tuple(
                verdicts[name, branch, verdict] for verdict in ("false", "unknown", "true")
            )
    for name, place in simulation.places.written.items():
        assert simulation.shown(name) == Share(shown[name], 60)
        assert simulation.ended(name) == Share(ended[name], 60)
        assert simulation.tally.shown.first_pass(place) == first.get(name)
    counted = simulation.tally.lasted.times
    assert {int(s): int(counted[s]) for s in np.flatnonzero(counted)} == lasted


def test_a_pass_is_continuous_and_ends():
    film, lengths_s, audience, _ = simulated(THREADS)
    for number in range(1, 30):
        run = replay_pass(film, lengths_s, audience, 5, number)
        at_s = 0.0
        for step in run.steps:
            assert step.entered_s == pytest.approx(at_s)
            at_s += lengths_s[step.scene]
        assert run.length_s == pytest.approx(at_s)
        assert film.scenes[run.steps[-1].scene].ending


def test_more_passes_begin_with_the_same_ones():
    film, lengths_s, audience, few = simulated(FILM, passes=40)
    more = simulate_film(film, lengths_s, audience, passes=80, seed=1)
    reached = few.tally.taken.first < NEVER
    assert reached.any()
    assert np.array_equal(few.tally.taken.first[reached], more.tally.taken.first[reached])
    assert same(few, simulate_film(film, lengths_s, audience, passes=40, seed=1))
    assert not same(few, simulate_film(film, lengths_s, audience, passes=40, seed=2))


@pytest.mark.full
def test_processes_count_what_one_process_does(monkeypatch):
    film, lengths_s, audience, alone = simulated(FILM, passes=900)
    monkeypatch.setattr(_simulate, "_FEW", 1)
    seen = []
    together = simulate_film(
        film, lengths_s, audience, passes=900, seed=1, progress=lambda *now: seen.append(now)
    )
    assert same(alone, together)
    assert seen == [(done, 900) for done in range(100, 901, 100)]


def test_what_the_film_leaves_to_chance_comes_as_often_as_it_says():
    calm = {"engagement": SignalModel((-1.0, -1.0, -1.0), 0.1, 0.5, 0.1, 20)}
    film, _, _, simulation = simulated(FILM, passes=900, signals=calm)
    low, high = simulation.taken(film.scenes["harbour"], 1).interval
    assert low < 0.25 < high
    assert high - low < 0.07


def test_the_audience_goes_where_its_scenes_draw_it():
    film, _, _, simulation = simulated(FILM, passes=50, responses={"harbour": 1.0}, spread=0.0)
    harbour = film.scenes["harbour"]
    # Again and again, until max_runtime lets it take the default only.
    assert simulation.cut == Share(50, 50)
    assert simulation.taken(harbour, 0).value > 0.8
    assert simulation.ended("calm") == Share(50, 50)


@given(
    st.lists(st.tuples(st.integers(1, 50), st.lists(st.integers(0, 4), max_size=9)), max_size=20),
    st.integers(0, 20),
)
def test_counts_can_be_split_anywhere(happened, cut):
    def counted(part):
        counts = Counts(5)
        for number, places in part:
            counts.note(number, places)
        return counts

    whole, left, right = counted(happened), counted(happened[:cut]), counted(happened[cut:])
    left.add(right)
    assert np.array_equal(left.times, whole.times)
    assert np.array_equal(left.first, whole.first)
    for place in range(5):
        numbers = [number for number, places in happened if place in places]
        assert whole.first_pass(place) == (min(numbers) if numbers else None)
        assert whole.times[place] == sum(places.count(place) for _, places in happened)


@given(st.integers(1, 10_000), st.data())
def test_intervals_are_wilsons(trials, data):
    hits = data.draw(st.integers(0, trials))
    low, high = stats.binomtest(hits, trials).proportion_ci(0.95, "wilson")
    assert Share(hits, trials).interval == pytest.approx((low, high), abs=1e-6)


def test_nothing_tried_is_nothing_known():
    assert Share(0, 0).value == 0
    assert Share(0, 0).interval == (0.0, 1.0)


def test_running_times_are_ordered():
    lasted = Counts(100)
    for number, second in enumerate([50, 20, 70, 30, 60], 1):
        lasted.note(number, [second])
    times = running_times(lasted)
    assert (times.shortest, times.median, times.longest) == (20, 50, 70)


# findings -------------------------------------------------------------------------

DEAD_ENDS = """\
title: {en: Dead ends}
fps: 25
start: lead_in
max_runtime: 3 min
variables: {key: false}
scenes:
  lead_in: {clip: a.mkv, length: 60 s, lead_in: true, default: hall}
  hall:
    clip: b.mkv
    length: 30 s
    reading: {from: 3 s, to: 28 s}
    branches:
      - {when: "key and chance(0.9)", to: vault}
      - {when: "chance(0.5)", to: hall}
      - {when: "chance(0.004)", to: trapdoor}
      - {when: "relaxation > 99", to: cellar}
      - {when: "chance(0.02)", to: cellar}
    default: stairs
  vault: {clip: c.mkv, length: 20 s, default: gold}
  gold: {clip: d.mkv, length: 20 s, ending: true}
  trapdoor: {clip: d.mkv, length: 20 s, ending: true}
  cellar: {clip: e.mkv, length: 20 s, default: stairs}
  stairs:
    clip: f.mkv
    length: 30 s
    reading: {from: 3 s, to: 28 s}
    branches: [{when: "chance(0.004)", to: roof}]
    default: street
  street: {clip: g.mkv, length: 20 s, ending: true}
  roof: {clip: h.mkv, length: 20 s, ending: true}
"""


@pytest.fixture(scope="module")
def dead_ends():
    film, lengths_s, audience, simulation = simulated(
        DEAD_ENDS, passes=900, signals={"engagement": SIMULATED["engagement"]}
    )
    return film, lengths_s, audience, simulation, findings(film, simulation)


def of(found, words):
    (one,) = [finding for finding in found if words in finding.what]
    return one


def test_scenes_behind_a_scene_that_never_came_are_told_with_it(dead_ends):
    *_, found = dead_ends
    vault = of(found, '"vault" was never shown')
    assert "nor the scene behind it" in vault.what
    assert "0.4 %" in vault.what
    assert "“key and chance(0.9)” was false" in vault.remedy
    assert "it can never come true there" in vault.remedy
    assert not [finding for finding in found if '"gold"' in finding.what]


def test_a_branch_that_was_never_taken_is_told_with_its_reason(dead_ends):
    *_, found = dead_ends
    hall = of(found, '"hall" (')
    assert "never took 1 of its 5 branches" in hall.what
    assert "“relaxation > 99” was unknown" in hall.remedy
    assert "relaxation = 1" in hall.remedy  # what would make it true


def test_a_decision_that_asks_nobody_is_shown_by_a_pass(dead_ends):
    film, lengths_s, audience, simulation, found = dead_ends
    stairs = of(found, '"stairs" takes its default')
    run = replay_pass(film, lengths_s, audience, simulation.seed, stairs.number)
    assert ("stairs", None) in [(s.scene, s.decision.branch) for s in run.steps if s.decision]


def test_a_rare_ending_is_shown_by_a_pass(dead_ends):
    film, lengths_s, audience, simulation, found = dead_ends
    rare = [f for f in found if "the ending" in f.what]
    assert rare
    for finding in rare:
        name = re.search('"(.*?)"', finding.what)[1]
        run = replay_pass(film, lengths_s, audience, simulation.seed, finding.number)
        assert run.steps[-1].scene == name
        assert simulation.ended(name).value < 0.01


def test_max_runtime_that_ends_the_say_is_shown_by_a_pass(dead_ends):
    film, lengths_s, audience, simulation, found = dead_ends
    cut = of(found, "max_runtime")
    assert cut.where == film.source["max_runtime"]
    run = replay_pass(film, lengths_s, audience, simulation.seed, cut.number)
    assert "max_runtime" in [step.decision.by for step in run.steps if step.decision]
    assert clock(running_times(simulation.tally.lasted).longest) in cut.remedy


def test_signals_that_no_audience_gives_are_named(dead_ends):
    *_, found = dead_ends
    assert "relaxation" in found[0].what
    assert found[0].where == "film.yaml:1:1"


def test_findings_are_in_file_order_with_their_place(dead_ends):
    *_, found = dead_ends
    lines = [int(finding.where.split(":")[1]) for finding in found]
    assert lines == sorted(lines)
    assert all(str(finding).startswith(f"{finding.where}: ") for finding in found)


def test_a_sound_film_has_no_findings():
    film, _, _, simulation = simulated(THREADS, passes=200)
    assert findings(film, simulation) == ()


# words ----------------------------------------------------------------------------


def test_a_pass_is_told_with_readings_and_reasons():
    film, lengths_s, audience, _ = simulated(FILM)
    run = replay_pass(film, lengths_s, audience, 1, 3)
    lines = pass_lines(film, run)
    assert lines[0].startswith("pass 3 of seed 1: ")
    assert any('harbour  The "harbour"' in line for line in lines)
    for step in run.steps:
        if step.decision is not None:
            assert any(step.decision.explanation in line for line in lines)
            for name, reading in step.decision.readings:
                told = "unknown" if reading.value is None else f"{name}: {reading.value:.2f}"
                assert any(told in line for line in lines)


def test_a_summary_names_the_endings():
    film, _, _, simulation = simulated(FILM)
    lines = summary_lines(film, simulation)
    assert lines[0].startswith("60 passes of seed 1: ")
    assert percent(simulation.ended("calm").value) in next(line for line in lines if "calm" in line)


def test_times_and_shares_are_written_for_people():
    assert [clock(s) for s in (5, 65.9, 3723)] == ["0:05", "1:05", "1:02:03"]
    assert [percent(s) for s in (0, 0.5, 0.00042)] == ["0.0 %", "50.0 %", "0.042 %"]


# page -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", [FILM, THREADS, DEAD_ENDS])
def test_the_page_is_whole_and_asks_for_nothing(text):
    film, _, _, simulation = simulated(text)
    page = simulation_page(
        film, simulation, findings(film, simulation), "hall film simulate f.yaml"
    )
    tree = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
    assert tree.find("body") is not None
    assert not re.search(r"<script|\bsrc=|href=|@import|url\((?!#)", page)
    for name in simulation.places.written:
        assert name in page


def test_the_page_escapes_what_filmmakers_write():
    film, _, _, simulation = simulated(FILM)
    page = simulation_page(film, simulation, findings(film, simulation), "hall film simulate <x>")
    assert "<b>bold</b>" not in page
    assert "A &lt;b&gt;bold&lt;/b&gt; film &amp; more" in page
    assert "<x>" not in page


def test_the_page_says_how_to_see_a_finding_again(dead_ends):
    film, _, _, simulation, found = dead_ends
    page = simulation_page(film, simulation, found, "hall film simulate f.yaml --seed 1")
    for finding in found:
        if finding.number is not None:
            assert f"hall film simulate f.yaml --seed 1 --pass {finding.number}" in page


# audiences ------------------------------------------------------------------------


def states(values, errors, seats=20.0):
    """States of engagement and synchrony alone, one value a second."""
    for second, (value, error) in enumerate(zip(values, errors, strict=True)):
        for part in (0, dsp.TICKS_PER_SECOND - 1):
            tick = second * dsp.TICKS_PER_SECOND + part
            # Only the end of a second holds all of it.
            now = value if part == dsp.TICKS_PER_SECOND - 1 else 99.0
            pooled = tuple(
                dsp.Pooled(name, now, error, 1.0, 0.9, 20, seats)
                if now is not None
                else dsp.Pooled(name, None, None, None, None, 3, None, reason="3 valid seats")
                for name in dsp.SIGNALS
            )
            yield dsp.AudienceState(tick, pooled, (), (), None)


def test_a_fit_finds_the_process_that_made_the_readings():
    rng = np.random.default_rng(1)
    x, values, lost = 0.0, [], False
    for second in range(8_000):
        x = 0.9 * x + 0.3 * np.sqrt(1 - 0.9**2) * rng.standard_normal()
        lost = rng.random() < (0.8 if lost else 0.05)
        values.append(None if lost or second < 40 else 0.5 + x)
    fitted = fit_audience(states(values, [0.2] * len(values))).signals["engagement"]
    assert fitted.means == pytest.approx((0.5, 0.5, 0.5), abs=0.07)
    assert fitted.sd == pytest.approx(0.3, rel=0.1)
    assert fitted.autocorrelation == pytest.approx(0.9, abs=0.02)
    assert fitted.standard_error == pytest.approx(0.2)
    assert fitted.seats == 20
    assert fitted.unknown == pytest.approx(0.05 / (0.05 + 0.2), abs=0.03)
    assert fitted.unknown_s == pytest.approx(1 / 0.2, rel=0.1)


def test_synchrony_is_in_units_of_its_own_error():
    values = np.random.default_rng(1).normal(3, 1, 100).tolist()
    fitted = fit_audience(states(values, [0.004] * 100)).signals["synchrony"]
    assert fitted.standard_error == 1
    assert fitted.seats == inf


def test_what_was_hardly_known_is_left_out():
    assert fit_audience(states([1.0] * 20 + [None] * 80, [0.1] * 100)).signals == {}


def test_a_reading_that_never_moved_fits_too():
    fitted = fit_audience(states([1.0] * 100, [0.1] * 100)).signals["engagement"]
    assert (fitted.sd, fitted.autocorrelation, fitted.unknown) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("audiences", "slack"), [(1, 2.0), pytest.param(4, 1.0, marks=pytest.mark.full)]
)
def test_the_shipped_figures_are_those_of_simulated_eeg(audiences, slack):
    """Viewers generated as EEG, through the analyzer, at three levels; four minutes of each."""
    fits = {
        level: [fit_audience(at_level(level, 101 + k, 240.0)).signals for k in range(audiences)]
        for level in (-1.0, 0.0, 1.0)
    }

    def mean(name, what, level=0.0):
        return np.mean([getattr(fit[name], what) for fit in fits[level]])

    assert len(fits[0.0][0]) >= 6
    for name in fits[0.0][0]:
        shipped = SIMULATED[name]
        error = 0.15 + 0.25 * shipped.sd  # audiences differ, and minutes are few
        for level, expected in zip((-1.0, 0.0, 1.0), shipped.means, strict=True):
            at = mean(name, "means", level)
            assert at == pytest.approx(expected, abs=slack * (error + 0.04 * abs(expected)))
        assert mean(name, "sd") == pytest.approx(shipped.sd, rel=0.25 * slack)
        assert mean(name, "autocorrelation") == pytest.approx(
            shipped.autocorrelation, abs=0.05 * slack
        )
        assert mean(name, "standard_error") == pytest.approx(
            shipped.standard_error, rel=0.15 * slack
        )
        assert mean(name, "seats") == pytest.approx(shipped.seats, rel=0.15)
        assert mean(name, "unknown") == pytest.approx(shipped.unknown, abs=0.02)


def test_without_a_file_the_shipped_figures_are_taken():
    assert dict(read_audience(None).signals) == dict(SIMULATED)


def test_a_show_gives_its_seats_and_responses(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text(
        'film = "none.yaml"\n'
        '[[sources]]\nkind = "simulated"\nseats = "A1..A6"\nresponses = {storm = -0.5}\n'
        '[[sources]]\nkind = "brainflow"\nboard = "SYNTHETIC_BOARD"\nseats = "B1..B6"\n'
    )
    audience = read_audience(path)
    assert audience.responses == {"storm": -0.5}
    engagement, shipped = audience.signals["engagement"], SIMULATED["engagement"]
    assert engagement.seats == shipped.seats / 2
    assert engagement.standard_error == pytest.approx(shipped.standard_error * 2**0.5)


@pytest.mark.parametrize("text", ["film = 3", 'film = "a.yaml"', "not toml ["])
def test_a_show_file_that_says_nothing_is_refused(tmp_path, text):
    path = tmp_path / "show.toml"
    path.write_text(text)
    with pytest.raises(ShowError, match=r"show\.toml"):
        read_audience(path)


def test_a_session_gives_its_audience(make_show, audience, tmp_path, short_film):
    """Nine viewers in a scene that draws them: 84 s of it, the lead-in left out."""
    text = short_film.replace("length: 24 s", "length: 90 s")
    path = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9), film=text), path, tmp_path)
    fitted = read_audience(path).signals["engagement"]
    assert 1.0 < fitted.means[1] < SIMULATED["engagement"].means[2] + 1
    assert fitted.sd > 0.2  # they were drawn from 0 to there
    assert fitted.seats == 9


def test_a_session_that_was_cut_off_in_its_lead_in_says_so(make_show, audience, tmp_path):
    path = tmp_path / "s.mcap"
    rehearse(make_show(audience(seats=9)), path, tmp_path)
    with pytest.raises(SessionError, match="lead-in"):
        read_audience(path)


def test_a_file_that_is_no_session_is_refused(tmp_path):
    path = tmp_path / "one.mcap"
    path.write_bytes(b"no session")
    with pytest.raises(SessionError, match=r"one\.mcap"):
        read_audience(path)
